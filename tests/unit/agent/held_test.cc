#include <gtest/gtest.h>

#include "agent/held_table.h"

namespace atozsync {
namespace {

constexpr int64_t kTenMs = 1'795'428'000'000;  // 2026-11-23T10:00:00Z

HeldFile Held(const char* path, HeldWhy why, int64_t until_ms) {
  return {RelPath::Trusted(path), why, kTenMs, until_ms, "no row names it yet"};
}

Json Listed(const std::vector<HeldFile>& files) {
  Json list = Json::array();
  for (const HeldFile& file : files) list.push_back(HeldJson(file));
  return list;
}

TEST(HeldJsonTest, SaysWhatWhySinceAndUntil) {
  Json json = HeldJson(Held("S/SmithJohn1/a.jpg", HeldWhy::kRow, kTenMs + 3'600'000));
  EXPECT_EQ(json["path"], "S/SmithJohn1/a.jpg");
  EXPECT_EQ(json["why"], "row");
  EXPECT_EQ(json["since"], "2026-11-23T10:00:00Z");
  EXPECT_EQ(json["until"], "2026-11-23T11:00:00Z");
  EXPECT_EQ(json["text"], "no row names it yet");
  EXPECT_EQ(json["id"], HeldId(RelPath::Trusted("S/SmithJohn1/a.jpg")));
  EXPECT_TRUE(HeldJson(Held("a", HeldWhy::kBrake, 0))["until"].is_null());
  EXPECT_TRUE(HeldJson({})["since"].is_null()) << "not 1970";
  EXPECT_TRUE(HeldJson({})["next_try"].is_null());
  HeldFile locked = Held("a", HeldWhy::kLocked, 0);
  locked.next_try_ms = kTenMs + 8'000;
  EXPECT_EQ(HeldJson(locked)["next_try"], "2026-11-23T10:00:08Z");
}

TEST(HeldTableTest, ShowsEveryFileOnItsLine) {
  EXPECT_EQ(HeldTable(Json::array()), "Nothing is held.\n");
  std::string table = HeldTable(Listed({Held("S/SmithJohn1/a.jpg", HeldWhy::kRow, kTenMs + 1000),
                                        Held("B/Bo2/b.jpg", HeldWhy::kBrake, 0)}));
  EXPECT_NE(table.find("waits for its row     2026-11-23T10:00:00Z  2026-11-23T10:00:01Z  "
                       "S/SmithJohn1/a.jpg\n"),
            std::string::npos)
      << table;
  EXPECT_NE(table.find("mass change           2026-11-23T10:00:00Z  you decide            "
                       "B/Bo2/b.jpg\n"),
            std::string::npos)
      << table;
  EXPECT_NE(table.find("no row names it yet"), std::string::npos);
  EXPECT_NE(table.find("2 files held"), std::string::npos);
}

TEST(HeldTableTest, OfALockedFileItSaysWhenItIsTriedNext) {
  HeldFile locked{RelPath::Trusted("Forms/a.docx"),          HeldWhy::kLocked, kTenMs, 0,
                  "EBUSY: tried again until it can be read", kTenMs + 8'000};
  const std::string table = HeldTable(Listed({locked}));
  EXPECT_NE(table.find("in use                2026-11-23T10:00:00Z  it is free            "
                       "Forms/a.docx\n"),
            std::string::npos)
      << table;
  EXPECT_NE(table.find("until it can be read, next at 2026-11-23T10:00:08Z\n"), std::string::npos)
      << table;
}

TEST(HeldTableTest, OnlyWhatWaitsForAPersonNeedsOne) {
  EXPECT_FALSE(
      HeldNeedsPerson(Listed({Held("a", HeldWhy::kRow, 1), Held("b", HeldWhy::kLocked, 0)})));
  EXPECT_TRUE(
      HeldNeedsPerson(Listed({Held("a", HeldWhy::kRow, 1), Held("b", HeldWhy::kBrake, 0)})));
}

TEST(HeldTableTest, StatusNamesTheOldestAndCountsTheRest) {
  Json oldest = Listed({Held("S/SmithJohn1/a.jpg", HeldWhy::kRow, kTenMs + 1000)});
  std::string lines = HeldLines({{"row", 3u}, {"locked", 7u}, {"brake", 120u}}, oldest);
  EXPECT_NE(lines.find("Waiting for the database: 3\n"), std::string::npos) << lines;
  EXPECT_NE(lines.find("BRAKE: 120 files"), std::string::npos) << lines;
  EXPECT_NE(lines.find("S/SmithJohn1/a.jpg: waits for its row since 2026-11-23T10:00:00Z, until "
                       "2026-11-23T10:00:01Z – no row names it yet\n"),
            std::string::npos)
      << lines;
  EXPECT_NE(lines.find("129 more"), std::string::npos) << "locked ones are listed, too: " << lines;
  EXPECT_EQ(HeldLines({{"row", 0}, {"locked", 0}, {"brake", 0}}, Json::array()), "");
}

TEST(HeldTableTest, OneFileIsExplainedInALineForEachReason) {
  EXPECT_EQ(HeldWords(Listed({Held("S/SmithJohn1/a.jpg", HeldWhy::kRow, kTenMs + 1000),
                              Held("S/SmithJohn1/a.jpg", HeldWhy::kLocked, 0)})),
            "Held: waits for its row since 2026-11-23T10:00:00Z, until 2026-11-23T10:00:01Z – no "
            "row names it yet\n"
            "Held: in use since 2026-11-23T10:00:00Z, until it is free – no row names it yet\n");
  EXPECT_EQ(HeldWords(Json::array()), "");
}

TEST(HeldTableTest, TheDatabaseIsOneLine) {
  EXPECT_EQ(DatabaseLine(nullptr), "");
  EXPECT_EQ(DatabaseLine({{"state", "connected"}, {"problem", nullptr}, {"frozen", nullptr}}),
            "Database: connected\n");
  EXPECT_EQ(DatabaseLine({{"state", "refused"}, {"problem", "wrong password: …"}}),
            "Database: refused – wrong password: …\n");
  EXPECT_EQ(DatabaseLine({{"state", "connected"}, {"frozen", "replication has stopped"}}),
            "Database: connected, nothing is deleted on its word: replication has stopped\n");
  EXPECT_EQ(
      DatabaseLine(
          {{"state", "connected"}, {"rows", 10u}, {"missing_files", 1u}, {"orphan_files", 0u}}),
      "Database: connected, 10 rows, 1 file missing, 0 files without a row\n");
}

TEST(HeldTableTest, AFileIsNamedByItsPathOrItsId) {
  Json list = Listed({Held("a/b", HeldWhy::kRow, 1), Held("a/b", HeldWhy::kLocked, 0),
                      Held("bad\xff", HeldWhy::kRow, 1)});
  const std::string id = HeldId(RelPath::Trusted("a/b"));
  ASSERT_EQ(id.size(), 12u);
  for (const std::string& which : {std::string("a/b"), id, id.substr(0, 4)}) {
    Result<std::optional<Json>> found = FindHeld(list, which);
    ASSERT_TRUE(found.ok()) << found.error().context;
    ASSERT_TRUE(found->has_value()) << which;
    EXPECT_EQ((**found)["path"], "a/b");
  }
  Result<std::optional<Json>> raw = FindHeld(list, HeldId(RelPath::Trusted("bad\xff")));
  ASSERT_TRUE(raw.ok() && raw->has_value());
  EXPECT_EQ(PathFrom(**raw, "/root")->str(), "bad\xff") << "the bytes, not what is printed";
  EXPECT_FALSE(FindHeld(list, id.substr(0, 3))->has_value()) << "that short it may be a folder";
  EXPECT_FALSE(FindHeld(list, "a")->has_value());
}

TEST(HeldTableTest, AnIdThatTwoFilesBeginWithIsRefused) {
  Json list = Json::array({{{"id", "abcd01"}, {"path", "x"}}, {{"id", "abcd02"}, {"path", "y"}}});
  EXPECT_EQ(FindHeld(list, "abcd").error().code, Errc::kInvalid);
  EXPECT_EQ((**FindHeld(list, "abcd02"))["path"], "y");
}

}  // namespace
}  // namespace atozsync
