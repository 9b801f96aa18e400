#include "database/recent_keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace atozsync {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// A table, and what was noticed about it.
class RecentKeysTest : public testing::Test {
 protected:
  void Insert(int64_t key, int64_t pat_num, uint32_t digest = 1) {
    table_[key] = {key, pat_num, digest, {}};
  }
  void Begin(int64_t increment) {
    recent_.Begin(table_.empty() ? 0 : table_.rbegin()->first, increment);
  }
  // Reads the window, `limit` rows at most; gives the patients noticed.
  std::vector<int64_t> Look(size_t limit = 1000) {
    noticed_.clear();
    std::vector<KeyedRow> rows;
    for (auto at = table_.upper_bound(recent_.floor()); at != table_.end(); ++at) {
      if (rows.size() < limit) rows.push_back(at->second);
    }
    recent_.Take(rows, rows.size() == limit, Notice());
    return noticed_;
  }
  std::vector<int64_t> LookByName() {
    noticed_.clear();
    std::vector<KeyedRow> rows;
    for (const int64_t key : recent_.Expected()) {
      if (table_.count(key) > 0) rows.push_back(table_[key]);
    }
    recent_.TakeExpected(rows, Notice());
    return noticed_;
  }
  RecentKeys::Noticed Notice() {
    return [this](const KeyedRow& row) { noticed_.push_back(row.pat_num); };
  }

  RecentKeys recent_;
  std::map<int64_t, KeyedRow> table_;
  std::vector<int64_t> noticed_;
};

TEST_F(RecentKeysTest, WhatIsThereAtTheBeginningIsNoNews) {
  for (int key = 1; key <= 500; ++key) Insert(key, key);
  Begin(1);
  EXPECT_THAT(Look(), IsEmpty());
  EXPECT_THAT(Look(), IsEmpty());
}

TEST_F(RecentKeysTest, NoticesNewChangedMovedAndVanishedRows) {
  for (int key = 1; key <= 100; ++key) Insert(key, 7);
  Begin(1);
  Look();
  Insert(101, 15);
  EXPECT_THAT(Look(), ElementsAre(15));
  Insert(101, 15, 2);
  EXPECT_THAT(Look(), ElementsAre(15));
  Insert(101, 16, 2);
  EXPECT_THAT(Look(), ElementsAre(15, 16));
  table_.erase(101);
  EXPECT_THAT(Look(), ElementsAre(16));
  EXPECT_THAT(Look(), IsEmpty());
}

TEST_F(RecentKeysTest, NoticesRowsOfOtherServersThatComeALittleLater) {
  Insert(1000, 7);
  Begin(5);
  Look();
  Insert(1011, 8);  // of server 1
  EXPECT_THAT(Look(), ElementsAre(8));
  Insert(1007, 9);  // of server 2, given at the same time
  EXPECT_THAT(Look(), ElementsAre(9));
}

TEST_F(RecentKeysTest, ALongAnswerIsReadInPieces) {
  Insert(1, 7);
  Begin(1);
  Look();
  for (int key = 2; key <= 900; ++key) Insert(key, key);
  std::vector<int64_t> all;
  for (int i = 0; i < 10; ++i) {
    const std::vector<int64_t> some = Look(200);
    all.insert(all.end(), some.begin(), some.end());
  }
  ASSERT_EQ(all.size(), 899u);
  EXPECT_EQ(all.front(), 2);
  EXPECT_EQ(all.back(), 900);
}

TEST_F(RecentKeysTest, AServerThatWasAwayIsFollowedByName) {
  Insert(10000, 7);
  Begin(3);
  Look();
  EXPECT_THAT(recent_.Expected(), IsEmpty());
  Insert(9000, 20);  // found by the walk
  recent_.FoundLate(9000);
  EXPECT_THAT(recent_.Expected(), ElementsAre(9003, 9006, 9009, 9012));
  Insert(9003, 21);
  Insert(9006, 22);
  EXPECT_THAT(LookByName(), ElementsAre(21, 22));
  EXPECT_THAT(LookByName(), IsEmpty());
  Insert(9009, 23);
  EXPECT_THAT(LookByName(), ElementsAre(23));
}

TEST_F(RecentKeysTest, RowsThatCameThroughTheWindowAreNotLate) {
  Insert(1, 7);
  Begin(1);
  Look();
  for (int key = 2; key <= 300; ++key) Insert(key, key);
  Look();
  ASSERT_GT(recent_.floor(), 200);
  recent_.FoundLate(200);  // the walk sees it for the first time
  EXPECT_THAT(recent_.Expected(), IsEmpty());
}

TEST_F(RecentKeysTest, NothingIsExpectedInsideTheWindow) {
  Insert(10000, 7);
  Begin(1);
  Look();
  recent_.FoundLate(recent_.floor());
  EXPECT_THAT(recent_.Expected(), IsEmpty());
  recent_.FoundLate(9999);
  EXPECT_THAT(recent_.Expected(), IsEmpty());
}

}  // namespace
}  // namespace atozsync
