#include "database/settings.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/contract/temp_dir.h"

namespace atozsync {
namespace {

TEST(DatabaseUrlTest, NamesServerUserAndDatabase) {
  Result<DatabaseSettings> settings =
      ParseDatabaseUrl("mariadb://atozsync@127.0.0.1:3307/opendental");
  ASSERT_TRUE(settings.ok()) << settings.status().ToString();
  EXPECT_EQ(settings->host, "127.0.0.1");
  EXPECT_EQ(settings->port, 3307);
  EXPECT_EQ(settings->user, "atozsync");
  EXPECT_EQ(settings->database, "opendental");
  EXPECT_TRUE(settings->socket.empty());
  EXPECT_FALSE(settings->tls);
  EXPECT_TRUE(settings->is_local());
  EXPECT_EQ(settings->Name(), "opendental at 127.0.0.1:3307");
}

TEST(DatabaseUrlTest, MysqlIsTheSameAndThePortMayBeLeftOut) {
  Result<DatabaseSettings> settings = ParseDatabaseUrl("mysql://a@db.office.example/od");
  ASSERT_TRUE(settings.ok());
  EXPECT_EQ(settings->port, 3306);
  EXPECT_FALSE(settings->is_local());
}

TEST(DatabaseUrlTest, TakesASocket) {
  Result<DatabaseSettings> settings =
      ParseDatabaseUrl("mariadb://a@localhost/od?socket=/run/mysqld/mysqld.sock");
  ASSERT_TRUE(settings.ok());
  EXPECT_EQ(settings->socket, "/run/mysqld/mysqld.sock");
  EXPECT_EQ(settings->Name(), "od at /run/mysqld/mysqld.sock");
}

TEST(DatabaseUrlTest, TakesTlsWithItsAuthority) {
  Result<DatabaseSettings> settings =
      ParseDatabaseUrl("mariadb://a@10.8.0.1/od?tls=required&ca=/etc/ca%20of%20office.pem");
  ASSERT_TRUE(settings.ok());
  EXPECT_TRUE(settings->tls);
  EXPECT_EQ(settings->tls_ca, "/etc/ca of office.pem");
}

TEST(DatabaseUrlTest, TakesAnAddressOfVersionSix) {
  Result<DatabaseSettings> settings = ParseDatabaseUrl("mariadb://a@[::1]:3308/od");
  ASSERT_TRUE(settings.ok());
  EXPECT_EQ(settings->host, "::1");
  EXPECT_EQ(settings->port, 3308);
  EXPECT_EQ(settings->Name(), "od at [::1]:3308");
}

TEST(DatabaseUrlTest, DecodesWhatIsEscaped) {
  Result<DatabaseSettings> settings = ParseDatabaseUrl("mariadb://a%40b@h/d%C3%A9");
  ASSERT_TRUE(settings.ok());
  EXPECT_EQ(settings->user, "a@b");
  EXPECT_EQ(settings->database, "d\xc3\xa9");
}

TEST(DatabaseUrlTest, RefusesAPasswordAndSaysWhere) {
  Result<DatabaseSettings> settings = ParseDatabaseUrl("mariadb://a:secret@h/od");
  ASSERT_TRUE(settings.Is(Errc::kInvalid));
  EXPECT_NE(settings.error().context.find("password_file"), std::string::npos);
  EXPECT_EQ(settings.error().context.find("secret"), std::string::npos);
}

TEST(DatabaseUrlTest, RepeatsNoPasswordGivenAsAnOption) {
  Result<DatabaseSettings> settings = ParseDatabaseUrl("mariadb://a@h/od?password=secret");
  ASSERT_TRUE(settings.Is(Errc::kInvalid));
  EXPECT_NE(settings.error().context.find("'password' is no option"), std::string::npos);
  EXPECT_EQ(settings.error().context.find("secret"), std::string::npos);
}

TEST(DatabaseUrlTest, IsOnThisMachineByNumberNotByTheBeginningOfAName) {
  EXPECT_TRUE(ParseDatabaseUrl("mariadb://a@127.0.1.1/od")->is_local());
  EXPECT_TRUE(ParseDatabaseUrl("mariadb://a@localhost/od")->is_local());
  EXPECT_FALSE(ParseDatabaseUrl("mariadb://a@127.office.example/od")->is_local());
  EXPECT_FALSE(ParseDatabaseUrl("mariadb://a@localhost.office.example/od")->is_local());
}

TEST(DatabaseUrlTest, RefusesWhatCannotBe) {
  for (const char* url : {"",
                          "opendental",
                          "http://a@h/od",
                          "mariadb://h/od",
                          "mariadb://@h/od",
                          "mariadb://a@/od",
                          "mariadb://a@h",
                          "mariadb://a@h/",
                          "mariadb://a@h/a/b",
                          "mariadb://a@h:0/od",
                          "mariadb://a@h:70000/od",
                          "mariadb://a@h:x/od",
                          "mariadb://a@h:/od",
                          "mariadb://a@[::1/od",
                          "mariadb://a@[::1]9/od",
                          "mariadb://a@[::1\n]/od",
                          "mariadb://a%4@h/od",
                          "mariadb://a%zz@h/od",
                          "mariadb://a%0a@h/od",
                          "mariadb://a@h/od?tls=required",
                          "mariadb://a@h/od?ca=x",
                          "mariadb://a@h/od?tls=maybe",
                          "mariadb://a@h/od?socket=",
                          "mariadb://a@h/od?wat=1",
                          "mariadb://a@h/od?tls=required&ca=f&socket=/s"}) {
    EXPECT_TRUE(ParseDatabaseUrl(url).Is(Errc::kInvalid)) << url;
  }
  EXPECT_TRUE(ParseDatabaseUrl("mariadb://a@h/" + std::string(5000, 'x')).Is(Errc::kInvalid));
}

class PasswordFileTest : public testing::Test {
 protected:
  std::string Write(const std::string& text, int mode) {
    const std::string path = dir_.path() + "/password";
    std::ofstream(path, std::ios::binary) << text;
    std::filesystem::permissions(path, static_cast<std::filesystem::perms>(mode));
    return path;
  }
  TempDir dir_;
};

TEST_F(PasswordFileTest, GivesTheFirstLine) {
  EXPECT_EQ(ReadPasswordFile(Write("s3cret word\nmore\n", 0600)).value(), "s3cret word");
  EXPECT_EQ(ReadPasswordFile(Write("windows\r\n", 0640)).value(), "windows");
  EXPECT_EQ(ReadPasswordFile(Write("bare", 0400)).value(), "bare");
}

TEST_F(PasswordFileTest, RefusesWhatOthersCanReadOrChange) {
  for (const int mode : {0644, 0604, 0602, 0660, 0620, 0601}) {
    Result<std::string> password = ReadPasswordFile(Write("s3cret", mode));
    ASSERT_TRUE(password.Is(Errc::kPermission)) << std::oct << mode;
    EXPECT_NE(password.error().context.find("chmod 600"), std::string::npos);
    std::filesystem::permissions(dir_.path() + "/password", std::filesystem::perms::owner_all);
  }
}

TEST_F(PasswordFileTest, RefusesWhatIsNoPassword) {
  EXPECT_TRUE(ReadPasswordFile(dir_.path() + "/none").Is(Errc::kNotFound));
  EXPECT_TRUE(ReadPasswordFile(dir_.path()).Is(Errc::kInvalid));
  EXPECT_TRUE(ReadPasswordFile(Write("", 0600)).Is(Errc::kInvalid));
  EXPECT_TRUE(ReadPasswordFile(Write("\nsecond line", 0600)).Is(Errc::kInvalid));
  EXPECT_TRUE(ReadPasswordFile(Write(std::string(2000, 'p'), 0600)).Is(Errc::kInvalid));
}

}  // namespace
}  // namespace atozsync
