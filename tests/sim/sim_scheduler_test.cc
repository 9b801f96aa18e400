// The event queue, the clock and the executor of the simulated world.
#include "tests/sim/sim_scheduler.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

#include "tests/sim/sim_executor.h"

namespace atozsync {
namespace {

TEST(SimRandom, StreamsDependOnSeedAndLabelOnly) {
  SimRandom a(7);
  const SimRandom fresh = a.Fork("x");
  a.Next();
  EXPECT_EQ(a.Fork("x").NextU64(), SimRandom(fresh).NextU64());
  EXPECT_NE(a.Fork("x").NextU64(), a.Fork("y").NextU64());
  EXPECT_NE(SimRandom(7).NextU64(), SimRandom(8).NextU64());
}

TEST(SimRandom, BetweenReachesBothEndsAndNoFurther) {
  SimRandom random(1);
  std::set<int64_t> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(random.Between(-2, 2));
  EXPECT_EQ(seen, (std::set<int64_t>{-2, -1, 0, 1, 2}));
}

TEST(SimScheduler, RunsByTimeThenByOrderOfAsking) {
  SimScheduler scheduler(1);
  std::vector<int> ran;
  scheduler.After(20, "c", [&] { ran.push_back(3); });
  scheduler.After(10, "a", [&] { ran.push_back(1); });
  scheduler.After(10, "b", [&] { ran.push_back(2); });
  const auto cancelled = scheduler.After(15, "never", [&] { ran.push_back(9); });
  scheduler.Cancel(cancelled);
  EXPECT_TRUE(scheduler.RunUntil([&] { return ran.size() == 3; }));
  EXPECT_EQ(ran, (std::vector<int>{1, 2, 3}));
  EXPECT_EQ(scheduler.now_ns(), 20);
  EXPECT_FALSE(scheduler.Step());
}

TEST(SimScheduler, RunUntilGivesUpAfterItsSteps) {
  SimScheduler scheduler(1);
  std::function<void()> again = [&] { scheduler.After(1, "again", [&] { again(); }); };
  again();
  EXPECT_FALSE(scheduler.RunUntil([] { return false; }, 50));
  EXPECT_EQ(scheduler.steps(), 50u);
}

TEST(SimScheduler, RunForEndsAtItsInstant) {
  SimScheduler scheduler(1);
  int ran = 0;
  scheduler.After(5, "in", [&] { ++ran; });
  scheduler.After(11, "out", [&] { ++ran; });
  EXPECT_TRUE(scheduler.RunFor(10));
  EXPECT_EQ(ran, 1);
  EXPECT_EQ(scheduler.now_ns(), 10);
}

TEST(SimScheduler, TraceHashTellsRunsApart) {
  const auto run = [](uint64_t value) {
    SimScheduler scheduler(1);
    scheduler.After(5, "event", [&] { scheduler.Trace("value", value); });
    scheduler.Step();
    return scheduler.trace_hash();
  };
  EXPECT_EQ(run(1), run(1));
  EXPECT_NE(run(1), run(2));
}

TEST(SimClock, JumpsMoveTheWallOnly) {
  SimScheduler scheduler(1);
  SimClock clock(scheduler, 3 * kSecond, 500);
  scheduler.RunFor(2 * kSecond);
  EXPECT_EQ(clock.MonoMs(), 2500);
  EXPECT_EQ(clock.WallNs(), SimClock::kEpochNs + 5 * kSecond);
  clock.JumpWall(-3600 * kSecond);
  EXPECT_EQ(clock.MonoMs(), 2500);
  EXPECT_EQ(clock.WallNs(), SimClock::kEpochNs + 5 * kSecond - 3600 * kSecond);
}

class SimExecutorTest : public testing::Test {
 protected:
  void Drain() {
    while (scheduler_.Step()) {
    }
  }
  SimScheduler scheduler_{11};
  SimExecutor executor_{scheduler_, "n"};
  std::vector<int> ran_;
};

TEST_F(SimExecutorTest, PostsKeepTheirOrderAndNeverRunInside) {
  for (int i = 0; i < 20; ++i) executor_.Post([this, i] { ran_.push_back(i); });
  EXPECT_TRUE(ran_.empty());
  Drain();
  for (int i = 0; i < 20; ++i) EXPECT_EQ(ran_.at(static_cast<size_t>(i)), i);
}

TEST_F(SimExecutorTest, TimersRunWhenDueUnlessCancelled) {
  executor_.PostAfter(50, [this] { ran_.push_back(50); });
  const TimerId cancelled = executor_.PostAfter(20, [this] { ran_.push_back(20); });
  executor_.PostAfter(10, [this] { ran_.push_back(10); });
  executor_.CancelTimer(cancelled);
  executor_.CancelTimer(0);
  Drain();
  EXPECT_EQ(ran_, (std::vector<int>{10, 50}));
  EXPECT_GE(scheduler_.now_ns(), 50 * kMs);
}

TEST_F(SimExecutorTest, WriteLaneWorksAndCompletesInOrder) {
  std::vector<int> completed;
  for (int i = 0; i < 50; ++i) {
    executor_.Run(
        Lane::kWrite, [this, i] { ran_.push_back(i); },
        [&completed, i] { completed.push_back(i); });
  }
  Drain();
  ASSERT_EQ(ran_.size(), 50u);
  EXPECT_TRUE(std::is_sorted(ran_.begin(), ran_.end()));
  EXPECT_TRUE(std::is_sorted(completed.begin(), completed.end()));
}

TEST_F(SimExecutorTest, HashLaneOverlapsUpToItsWidth) {
  int started_before_done = 0;
  std::vector<int> completed;
  for (int i = 0; i < 50; ++i) {
    executor_.Run(
        Lane::kHash, [&] { ++started_before_done; }, [&completed, i] { completed.push_back(i); });
  }
  Drain();
  EXPECT_EQ(completed.size(), 50u);
  EXPECT_FALSE(std::is_sorted(completed.begin(), completed.end()));
  EXPECT_EQ(executor_.pending(), 0u);
}

TEST_F(SimExecutorTest, KillBetweenWorkAndCompletionDropsTheCompletion) {
  bool worked = false;
  executor_.Run(
      Lane::kWrite, [&] { worked = true; }, [this] { ran_.push_back(1); });
  executor_.Run(
      Lane::kWrite, [this] { ran_.push_back(2); }, [this] { ran_.push_back(3); });
  executor_.Post([this] { ran_.push_back(4); });
  ASSERT_TRUE(scheduler_.RunUntil([&] { return worked; }));
  ran_.clear();
  executor_.Kill();
  executor_.Post([this] { ran_.push_back(5); });
  executor_.Run(
      Lane::kHash, [this] { ran_.push_back(6); }, [] {});
  Drain();
  EXPECT_TRUE(ran_.empty());
}

TEST_F(SimExecutorTest, KillInTheMiddleOfAJobLosesItsCompletion) {
  executor_.Run(
      Lane::kHash,
      [this] {
        executor_.Kill();
        ran_.push_back(1);
      },
      [this] { ran_.push_back(2); });
  Drain();
  EXPECT_EQ(ran_, std::vector<int>{1});
}

TEST_F(SimExecutorTest, KillReleasesWhatDroppedTasksOwn) {
  const auto owned = std::make_shared<int>(1);
  executor_.Post([owned] {});
  executor_.PostAfter(5, [owned] {});
  for (int i = 0; i < 10; ++i)
    executor_.Run(
        Lane::kHash, [owned] {}, [owned] {});
  executor_.Kill();
  EXPECT_EQ(owned.use_count(), 1);
}

}  // namespace
}  // namespace atozsync
