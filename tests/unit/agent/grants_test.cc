#include "agent/doctor/grants.h"

#include <gtest/gtest.h>

namespace atozsync {
namespace {

std::vector<std::string> Names(const Grant& grant) {
  std::vector<std::string> names;
  for (const auto& [name, columns] : grant.privileges) names.push_back(name);
  return names;
}

std::vector<std::string> ExcessOfLine(const std::string& line) {
  std::optional<Grant> grant = ParseGrant(line);
  return grant ? ExcessOf({*grant}, "opendental") : std::vector<std::string>{"not understood"};
}

TEST(ParseGrantTest, ColumnsWithAndWithoutQuotes) {
  for (const char* line :
       {"GRANT SELECT (`DocNum`, `PatNum`), INSERT (`Note`) ON `opendental`.`document` TO "
        "`atozsync`@`127.0.0.1`",
        "grant select (DocNum,PatNum), insert (Note) on opendental.document to 'a'@'%';"}) {
    std::optional<Grant> grant = ParseGrant(line);
    ASSERT_TRUE(grant.has_value()) << line;
    EXPECT_EQ(grant->database, "opendental");
    EXPECT_EQ(grant->table, "document");
    EXPECT_EQ(grant->privileges["SELECT"], (std::vector<std::string>{"DocNum", "PatNum"}));
    EXPECT_EQ(grant->privileges["INSERT"], std::vector<std::string>{"Note"});
    EXPECT_FALSE(grant->may_pass_on);
  }
}

TEST(ParseGrantTest, PrivilegesOfSeveralWordsAndEverything) {
  std::optional<Grant> grant = ParseGrant(
      "GRANT SLAVE MONITOR, REPLICATION CLIENT ON *.* TO `a`@`%` IDENTIFIED BY PASSWORD "
      "'*00 WITH GRANT OPTION'");
  ASSERT_TRUE(grant.has_value());
  EXPECT_EQ(Names(*grant), (std::vector<std::string>{"REPLICATION CLIENT", "SLAVE MONITOR"}));
  EXPECT_EQ(grant->database + "." + grant->table, "*.*");
  EXPECT_FALSE(grant->may_pass_on) << "that stands inside a text";
  EXPECT_TRUE(
      ParseGrant("GRANT ALL PRIVILEGES ON *.* TO `root`@`%` WITH GRANT OPTION")->may_pass_on);
}

TEST(ParseGrantTest, RolesProceduresAndAwkwardNames) {
  EXPECT_EQ(ParseGrant("GRANT `readers` TO `a`@`%`")->role, "readers");
  EXPECT_EQ(ParseGrant("GRANT EXECUTE ON PROCEDURE `opendental`.`p` TO `a`@`%`")->table, "p");
  EXPECT_EQ(ParseGrant("GRANT SELECT ON `a``.``b`.* TO `a`@`%`")->database, "a`.`b");
  EXPECT_EQ(ParseGrant("GRANT SELECT (`a)`, `b,c`) ON `d`.`t` TO `a`@`%`")->privileges["SELECT"],
            (std::vector<std::string>{"a)", "b,c"}));
}

TEST(ParseGrantTest, WhatIsNoGrantIsNothing) {
  for (const char* line :
       {"", "GRANT", "GRANT ON", "GRANT ON *.*", "SET DEFAULT ROLE `r` FOR `a`@`%`",
        "GRANT SELECT ON", "GRANT SELECT ON 'x'", "GRANT SELECT (`a", "GRANT , ON *.* TO a",
        "REVOKE SELECT ON a.b"}) {
    EXPECT_FALSE(ParseGrant(line).has_value()) << line;
  }
  EXPECT_FALSE(ParseGrant("GRANT SELECT (" + std::string(300 << 10, 'a') + ") ON a.b").has_value());
}

TEST(GrantsOfFileTest, TakesStatementsOverSeveralLinesAndLeavesTheRest) {
  std::vector<GrantLine> lines = GrantsOfFile(
      "-- GRANT ALL ON *.* TO x;\n"
      "CREATE USER 'a'@'127.0.0.1' IDENTIFIED BY '…';\n"
      "GRANT SELECT (DocNum,   -- the key\n    FileName)\n  ON opendental.document TO 'a'@'h';\n"
      "GRANT SLAVE MONITOR ON *.* TO 'a'@'h'");
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0].sql, "GRANT SELECT (DocNum, FileName) ON opendental.document TO 'a'@'h';");
  EXPECT_EQ(lines[0].grant.privileges["SELECT"], (std::vector<std::string>{"DocNum", "FileName"}));
  EXPECT_EQ(lines[1].sql, "GRANT SLAVE MONITOR ON *.* TO 'a'@'h';");
}

TEST(ExcessOfTest, ReadingNamedColumnsAndLookingAtReplicationIsNone) {
  for (const char* line : {"GRANT USAGE ON *.* TO `a`@`%` IDENTIFIED BY PASSWORD '*00'",
                           "GRANT SLAVE MONITOR ON *.* TO `a`@`%`", "GRANT `readers` TO `a`@`%`",
                           "GRANT SELECT (`DocNum`) ON `opendental`.`document` TO `a`@`%`",
                           "GRANT SELECT ON `opendental`.`document` TO `a`@`%`"}) {
    EXPECT_TRUE(ExcessOfLine(line).empty()) << line << ExcessOfLine(line)[0];
  }
}

TEST(ExcessOfTest, EverythingElseIsNamed) {
  const std::pair<const char*, std::vector<std::string>> cases[] = {
      {"GRANT ALL PRIVILEGES ON *.* TO `root`@`%` WITH GRANT OPTION",
       {"ALL PRIVILEGES on *.*", "passing its rights on (GRANT OPTION) on *.*"}},
      {"GRANT SELECT ON *.* TO `a`@`%`", {"reading everything on *.*"}},
      {"GRANT SELECT ON `opendental`.* TO `a`@`%`", {"reading every table of opendental"}},
      {"GRANT SELECT ON `open\\_dental`.* TO `a`@`%`", {"reading everything on open\\_dental.*"}},
      {"GRANT SELECT (`x`), UPDATE (`x`) ON `opendental`.`document` TO `a`@`%`",
       {"UPDATE on opendental.document"}},
      {"GRANT SELECT, INSERT, DELETE, SUPER ON *.* TO `a`@`%`",
       {"DELETE on *.*", "INSERT on *.*", "SUPER on *.*", "reading everything on *.*"}},
      {"GRANT FILE ON *.* TO `a`@`%`", {"FILE on *.*"}}};
  for (const auto& [line, excess] : cases) EXPECT_EQ(ExcessOfLine(line), excess) << line;
}

// The file that people run and this program's own idea of it.
TEST(GrantsFileTest, GivesReadingOfNamedColumnsOnly) {
  std::vector<GrantLine> lines = GrantsOfFile(kGrantsSql);
  EXPECT_GT(lines.size(), 5u);
  std::vector<Grant> grants;
  bool names_documents = false;
  for (const GrantLine& line : lines) {
    grants.push_back(line.grant);
    names_documents = names_documents || line.grant.table == "document";
    auto select = line.grant.privileges.find("SELECT");
    const bool whole = select != line.grant.privileges.end() && select->second.empty();
    EXPECT_FALSE(whole) << line.sql;
  }
  EXPECT_TRUE(names_documents);
  EXPECT_EQ(ExcessOf(grants, "opendental"), std::vector<std::string>{});
}

}  // namespace
}  // namespace atozsync
