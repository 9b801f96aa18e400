// When somebody is told, and that an address or a program gets it.
#include <gtest/gtest.h>

#include "agent/alert/alert_book.h"
#include "agent/alert/alerts.h"

namespace atozsync {
namespace {

constexpr int64_t kWallMs = 1'800'000'000'000;

Trouble Of(const char* what, uint64_t count = 1, const char* about = "") {
  Trouble trouble;
  trouble.what = what;
  trouble.about = about;
  trouble.count = count;
  return trouble;
}

class AlertBookTest : public testing::Test {
 protected:
  // "began conflict", …
  std::vector<std::string> At(int64_t mono_ms, const std::vector<Trouble>& troubles) {
    std::vector<std::string> told;
    for (const Alert& alert : book_.Update(troubles, mono_ms, kWallMs + mono_ms)) {
      told.push_back(std::string(AlertEventName(alert.event)) + " " + alert.trouble.what);
    }
    return told;
  }
  using Told = std::vector<std::string>;
  AlertBook book_;
};

TEST_F(AlertBookTest, BeginningAndEndAreToldOnce) {
  EXPECT_EQ(At(0, {}), Told());
  EXPECT_EQ(At(5, {Of("disk-full")}), Told{"began disk-full"});
  EXPECT_EQ(At(10, {Of("disk-full")}), Told());
  EXPECT_EQ(At(15, {}), Told{"over disk-full"});
  EXPECT_EQ(At(20, {}), Told());
}

TEST_F(AlertBookTest, KindsAndWhatTheyAreAboutAreToldApart) {
  EXPECT_EQ(At(0, {Of("silent", 1, "n"), Of("silent", 1, "s"), Of("brake")}).size(), 3u);
  EXPECT_EQ(At(1, {Of("silent", 1, "n"), Of("brake")}), Told{"over silent"});
}

TEST_F(AlertBookTest, WhatComesAndGoesIsToldWithPauses) {
  EXPECT_EQ(At(0, {Of("database")}), Told{"began database"});
  EXPECT_EQ(At(1'000, {}), Told{"over database"});
  for (int64_t ms = 2'000; ms < AlertBook::kQuietMs; ms += 2'000) {
    EXPECT_EQ(At(ms, {Of("database")}), Told());
    EXPECT_EQ(At(ms + 500, {}), Told());
  }
  EXPECT_EQ(At(AlertBook::kQuietMs + 1'000, {Of("database")}), Told{"began database"});
}

TEST_F(AlertBookTest, MoreOfItIsToldOnceAnHour) {
  EXPECT_EQ(At(0, {Of("conflict", 1)}), Told{"began conflict"});
  EXPECT_EQ(At(1'000, {Of("conflict", 5)}), Told());
  EXPECT_EQ(At(AlertBook::kMoreMs, {Of("conflict", 5)}), Told{"more conflict"});
  EXPECT_EQ(At(AlertBook::kMoreMs + 1'000, {Of("conflict", 5)}), Told());
  EXPECT_EQ(At(3 * AlertBook::kMoreMs, {Of("conflict", 4)}), Told());
}

TEST_F(AlertBookTest, NotMoreThanSoManyInAnHour) {
  std::vector<Trouble> many;
  std::vector<std::string> names;
  for (size_t i = 0; i < AlertBook::kPerHourMax + 10; ++i) names.push_back(std::to_string(i));
  for (const std::string& name : names) many.push_back(Of("silent", 1, name.c_str()));
  EXPECT_EQ(At(0, many).size(), AlertBook::kPerHourMax);
  EXPECT_EQ(At(1'000, many).size(), 0u);
  EXPECT_EQ(At(3'600'000, many).size(), 10u);  // late, but not lost
}

TEST_F(AlertBookTest, SinceWhenIsWhenItBegan) {
  book_.Update({Of("brake", 1)}, 0, kWallMs);
  const std::vector<Alert> more =
      book_.Update({Of("brake", 2)}, AlertBook::kMoreMs, kWallMs + AlertBook::kMoreMs);
  ASSERT_EQ(more.size(), 1u);
  EXPECT_EQ(more[0].since_ms, kWallMs);
}

TEST(AlertJsonTest, DetailsOnlyWhereTheyAreWanted) {
  Alert alert;
  alert.trouble = {"stopped", "", Trouble::Level::kBad, "it stopped", "S/SmithJohn12: broken"};
  EXPECT_FALSE(AlertJson(alert, "main", kWallMs, false).contains("details"));
  EXPECT_EQ(Dump(AlertJson(alert, "main", kWallMs, false)).find("Smith"), std::string::npos);
  EXPECT_EQ(AlertJson(alert, "main", kWallMs, true)["details"], "S/SmithJohn12: broken");
}

}  // namespace
}  // namespace atozsync
