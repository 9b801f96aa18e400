// UvExecutor: the Executor of sync/base on libuv: one loop, its clock, timers and signals, and the
// worker lanes. Nothing of it runs on libuv's own thread pool.
//
// Loop thread only, but for PostFromAnyThread(). Handles that others open on raw() must be closing
// when the executor is destroyed (their close callbacks still run then). Tasks, timers and jobs
// that have not run are destroyed with it, unrun, on the destroying thread; what they try to post
// meanwhile is dropped.
//
// A worker destroys `work` before `done` is on its way: when both share something, the loop thread
// lets go of it last.
//
// The queues have no limit of their own: the engine and the control server limit what they have
// under way.
#pragma once

#include <uv.h>

#include <array>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "sync/base/executor.h"
#include "sync/os/os_clock.h"
#include "sync/os/worker_lane.h"

namespace atozsync {

class UvExecutor final : public Executor {
 public:
  // Tasks and timers per turn of the loop at most, each: sockets get their turn between.
  static constexpr size_t kTasksPerTurnMax = 256;

  // `hash_width` threads read and hash; 0: one per core.
  explicit UvExecutor(int hash_width = 0);
  ~UvExecutor() override;
  UvExecutor(const UvExecutor&) = delete;
  UvExecutor& operator=(const UvExecutor&) = delete;

  void Post(Task task) override;
  // Counts from the time of this turn; timers due at the same millisecond run in the order given.
  TimerId PostAfter(int64_t delay_ms, Task task) override;
  void CancelTimer(TimerId id) override;
  void Run(Lane lane, Task work, Task done) override;

  // Drops the jobs of all lanes that have not begun and waits for those that run: whoever destroys
  // what jobs work on calls this first. The executor goes on.
  void DropJobs();

  // Post() for other threads, which must have ended before the executor is destroyed.
  void PostFromAnyThread(Task task);

  // Calls `handler` on the loop thread for each `signum` that arrives, instead of what the system
  // does with it; replaces an earlier handler.
  void OnSignal(int signum, std::function<void()> handler);

  // Turns the loop until Stop(). May be called again.
  void Run();
  // Ends Run() after the task that calls this (or the next Run() at once).
  void Stop();

  const Clock& clock() const { return clock_; }
  uv_loop_t* raw() { return &loop_; }

 private:
  struct TimerKey {
    int64_t due_ms;
    TimerId id;
    auto operator<=>(const TimerKey&) const = default;
  };
  struct SignalWatch {
    uv_signal_t handle{};
    std::function<void()> handler;
  };

  static void OnAsync(uv_async_t* handle) noexcept;
  static void OnCheck(uv_check_t* handle) noexcept;
  static void OnTimer(uv_timer_t* handle) noexcept;
  static void OnSignalArrived(uv_signal_t* handle, int signum) noexcept;

  void Enqueue(Task task);
  void TakeInbox();
  void RunTasks();
  void RunDueTimers();
  void ArmTimer();
  void DropAll();
  void CloseLoop();

  uv_loop_t loop_{};
  uv_async_t async_{};  // rings for inbox_; also keeps Run() running while nothing is under way
  uv_idle_t idle_{};    // started while tasks_ is not empty: the loop does not wait for I/O then
  uv_check_t check_{};  // runs tasks_, after I/O
  uv_timer_t timer_{};  // the earliest of timers_
  OsClock clock_;

  std::deque<Task> tasks_;
  std::map<TimerKey, Task> timers_;
  std::unordered_map<TimerId, int64_t> timer_due_ms_;
  TimerId last_timer_id_ = 0;
  std::map<int, std::unique_ptr<SignalWatch>> signals_;
  bool stop_requested_ = false;
  bool closing_ = false;

  std::mutex inbox_mutex_;  // guards inbox_
  std::vector<Task> inbox_;
  std::array<std::unique_ptr<WorkerLane>, kLaneCount> lanes_;
};

}  // namespace atozsync
