#include "sync/os/uv_executor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <functional>
#include <future>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace atozsync {
namespace {

using testing::ElementsAre;

class UvExecutorTest : public testing::Test {
 protected:
  Task Note(std::string what) {
    return [this, what] { notes_.push_back(what); };
  }
  Task StopAfter(std::string what) {
    return [this, what] {
      notes_.push_back(what);
      executor_->Stop();
    };
  }

  std::vector<std::string> notes_;
  std::unique_ptr<UvExecutor> executor_ = std::make_unique<UvExecutor>(2);
};

// --- Posting ---

TEST_F(UvExecutorTest, TasksRunInOrderAndNotInsidePost) {
  executor_->Post(Note("1"));
  executor_->Post(Note("2"));
  executor_->Post(StopAfter("3"));
  EXPECT_THAT(notes_, ElementsAre());
  executor_->Run();
  EXPECT_THAT(notes_, ElementsAre("1", "2", "3"));
}

TEST_F(UvExecutorTest, APostedTaskPostsForALaterTurn) {
  executor_->Post([this] {
    executor_->Post([this] {
      executor_->Post(StopAfter("inner"));
      notes_.push_back("middle");
    });
    notes_.push_back("outer");
  });
  executor_->Post(Note("second"));
  executor_->Run();
  EXPECT_THAT(notes_, ElementsAre("outer", "second", "middle", "inner"));
}

TEST_F(UvExecutorTest, TasksThatPostForeverDoNotStarveInputAndTimers) {
  std::function<void()> again = [&] { executor_->Post([&] { again(); }); };
  for (size_t i = 0; i < 2 * UvExecutor::kTasksPerTurnMax; ++i) again();
  // An async handle of its own stands for a socket here.
  std::function<void()> on_input = [&] {
    notes_.push_back("input");
    executor_->PostAfter(1, StopAfter("timer"));
  };
  uv_async_t input;
  input.data = &on_input;
  uv_async_init(executor_->raw(), &input, [](uv_async_t* handle) {
    uv_close(reinterpret_cast<uv_handle_t*>(handle), nullptr);
    (*static_cast<std::function<void()>*>(handle->data))();
  });
  uv_async_send(&input);
  executor_->Run();
  EXPECT_THAT(notes_, ElementsAre("input", "timer"));
  executor_.reset();  // while `input` and `again` are still here
}

TEST_F(UvExecutorTest, RunCanBeCalledAgainAndStopBeforeItEndsItAtOnce) {
  executor_->Post(StopAfter("first run"));
  executor_->Post(Note("second run"));
  executor_->Run();
  EXPECT_THAT(notes_, ElementsAre("first run"));
  executor_->Stop();
  executor_->Run();
  EXPECT_THAT(notes_, ElementsAre("first run"));
  executor_->Post(StopAfter("end"));
  executor_->Run();
  EXPECT_THAT(notes_, ElementsAre("first run", "second run", "end"));
}

TEST_F(UvExecutorTest, OtherThreadsPostInTheirOrder) {
  constexpr int kPerThread = 1000;
  std::vector<std::vector<int>> got(3);
  int left = 3 * kPerThread;
  const std::thread::id loop_thread = std::this_thread::get_id();
  std::vector<std::thread> threads;
  for (size_t t = 0; t < 3; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kPerThread; ++i) {
        executor_->PostFromAnyThread([&, t, i] {
          EXPECT_EQ(std::this_thread::get_id(), loop_thread);
          got[t].push_back(i);
          if (--left == 0) executor_->Stop();
        });
      }
    });
  }
  executor_->Run();
  for (std::thread& thread : threads) thread.join();
  for (const std::vector<int>& numbers : got) {
    ASSERT_EQ(numbers.size(), size_t{kPerThread});
    EXPECT_TRUE(std::is_sorted(numbers.begin(), numbers.end()));
  }
}

TEST_F(UvExecutorTest, APostFromAnotherThreadWakesAWaitingLoop) {
  std::promise<void> waiting;
  std::thread other([&] {
    waiting.get_future().wait();
    executor_->PostFromAnyThread(StopAfter("woken"));
  });
  executor_->Post([&] { waiting.set_value(); });
  executor_->Run();
  other.join();
  EXPECT_THAT(notes_, ElementsAre("woken"));
}

// --- Lanes ---

