#include "sync/engine/upload_limit.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/sim/sim_executor.h"
#include "tests/sim/sim_scheduler.h"

namespace atozsync {
namespace {

constexpr uint64_t kMbit = 125'000;  // bytes per second

struct World {
  SimScheduler scheduler{1};
  SimClock clock{scheduler};
  SimExecutor executor{scheduler, "limit"};
  UploadLimit limit{clock, executor};
};

// Always has more to send.
class Busy final : public UploadLimit::Sender {
 public:
  // It sends frames of this size as wholes, or what it may where that is 0.
  Busy(UploadLimit& limit, size_t frame_bytes) : limit_(limit), frame_bytes_(frame_bytes) {}
  ~Busy() { limit_.Forget(*this); }
  void OnMaySend() override {
    ++calls_;
    while (limit_.limited()) {
      const size_t may = limit_.Ask(*this);
      if (may == 0) return;
      const size_t bytes = frame_bytes_ == 0 ? may : frame_bytes_;
      limit_.Spend(bytes);
      sent_ += bytes;
    }
  }
  uint64_t sent() const { return sent_; }
  int calls() const { return calls_; }

 private:
  UploadLimit& limit_;
  const size_t frame_bytes_;
  uint64_t sent_ = 0;
  int calls_ = 0;
};

void ExpectNear(uint64_t sent, uint64_t expected) {
  EXPECT_GT(sent, expected * 95 / 100);
  EXPECT_LT(sent, expected * 105 / 100);
}

TEST(UploadLimitTest, HoldsTheRateWithPiecesOfAnySize) {
  for (uint64_t rate : {uint64_t{8'000}, kMbit, 20 * kMbit, 8'000 * kMbit}) {
    for (size_t frame_bytes : {0u, 100u, 3'000u, 60'000u, 1u << 20}) {
      const int64_t seconds = rate < kMbit ? 40 : 10;
      if (frame_bytes * 25 > rate * 10) continue;  // one frame alone is 4 % of it
      World world;
      world.limit.Set(rate);
      Busy sender(world.limit, frame_bytes);
      sender.OnMaySend();
      ASSERT_TRUE(world.scheduler.RunFor(seconds * kSecond, 10'000'000));
      SCOPED_TRACE(std::to_string(rate) + " in frames of " + std::to_string(frame_bytes));
      ExpectNear(sender.sent(), rate * static_cast<uint64_t>(seconds));
    }
  }
}

TEST(UploadLimitTest, WhatIsSavedUpIsLittle) {
  World world;
  world.limit.Set(8 * kMbit);
  ASSERT_TRUE(world.scheduler.RunFor(60 * kSecond));
  Busy sender(world.limit, 0);
  sender.OnMaySend();
  EXPECT_LE(sender.sent(), 8 * kMbit / 1000 * 75);  // 50 ms, and a slice that goes into debt
}

// A loop that is busy with other things calls back too late.
TEST(UploadLimitTest, ALateLoopLosesNothing) {
  World world;
  world.limit.Set(8 * kMbit);
  Busy sender(world.limit, 0);
  sender.OnMaySend();
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(world.scheduler.RunFor(10 * kMs));
    world.scheduler.Sleep(190 * kMs);
  }
  ASSERT_TRUE(world.scheduler.RunFor(20 * kMs));
  ExpectNear(sender.sent(), 10 * 8 * kMbit);
}

TEST(UploadLimitTest, ControlGoesAtOnceAndContentPaysForIt) {
  World world;
  world.limit.Set(8 * kMbit);
  Busy sender(world.limit, 0);
  sender.OnMaySend();
  uint64_t control = 0;
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(world.scheduler.RunFor(100 * kMs));
    world.limit.Spend(40'000);
    control += 40'000;
  }
  ExpectNear(sender.sent() + control, 10 * 8 * kMbit);
  EXPECT_GT(sender.sent(), 5'000'000u);
}

TEST(UploadLimitTest, ContentWaitsForALimitedTimeOnly) {
  World world;
  world.limit.Set(8 * kMbit);
  world.limit.Spend(1u << 30);
  Busy sender(world.limit, 0);
  EXPECT_FALSE(world.limit.MayAdd(sender));
  sender.OnMaySend();
  ASSERT_TRUE(world.scheduler.RunFor(9'900 * kMs));
  EXPECT_EQ(sender.sent(), 0u);
  ASSERT_TRUE(world.scheduler.RunFor(200 * kMs));
  EXPECT_GT(sender.sent(), 0u);
  EXPECT_TRUE(world.limit.MayAdd(sender));
}

TEST(UploadLimitTest, SendersHaveTheSame) {
  World world;
  world.limit.Set(8 * kMbit);
  Busy first(world.limit, 0);
  Busy second(world.limit, 0);
  Busy late(world.limit, 0);
  first.OnMaySend();
  second.OnMaySend();
  ASSERT_TRUE(world.scheduler.RunFor(10 * kSecond));
  ExpectNear(first.sent(), 5 * 8 * kMbit);
  ExpectNear(second.sent(), 5 * 8 * kMbit);
  late.OnMaySend();
  ASSERT_TRUE(world.scheduler.RunFor(30 * kSecond));
  ExpectNear(late.sent(), 10 * 8 * kMbit);
  ExpectNear(first.sent(), 15 * 8 * kMbit);
}

TEST(UploadLimitTest, OneThatGoesLeavesItsShareToTheOthers) {
  World world;
  world.limit.Set(8 * kMbit);
  Busy stays(world.limit, 0);
  {
    Busy goes(world.limit, 0);
    goes.OnMaySend();
    stays.OnMaySend();
    ASSERT_TRUE(world.scheduler.RunFor(kSecond));
  }
  const uint64_t before = stays.sent();
  ASSERT_TRUE(world.scheduler.RunFor(10 * kSecond));
  ExpectNear(stays.sent() - before, 10 * 8 * kMbit);
}

TEST(UploadLimitTest, ANewLimitHoldsAtOnce) {
  World world;
  world.limit.Set(8'000);
  Busy sender(world.limit, 60'000);
  sender.OnMaySend();  // now it owes seven seconds
  ASSERT_TRUE(world.scheduler.RunFor(100 * kMs));
  world.limit.Set(80 * kMbit);
  uint64_t before = sender.sent();
  ASSERT_TRUE(world.scheduler.RunFor(10 * kSecond));
  ExpectNear(sender.sent() - before, 10 * 80 * kMbit);
  world.limit.Set(8 * kMbit);
  before = sender.sent();
  ASSERT_TRUE(world.scheduler.RunFor(10 * kSecond));
  ExpectNear(sender.sent() - before, 10 * 8 * kMbit);
}

TEST(UploadLimitTest, WhoWaitsIsCalledWhenTheLimitGoes) {
  World world;
  world.limit.Set(8'000);
  Busy first(world.limit, 60'000);
  Busy second(world.limit, 60'000);
  first.OnMaySend();
  second.OnMaySend();
  const int calls = first.calls() + second.calls();
  world.limit.Set(0);
  ASSERT_TRUE(world.scheduler.RunFor(kMs));
  EXPECT_EQ(first.calls() + second.calls(), calls + 2);
}

TEST(UploadLimitTest, LessIsKeptReadyUnderALimit) {
  World world;
  EXPECT_EQ(world.limit.ReadyBytes(8u << 20), 8u << 20);
  world.limit.Set(8 * kMbit);
  EXPECT_EQ(world.limit.ReadyBytes(8u << 20), 8 * kMbit);
  world.limit.Set(1);
  EXPECT_EQ(world.limit.bytes_per_second(), UploadLimit::kBytesPerSecondMin);
  EXPECT_LT(world.limit.ReadyBytes(8u << 20), 100'000u);
}

}  // namespace
}  // namespace atozsync
