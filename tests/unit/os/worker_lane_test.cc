#include "sync/os/worker_lane.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <vector>

namespace atozsync {
namespace {

TEST(WorkerLaneTest, OneThreadRunsJobsInTheOrderGiven) {
  std::vector<int> ran;  // only the worker touches it until Stop()
  std::promise<void> finished;
  WorkerLane lane("test", 1);
  for (int i = 0; i < 100; ++i) lane.Submit([&ran, i] { ran.push_back(i); });
  lane.Submit([&finished] { finished.set_value(); });
  finished.get_future().wait();
  lane.Stop();
  ASSERT_EQ(ran.size(), 100u);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(ran[static_cast<size_t>(i)], i);
}

TEST(WorkerLaneTest, AsManyJobsRunAtOnceAsItIsWide) {
  WorkerLane lane("test", 3);
  std::promise<void> all_here;
  std::shared_future<void> go = all_here.get_future().share();
  std::atomic<int> here = 0;
  std::promise<void> done;
  std::atomic<int> left = 3;
  for (int i = 0; i < 3; ++i) {
    lane.Submit([&] {
      if (++here == 3) all_here.set_value();  // would never come true with fewer threads
      go.wait();
      if (--left == 0) done.set_value();
    });
  }
  done.get_future().wait();
  EXPECT_EQ(here, 3);
}

TEST(WorkerLaneTest, NeverMoreThanItsWidth) {
  std::atomic<int> running = 0;
  std::atomic<int> most = 0;
  std::promise<void> finished;
  std::atomic<int> left = 200;
  WorkerLane lane("test", 2);
  for (int i = 0; i < 200; ++i) {
    lane.Submit([&] {
      const int now = ++running;
      int seen = most;
      while (now > seen && !most.compare_exchange_weak(seen, now)) {
      }
      std::this_thread::yield();
      --running;
      if (--left == 0) finished.set_value();
    });
  }
  finished.get_future().wait();
  EXPECT_LE(most, 2);
}

TEST(WorkerLaneTest, StoppingDropsWhatWaitsAndFinishesWhatRuns) {
  struct TellsItsEnd {
    std::promise<void> gone;
    ~TellsItsEnd() { gone.set_value(); }
  };
  auto owned = std::make_unique<TellsItsEnd>();
  std::future<void> dropped = owned->gone.get_future();
  std::promise<void> started;
  bool first_finished = false;
  WorkerLane lane("test", 1);
  lane.Submit([&] {
    started.set_value();
    dropped.wait();  // so that it runs until Stop() has dropped the other one
    first_finished = true;
  });
  lane.Submit([owned = std::move(owned)] { ADD_FAILURE() << "ran though it was dropped"; });
  started.get_future().wait();
  lane.Stop();
  EXPECT_TRUE(first_finished);
  lane.Submit([] { ADD_FAILURE() << "ran after Stop()"; });
  lane.Stop();
}

TEST(WorkerLaneTest, DrainingDropsWhatWaitsFinishesWhatRunsAndGoesOn) {
  std::promise<void> started;
  std::promise<void> may_end;
  std::atomic<bool> first_finished = false;
  WorkerLane lane("test", 1);
  lane.Submit([&] {
    started.set_value();
    may_end.get_future().wait();
    first_finished = true;
  });
  struct EndsTheOther {
    explicit EndsTheOther(std::promise<void>* end) : may_end(end) {}
    ~EndsTheOther() { may_end->set_value(); }
    std::promise<void>* may_end;
  };
  auto owned = std::make_unique<EndsTheOther>(&may_end);
  lane.Submit([owned = std::move(owned)] { ADD_FAILURE() << "ran though it was dropped"; });
  started.get_future().wait();
  lane.Drain();
  EXPECT_TRUE(first_finished);
  std::promise<void> again;
  lane.Submit([&] { again.set_value(); });
  again.get_future().wait();
}

}  // namespace
}  // namespace atozsync