TEST_F(UvExecutorTest, WorkRunsOnAWorkerAndDoneOnTheLoop) {
  const std::thread::id loop_thread = std::this_thread::get_id();
  std::thread::id worker_thread;
  executor_->Run(
      Lane::kHash, [&] { worker_thread = std::this_thread::get_id(); },
      [&] {
        EXPECT_EQ(std::this_thread::get_id(), loop_thread);
        executor_->Stop();
      });
  executor_->Run();
  EXPECT_NE(worker_thread, std::thread::id());
  EXPECT_NE(worker_thread, loop_thread);
}

TEST_F(UvExecutorTest, DoneNeverRunsInsideTheCallThatStartsTheWork) {
  executor_->Post([this] {
    std::promise<void> worked;
    executor_->Run(
        Lane::kWalk, [&] { worked.set_value(); },
        [this] {
          notes_.push_back("done");
          executor_->Stop();
        });
    worked.get_future().wait();  // the work is over, and still …
    notes_.push_back("started");
  });
  executor_->Run();
  EXPECT_THAT(notes_, ElementsAre("started", "done"));
}

TEST_F(UvExecutorTest, TheWriteLaneKeepsTheOrder) {
  std::vector<int> worked;  // one worker only: no lock
  std::vector<int> done;
  for (int i = 0; i < 200; ++i) {
    executor_->Run(
        Lane::kWrite, [&worked, i] { worked.push_back(i); },
        [&, i] {
          done.push_back(i);
          if (i == 199) executor_->Stop();
        });
  }
  executor_->Run();
  ASSERT_EQ(worked.size(), 200u);
  EXPECT_TRUE(std::is_sorted(worked.begin(), worked.end()));
  EXPECT_EQ(done, worked);
}

TEST_F(UvExecutorTest, LanesDoNotWaitForEachOther) {
  std::promise<void> release;
  std::shared_future<void> released = release.get_future().share();
  for (int i = 0; i < 20; ++i)
    executor_->Run(
        Lane::kHash, [released] { released.wait(); }, [] {});
  executor_->Run(
      Lane::kWrite, [] {},
      [&] {
        executor_->Run(
            Lane::kWalk, [] {}, [&] { executor_->Stop(); });
      });
  executor_->Run();  // would never return if the stuck lane held up the others
  release.set_value();
}

TEST_F(UvExecutorTest, WorkHasLetGoOfEverythingWhenDoneRuns) {
  struct SlowToGo {
    std::atomic<bool>& gone;
    ~SlowToGo() {
      std::this_thread::yield();  // gives a `done` that comes too early its chance
      gone = true;
    }
  };
  for (int i = 0; i < 500; ++i) {
    std::atomic<bool> gone = false;
    executor_->Run(
        Lane::kHash, [owned = std::unique_ptr<SlowToGo>(new SlowToGo{gone})] {},
        [&] {
          EXPECT_TRUE(gone);
          executor_->Stop();
        });
    executor_->Run();
  }
}

// --- Timers and clock ---

TEST_F(UvExecutorTest, TimersRunByTimeThenByOrder) {
  executor_->PostAfter(20, StopAfter("late"));
  executor_->PostAfter(5, Note("soon 1"));
  executor_->PostAfter(5, Note("soon 2"));
  executor_->PostAfter(-7, Note("now"));
  EXPECT_THAT(notes_, ElementsAre());
  executor_->Run();
  EXPECT_THAT(notes_, ElementsAre("now", "soon 1", "soon 2", "late"));
}

TEST_F(UvExecutorTest, TimersAreNeverEarlyByTheLoopsClock) {
  const int64_t start_ms = executor_->clock().MonoMs();
  executor_->PostAfter(30, [this] { executor_->Stop(); });
  executor_->Run();
  EXPECT_GE(executor_->clock().MonoMs(), start_ms + 30);
}

TEST_F(UvExecutorTest, CancelledTimersDoNotRun) {
  std::set<TimerId> ids;
  const TimerId first = executor_->PostAfter(1, Note("cancelled before"));
  const TimerId sibling = executor_->PostAfter(3, Note("cancelled by the one before it"));
  executor_->PostAfter(2, [this, sibling] { executor_->CancelTimer(sibling); });
  const TimerId last = executor_->PostAfter(10, StopAfter("last"));
  EXPECT_EQ((std::set<TimerId>{0, first, sibling, last}).size(), 4u);
  executor_->CancelTimer(first);
  executor_->CancelTimer(first);
  executor_->CancelTimer(0);
  executor_->CancelTimer(last + 1000);
  executor_->Run();
  EXPECT_THAT(notes_, ElementsAre("last"));
  executor_->CancelTimer(last);  // has run
}

