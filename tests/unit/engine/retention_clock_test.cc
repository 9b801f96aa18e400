#include "sync/engine/retention_clock.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace atozsync {
namespace {

constexpr int64_t kHourMs = 3'600'000;
constexpr int64_t kDayMs = 24 * kHourMs;
constexpr int64_t kYearMs = 365 * kDayMs;

TEST(RetentionClock, GoesWithTheWallClock) {
  RetentionClock clock;
  clock.Start(kYearMs, 0);
  EXPECT_EQ(clock.Advance(kYearMs + kHourMs, kHourMs), kYearMs + kHourMs);
}

TEST(RetentionClock, CatchesUpAfterATimeSwitchedOff) {
  RetentionClock clock;
  clock.Start(0, 0);
  EXPECT_EQ(clock.Advance(3 * kDayMs, kHourMs), 10 * kHourMs);
  EXPECT_EQ(clock.Advance(3 * kDayMs + 8 * kHourMs, 9 * kHourMs), 3 * kDayMs + 8 * kHourMs);
}

TEST(RetentionClock, DoesNotFollowAClockThatJumps) {
  RetentionClock clock;
  clock.Start(kYearMs, 0);
  EXPECT_EQ(clock.Advance(2 * kYearMs, 0), kYearMs);
  EXPECT_EQ(clock.Advance(2 * kYearMs, kHourMs), kYearMs + 10 * kHourMs);
  EXPECT_EQ(clock.Advance(0, 2 * kHourMs), kYearMs + 10 * kHourMs);
}

TEST(RetentionClock, WhatIsKeptUnderAClockOf1970IsNotOld) {
  RetentionClock clock;
  clock.Start(kYearMs, 0);
  EXPECT_EQ(clock.KeptMs(5), kYearMs);
  EXPECT_EQ(clock.KeptMs(kYearMs + 1), kYearMs + 1);
}

RC_GTEST_PROP(RetentionClock, NeverGoesBackNorFasterThanItMay, ()) {
  RetentionClock clock;
  clock.Start(*rc::gen::inRange<int64_t>(0, 60 * kYearMs), 0);
  int64_t mono_ms = 0;
  for (int i = 0; i < 20; ++i) {
    int64_t passed_ms = *rc::gen::inRange<int64_t>(0, 100 * kYearMs);
    int64_t before_ms = clock.now_ms();
    mono_ms += passed_ms;
    int64_t wall_ms = *rc::gen::arbitrary<int64_t>();
    int64_t now_ms = clock.Advance(wall_ms, mono_ms);
    RC_ASSERT(now_ms >= before_ms);
    RC_ASSERT(now_ms - before_ms <= passed_ms * RetentionClock::kRateMax);
    RC_ASSERT(now_ms <= std::max(before_ms, wall_ms));
  }
}

}  // namespace
}  // namespace atozsync
