#include "sync/engine/wanted_copies.h"

#include <gtest/gtest.h>

namespace atozsync {
namespace {

constexpr int kTriesEnough = 20;

ContentHash Id(uint64_t number) {
  return {0, number};
}

// Tries what is due until it would only wait; answers the time of the next try.
int64_t TryInVain(WantedCopies& copies, int64_t now_ms) {
  for (int i = 0; i < kTriesEnough && copies.hopeful() > 0; ++i) {
    std::optional<ContentHash> due = copies.Due(now_ms);
    if (due) copies.Tried(*due, now_ms);
    now_ms = copies.next_due_ms();
  }
  return now_ms;
}

TEST(WantedCopies, WhatNobodyGivesIsHopelessButTriedForEver) {
  WantedCopies copies;
  copies.Add(Id(1));
  EXPECT_GT(copies.hopeful(), 0);
  int64_t next_ms = TryInVain(copies, 0);
  EXPECT_EQ(copies.hopeful(), 0);
  for (int i = 0; i < kTriesEnough; ++i) {
    ASSERT_EQ(copies.Due(next_ms), Id(1));
    int64_t after_ms = copies.Tried(Id(1), next_ms);
    EXPECT_LE(after_ms - next_ms, 60'000);
    if (i > 5) {
      EXPECT_EQ(after_ms - next_ms, 60'000) << "rarely in the end";
    }
    next_ms = after_ms;
  }
}

// A regular look at all conflicts must not keep the replica from ever coming to rest.
TEST(WantedCopies, AskingAgainChangesNothing) {
  WantedCopies copies;
  copies.Add(Id(1));
  int64_t next_ms = TryInVain(copies, 0);
  copies.Add(Id(1));
  EXPECT_EQ(copies.hopeful(), 0);
  EXPECT_FALSE(copies.Due(next_ms - 1));
  EXPECT_EQ(copies.next_due_ms(), next_ms);
}

TEST(WantedCopies, NewsMakeItDueAtOnce) {
  WantedCopies copies;
  copies.Add(Id(1));
  int64_t next_ms = TryInVain(copies, 0);
  copies.AddAnew(Id(1));
  EXPECT_GT(copies.hopeful(), 0);
  EXPECT_EQ(copies.Due(next_ms - 1), Id(1));
}

TEST(WantedCopies, OnlyOneWithoutHopeHopesAgain) {
  WantedCopies copies;
  EXPECT_FALSE(copies.HopeAgain(Id(1)));
  copies.Add(Id(1));
  EXPECT_FALSE(copies.HopeAgain(Id(1)));
  EXPECT_FALSE(copies.Hopeless(Id(1)));
  TryInVain(copies, 0);
  EXPECT_TRUE(copies.Hopeless(Id(1)));
  EXPECT_TRUE(copies.HopeAgain(Id(1)));
  EXPECT_FALSE(copies.Hopeless(Id(1)));
  EXPECT_GT(copies.hopeful(), 0);
}

// However often its hope is renewed: others need not have heard of that.
TEST(WantedCopies, LateCountsFromTheFirstTry) {
  WantedCopies copies;
  EXPECT_FALSE(copies.Late(Id(1), 1'000'000));
  copies.Add(Id(1));
  EXPECT_FALSE(copies.Late(Id(1), 1'000'000));
  copies.Tried(Id(1), 1'000'000);
  EXPECT_FALSE(copies.Late(Id(1), 1'001'000));
  copies.AddAnew(Id(1));
  copies.Tried(Id(1), 1'012'000);
  EXPECT_TRUE(copies.Late(Id(1), 1'012'000));
}

TEST(WantedCopies, WhatCameIsForgotten) {
  WantedCopies copies;
  copies.Add(Id(1));
  TryInVain(copies, 0);
  copies.Add(Id(2));
  copies.Erase(Id(1));
  EXPECT_GT(copies.hopeful(), 0);
  copies.Erase(Id(2));
  EXPECT_EQ(copies.hopeful(), 0);
  EXPECT_EQ(copies.next_due_ms(), INT64_MAX);
}

}  // namespace
}  // namespace atozsync