TEST_F(UvExecutorTest, ATimerThatStartsItselfAgainLeavesTurnsToOthers) {
  std::function<void()> again = [&] { executor_->PostAfter(0, [&] { again(); }); };
  again();
  int turns = 0;
  std::function<void()> count = [&] {
    if (++turns == 5) return executor_->Stop();
    executor_->Post([&] { count(); });
  };
  executor_->PostAfter(1, [&] { count(); });
  executor_->Run();
  EXPECT_EQ(turns, 5);
  executor_.reset();
}

TEST_F(UvExecutorTest, TimeStandsStillWithinATurnAndMovesBetweenTurns) {
  int64_t mono_ms = 0;
  int64_t wall_ns = 0;
  executor_->Post([&] {
    mono_ms = executor_->clock().MonoMs();
    wall_ns = executor_->clock().WallNs();
    const uint64_t begin_ns = uv_hrtime();
    while (uv_hrtime() - begin_ns < 3'000'000) {  // what passes here must not be seen
    }
    EXPECT_EQ(executor_->clock().MonoMs(), mono_ms);
    EXPECT_EQ(executor_->clock().WallNs(), wall_ns);
    executor_->PostAfter(1, [&] {
      EXPECT_GT(executor_->clock().MonoMs(), mono_ms);
      EXPECT_NE(executor_->clock().WallNs(), wall_ns);
      executor_->Stop();
    });
  });
  executor_->Run();
}

// --- Signals ---

TEST_F(UvExecutorTest, SignalsArriveOnTheLoopAndTheHandlerCanBeReplaced) {
  executor_->OnSignal(SIGUSR1, [this] {
    notes_.push_back("first");
    executor_->OnSignal(SIGUSR1, [this] {
      notes_.push_back("second");
      executor_->Stop();
    });
    ::raise(SIGUSR1);
  });
  ::raise(SIGUSR1);
  executor_->Run();
  EXPECT_THAT(notes_, ElementsAre("first", "second"));
}

// --- Destruction ---

// Says on which thread, and when, what a task owned went away; calls back into the executor as
// owners of timers do.
class CallsBack {
 public:
  CallsBack(UvExecutor& executor, int& gone) : executor_(executor), gone_(gone) {
    timer_ = executor_.PostAfter(1'000'000, [] {});
  }
  ~CallsBack() {
    executor_.CancelTimer(timer_);
    executor_.Post([] { ADD_FAILURE() << "ran after the end"; });
    executor_.PostAfter(0, [] { ADD_FAILURE() << "ran after the end"; });
    executor_.Run(
        Lane::kHash, [] { ADD_FAILURE() << "ran after the end"; }, [] {});
    EXPECT_EQ(std::this_thread::get_id(), thread_);
    ++gone_;
  }

 private:
  UvExecutor& executor_;
  int& gone_;
  TimerId timer_ = 0;
  const std::thread::id thread_ = std::this_thread::get_id();
};

TEST_F(UvExecutorTest, DestructionDropsEverythingQueued) {
  int gone = 0;
  auto owned = [&] { return std::make_shared<CallsBack>(*executor_, gone); };
  std::promise<void> started;
  std::promise<void> release;
  executor_->Run(
      Lane::kWrite,
      [&] {
        started.set_value();
        release.get_future().wait();
      },
      [this, keep = owned()] { notes_.push_back("done of the job that ran"); });
  executor_->Run(
      Lane::kWrite, [] { ADD_FAILURE() << "began after the end"; },
      // Dropped first: then the job that runs may end.
      [keep = std::shared_ptr<void>(nullptr, [&](void*) { release.set_value(); })] {
        ADD_FAILURE() << "done without work";
      });
  executor_->Post([this, keep = owned()] { notes_.push_back("task"); });
  executor_->PostAfter(0, [this, keep = owned()] { notes_.push_back("timer"); });
  executor_->PostFromAnyThread([this, keep = owned()] { notes_.push_back("inbox"); });
  started.get_future().wait();
  executor_.reset();
  EXPECT_EQ(gone, 4);
  EXPECT_THAT(notes_, ElementsAre());
}

TEST_F(UvExecutorTest, HandlesOfOthersThatAreClosingGetTheirCallback) {
  uv_timer_t handle;
  uv_timer_init(executor_->raw(), &handle);
  handle.data = &notes_;
  uv_close(reinterpret_cast<uv_handle_t*>(&handle), [](uv_handle_t* closed) {
    static_cast<std::vector<std::string>*>(closed->data)->push_back("closed");
  });
  executor_->Stop();  // nobody runs the loop any more
  executor_.reset();
  EXPECT_THAT(notes_, ElementsAre("closed"));
}

}  // namespace
}  // namespace atozsync
