#include "database/connection.h"

#include <gtest/gtest.h>
#include <pwd.h>
#include <unistd.h>

#include "tests/database/test_server.h"

namespace atozsync {
namespace {

class ConnectionTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    server_ = new TestServer({true, {}});
    server_->LoadOpenDental();
  }
  static void TearDownTestSuite() {
    delete server_;
    server_ = nullptr;
  }
  static std::unique_ptr<DatabaseConnection> Open(ConnectionLimits limits = {}) {
    auto connection = DatabaseConnection::Open(server_->settings(), limits);
    EXPECT_TRUE(connection.ok()) << connection.status().ToString();
    return std::move(connection).value();
  }
  static TestServer* server_;
};
TestServer* ConnectionTest::server_ = nullptr;

TEST_F(ConnectionTest, ReadsRowsAsUtf8) {
  auto connection = Open();
  Result<Rows> rows = connection->Query(
      "SELECT PatNum, ImageFolder, NULL FROM patient WHERE PatNum IN (16,19) ORDER BY PatNum", 3);
  ASSERT_TRUE(rows.ok()) << rows.status().ToString();
  ASSERT_EQ(rows->size(), 2u);
  EXPECT_EQ(NumberIn((*rows)[0][0]), 16);
  EXPECT_EQ(TextIn((*rows)[0][1]), "OBrienLeeZoë16");
  EXPECT_EQ(TextIn((*rows)[1][1]), "ÉmondLuc19");
  EXPECT_FALSE((*rows)[1][2].has_value());
  EXPECT_TRUE(connection->is_mariadb());
}

TEST_F(ConnectionTest, CannotWrite) {
  auto connection = Open();
  Result<Rows> rows = connection->Query("UPDATE patient SET LName='x' WHERE PatNum=15", 1);
  EXPECT_FALSE(rows.ok());
  EXPECT_EQ(
      TextIn(
          server_->QueryAsRoot("SELECT LName FROM opendental.patient WHERE PatNum=15").at(0).at(0)),
      "Smith");
}

TEST_F(ConnectionTest, OverTcpToo) {
  auto connection = DatabaseConnection::Open(server_->tcp_settings());
  ASSERT_TRUE(connection.ok()) << connection.status().ToString();
  EXPECT_EQ(TextIn((*connection)->Query("SELECT 1", 1)->at(0).at(0)), "1");
}

TEST_F(ConnectionTest, AUserOfThisMachineNeedsNoPasswordThroughTheSocket) {
  const passwd* self = ::getpwuid(::geteuid());
  ASSERT_NE(self, nullptr);
  const std::string user = "'" + std::string(self->pw_name) + "'@'localhost'";
  server_->Execute("CREATE USER IF NOT EXISTS " + user + "; ALTER USER " + user +
                   " IDENTIFIED VIA unix_socket");
  DatabaseSettings settings = server_->settings();
  settings.user = self->pw_name;
  settings.database = "information_schema";
  auto connection = DatabaseConnection::Open(settings);
  EXPECT_TRUE(connection.ok()) << connection.status().ToString();
}

TEST_F(ConnectionTest, TellsAnAnswerThatIsTooLongFromAWholeOne) {
  auto connection = Open();
  EXPECT_EQ(connection->Query("SELECT seq FROM seq_1_to_20000", 1)->size(), 20000u);
  Result<Rows> rows = connection->Query("SELECT seq FROM seq_1_to_20001", 1);
  ASSERT_FALSE(rows.ok());
  EXPECT_NE(rows.error().context.find("longer answer"), std::string::npos);
  EXPECT_FALSE(connection->Query("SELECT REPEAT('x',1000000) FROM seq_1_to_20", 1).ok());
  // The connection goes on.
  EXPECT_EQ(connection->Query("SELECT 1", 1)->size(), 1u);
}

TEST_F(ConnectionTest, StreamsWhatNeedNotFit) {
  auto connection = Open();
  int64_t sum = 0;
  ASSERT_TRUE(connection
                  ->Stream("SELECT seq FROM seq_1_to_50000", 1,
                           [&](const Row& row) {
                             sum += *NumberIn(row[0]);
                             return true;
                           })
                  .ok());
  EXPECT_EQ(sum, int64_t{50000} * 50001 / 2);
  int taken = 0;
  ASSERT_TRUE(
      connection
          ->Stream("SELECT seq FROM seq_1_to_50000", 1, [&](const Row&) { return ++taken < 10; })
          .ok());
  EXPECT_EQ(taken, 10);
  EXPECT_EQ(connection->Query("SELECT 1", 1)->size(), 1u);
}

TEST_F(ConnectionTest, TheServerEndsAStatementThatTakesTooLong) {
  auto connection = Open({5, 1});
  Result<Rows> rows = connection->Query("SELECT SLEEP(30)", 1);
  ASSERT_FALSE(rows.ok());
  EXPECT_EQ(rows.error().code, Errc::kTimeout);
  EXPECT_EQ(WordOf(rows.error()), RowsWord::kSlow);
  EXPECT_TRUE(connection->alive());
  EXPECT_EQ(connection->Query("SELECT 1", 1)->size(), 1u);
}

TEST_F(ConnectionTest, AnyBytesMakeASafeLiteral) {
  auto connection = Open();
  for (const std::string& text :
       {std::string("a'; DROP TABLE x; --"), std::string("\\' OR 1=1"), std::string("Zoë"),
        std::string(), std::string("nul\0byte", 8), std::string("\xf0\x9f\xa6\xb7")}) {
    EXPECT_EQ(TextIn(connection->Query("SELECT " + SqlText(text), 1)->at(0).at(0)), text);
  }
}

}  // namespace
}  // namespace atozsync
