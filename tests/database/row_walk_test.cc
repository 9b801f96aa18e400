#include "database/row_walk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <random>
#include <set>

namespace atozsync {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// A table, walked over; what was noticed.
class Table {
 public:
  explicit Table(size_t bytes_max = RowWalk::kBytesMax) : walk(bytes_max) {}

  void Insert(int64_t key, int64_t pat_num, uint32_t digest = 1) {
    rows[key] = {key, pat_num, digest, {}};
  }
  std::vector<KeyedRow> Read(const RowWalk::Range& range) {
    std::vector<KeyedRow> read;
    for (auto at = rows.upper_bound(range.after); at != rows.end() && read.size() < range.limit;
         ++at) {
      if (range.through && at->first > *range.through) break;
      read.push_back(at->second);
    }
    largest_read = std::max(largest_read, read.size());
    return read;
  }
  RowWalk::Noticed Notice() {
    return [this](const KeyedRow& row, bool is_new) {
      patients.insert(row.pat_num);
      if (is_new) news.insert(row.key);
    };
  }
  void StepRecent() {
    const RowWalk::Range range = walk.NextOfRecent();
    walk.TakeOfRecent(range, Read(range), Notice());
  }
  // One whole round over all; the patients noticed.
  std::set<int64_t> Round() {
    patients.clear();
    news.clear();
    steps = 0;
    for (const uint64_t before = walk.rounds(); walk.rounds() == before; ++steps) {
      const RowWalk::Range range = walk.NextOfAll();
      walk.TakeOfAll(range, Read(range), Notice());
    }
    return patients;
  }

  RowWalk walk;
  std::map<int64_t, KeyedRow> rows;
  std::set<int64_t> patients;
  std::set<int64_t> news;
  size_t largest_read = 0;
  int steps = 0;
};

TEST(RowWalkTest, TheFirstRoundOnlyRemembers) {
  Table table;
  for (int key = 1; key <= 5000; ++key) table.Insert(key, key % 50);
  EXPECT_THAT(table.Round(), IsEmpty());
  EXPECT_THAT(table.Round(), IsEmpty());
  EXPECT_LE(table.largest_read, RowWalk::kReadRowsMax);
  EXPECT_LE(table.steps, 12);
}

TEST(RowWalkTest, FindsWhatCameChangedMovedAndWent) {
  Table table;
  for (int key = 1; key <= 3000; ++key) table.Insert(2 * key, 7);
  table.Insert(100, 8);
  table.Round();
  table.Insert(101, 20);     // late, with a low key
  table.Insert(200, 7, 99);  // got its name
  table.rows.erase(100);     // went without a word
  EXPECT_THAT(table.Round(), ElementsAre(7, 8, 20));
  EXPECT_THAT(table.news, ElementsAre(101));
  table.Insert(200, 9, 99);  // merged into another patient
  EXPECT_THAT(table.Round(), ElementsAre(7, 9));
  EXPECT_THAT(table.Round(), IsEmpty());
}

TEST(RowWalkTest, FindsARangeThatGrewManyTimesOver) {
  Table table;
  for (int key = 1; key <= 1000; ++key) table.Insert(key * 1000000, 7);
  table.Round();
  for (int key = 1; key <= 5000; ++key) table.Insert(500000000 + key, key + 100);
  EXPECT_EQ(table.Round().size(), 5000u);
  EXPECT_LE(table.largest_read, RowWalk::kReadRowsMax);
  EXPECT_THAT(table.Round(), IsEmpty());
  EXPECT_LE(table.steps, 20);
}

TEST(RowWalkTest, AnEmptiedTableIsNoticedAndShrinks) {
  Table table;
  for (int key = 1; key <= 20000; ++key) table.Insert(key, key % 10);
  table.Round();
  const size_t before = table.walk.bytes();
  table.rows.clear();
  EXPECT_EQ(table.Round().size(), 10u);
  EXPECT_LT(table.walk.bytes(), before / 10);
  EXPECT_EQ(table.walk.chunks(), 1u);
}

TEST(RowWalkTest, TheNewestAreWalkedOverOften) {
  Table table;
  for (int key = 1; key <= 50000; ++key) table.Insert(key, 7);
  table.Round();
  table.Insert(40000, 8);
  for (int i = 0; i < static_cast<int>(RowWalk::kRecentChunks) + 1; ++i) table.StepRecent();
  EXPECT_TRUE(table.patients.count(8));
}

TEST(RowWalkTest, KeepsAFewBytesARow) {
  Table table;
  std::mt19937 random(1);
  for (int key = 1; key <= 100000; ++key) {
    table.Insert(3 * key, static_cast<int64_t>(random() % 60000), static_cast<uint32_t>(random()));
  }
  table.Round();
  EXPECT_LT(table.walk.bytes(), 100000u * 9);
}

TEST(RowWalkTest, WithoutRoomADigestStillTells) {
  Table table(1000);
  for (int key = 1; key <= 3000; ++key) table.Insert(key, key / 500);
  table.Round();
  EXPECT_THAT(table.Round(), IsEmpty());
  EXPECT_LT(table.walk.bytes(), 2000u);
  table.Insert(1600, 3, 99);
  EXPECT_TRUE(table.Round().count(3));
  EXPECT_THAT(table.Round(), IsEmpty());
}

// Whatever happens between two rounds, exactly the patients whose rows differ are noticed, and the
// walk over the newest in between takes nothing away.
TEST(RowWalkTest, NoticesExactlyWhatDiffers) {
  rc::check([] {
    Table table;
    const auto keys = rc::gen::inRange<int64_t>(-2000, 4000);
    const auto patients = rc::gen::inRange<int64_t>(1, 400);
    const auto many = *rc::gen::inRange(0, 3000);
    for (int i = 0; i < many; ++i) table.Insert(i, i % 400 + 1);
    table.Round();
    for (int round = 0; round < 3; ++round) {
      const std::map<int64_t, KeyedRow> before = table.rows;
      const int inserts = *rc::gen::inRange(0, 60);
      for (int i = 0; i < inserts; ++i) table.Insert(*keys, *patients, 7);
      if (*rc::gen::inRange(0, 4) == 0) {
        const int64_t from = *keys;
        table.rows.erase(table.rows.lower_bound(from), table.rows.lower_bound(from + 900));
      }
      std::set<int64_t> expected;
      for (const auto& [key, row] : before) {
        const auto now = table.rows.find(key);
        if (now == table.rows.end() || now->second.pat_num != row.pat_num ||
            now->second.digest != row.digest) {
          expected.insert(row.pat_num);
          if (now != table.rows.end()) expected.insert(now->second.pat_num);
        }
      }
      for (const auto& [key, row] : table.rows) {
        if (before.count(key) == 0) expected.insert(row.pat_num);
      }
      std::set<int64_t> found;
      table.patients.clear();
      const int recent = *rc::gen::inRange(0, 10);
      for (int i = 0; i < recent; ++i) table.StepRecent();
      found = table.patients;
      for (const int64_t patient : table.Round()) found.insert(patient);
      RC_ASSERT(found == expected);
      RC_ASSERT(table.Round().empty());
    }
  });
}

}  // namespace
}  // namespace atozsync
