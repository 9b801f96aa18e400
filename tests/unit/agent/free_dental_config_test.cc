#include "agent/setup/free_dental_config.h"

#include <gtest/gtest.h>

#include "tests/unit/agent/test_dir.h"

namespace atozsync {
namespace {

std::string Settings(const std::string& inside) {
  return "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<ConnectionSettings>" + inside +
         "</ConnectionSettings>";
}

std::string Direct(const std::string& server, const std::string& database) {
  return Settings("<DatabaseConnection><ComputerName>" + server + "</ComputerName><Database>" +
                  database +
                  "</Database><User>root</User><Password></Password><MySQLPassHash>bmV2ZXI="
                  "</MySQLPassHash><NoShowOnStartup>True</NoShowOnStartup></DatabaseConnection>"
                  "<DatabaseType>MySql</DatabaseType><UseDynamicMode>False</UseDynamicMode>");
}

TEST(FreeDentalConfigTest, NamesTheServerAndTheDatabase) {
  Result<FreeDentalConfig> config = ParseFreeDentalConfig(Direct("SERVER1", "opendental"));
  ASSERT_TRUE(config.ok()) << config.error().context;
  EXPECT_EQ(*config, (FreeDentalConfig{"SERVER1", 3306, "opendental"}));
  EXPECT_EQ(*ParseFreeDentalConfig(Direct(" 10.8.0.1:3307\n", " od ")),
            (FreeDentalConfig{"10.8.0.1", 3307, "od"}));
  EXPECT_EQ(ParseFreeDentalConfig(Direct("[fd00::2]:3307", "od"))->server, "fd00::2");
}

TEST(FreeDentalConfigTest, AByteOrderMarkIsNoMatter) {
  EXPECT_TRUE(ParseFreeDentalConfig("\xef\xbb\xbf" + Direct("localhost", "opendental")).ok());
}

TEST(FreeDentalConfigTest, WaysThatAnAgentCannotUseAreRefusedWithTheReason) {
  const std::pair<std::string, const char*> cases[] = {
      {Settings("<ServerConnection><URI>http://10.8.0.1/OpenDentalServer/ServiceMain.asmx</URI>"
                "</ServerConnection>"),
       "middle tier"},
      {Settings("<DatabaseConnection><ComputerName>s</ComputerName><Database>d</Database>"
                "</DatabaseConnection><DatabaseType>Oracle</DatabaseType>"),
       "'Oracle'"},
      {Settings("<ConnectionString>Server=s;Database=d</ConnectionString>"), "by hand"},
      {Settings(""), "by hand"},
      {Direct("", "d"), "by hand"},
      {Direct("s", ""), "by hand"}};
  for (const auto& [xml, reason] : cases) {
    Result<FreeDentalConfig> config = ParseFreeDentalConfig(xml);
    ASSERT_FALSE(config.ok()) << xml;
    EXPECT_EQ(config.error().code, Errc::kUnsupported) << config.error().context;
    EXPECT_NE(config.error().context.find(reason), std::string::npos) << config.error().context;
  }
}

TEST(FreeDentalConfigTest, NamesThatWouldBecomeSomethingElseInAUrlAreRefused) {
  for (const char* server : {"a@b", "a/b", "a?b", "a b", "a:b", "a:0", "\xc3\xa9"}) {
    EXPECT_FALSE(ParseFreeDentalConfig(Direct(server, "opendental")).ok()) << server;
  }
  for (const char* name : {"a/b", "a?socket=/x", "a&amp;b", "a b", "a#", "`a`"}) {
    EXPECT_FALSE(ParseFreeDentalConfig(Direct("s", name)).ok()) << name;
  }
  EXPECT_FALSE(ParseFreeDentalConfig(Direct("s", std::string(65, 'a'))).ok());
}

TEST(FreeDentalConfigTest, HostileFilesAreErrors) {
  constexpr int kDeep = 149'000;
  std::string deep;
  for (int i = 0; i < kDeep; ++i) deep += "<a>";
  std::string closed = deep;
  for (int i = 0; i < kDeep; ++i) closed += "</a>";
  const std::string cases[] = {"",     "no xml",
                               "<a/>", "<ConnectionSettings>",
                               deep,   std::string(FreeDentalConfig::kFileBytesMax + 1, ' ')};
  for (const std::string& xml : cases) {
    EXPECT_FALSE(ParseFreeDentalConfig(xml).ok()) << xml.substr(0, 60);
  }
  // Well-formed, and short enough: only the depth is wrong with it.
  Result<FreeDentalConfig> nested = ParseFreeDentalConfig(closed);
  ASSERT_FALSE(nested.ok());
  EXPECT_NE(nested.error().context.find("too deep"), std::string::npos) << nested.error().context;
}

TEST(FreeDentalConfigTest, NothingOutsideTheFileIsRead) {
  TestDir dir;
  dir.Write("secret", "SECRET");
  const std::string doctype = "<!DOCTYPE ConnectionSettings [<!ENTITY x SYSTEM \"file://" +
                              dir.File("secret") + "\"><!ENTITY y \"yyyyyyyyyy\">]>";
  for (const char* reference : {"&x;", "&y;"}) {
    Result<FreeDentalConfig> config =
        ParseFreeDentalConfig(doctype + Direct(reference, "opendental").substr(39));
    EXPECT_FALSE(config.ok());
    EXPECT_EQ(config.error().context.find("SECRET"), std::string::npos);
    EXPECT_EQ(config.error().context.find("yyyy"), std::string::npos);
  }
}

TEST(FreeDentalConfigTest, AFileThatCannotBeReadIsNamed) {
  TestDir dir;
  EXPECT_NE(LoadFreeDentalConfig(dir.File("none")).error().context.find(dir.File("none")),
            std::string::npos);
  dir.Write("wrong", "<a/>");
  EXPECT_NE(LoadFreeDentalConfig(dir.File("wrong")).error().context.find(dir.File("wrong")),
            std::string::npos);
  dir.Write("right", Direct("localhost", "opendental"));
  EXPECT_EQ(LoadFreeDentalConfig(dir.File("right"))->database, "opendental");
}

}  // namespace
}  // namespace atozsync
