// SimExecutor: the loop and the worker lanes of one simulated process. Work and completion are two
// events with time between them, so that a crash can fall before, between and after them.
//
// Single-threaded: "workers" run on the one thread, one job at a time, at random later moments.
// Jobs of kWrite run one after the other and complete in order; jobs of the other lanes overlap up
// to the lane's width and finish in any order.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <string>

#include "sync/base/executor.h"
#include "tests/sim/sim_random.h"
#include "tests/sim/sim_scheduler.h"

namespace atozsync {

struct SimExecutorOptions {
  int64_t work_max_ns = 5 * kMs;  // usual time of one job: 10 µs … this
  uint32_t stall_permille = 5;    // this often a job takes up to stall_max_ns
  int64_t stall_max_ns = 2 * kSecond;
  int64_t done_max_ns = kMs;                            // from work to completion
  std::array<int, kLaneCount> width = {4, 1, 2, 1, 2};  // in the order of Lane
};

class SimExecutor final : public Executor {
 public:
  // `name` must be unique in the world: it labels events and picks the random stream.
  SimExecutor(SimScheduler& scheduler, const std::string& name, SimExecutorOptions options = {});
  ~SimExecutor() override;
  SimExecutor(const SimExecutor&) = delete;
  SimExecutor& operator=(const SimExecutor&) = delete;

  void Post(Task task) override;
  TimerId PostAfter(int64_t delay_ms, Task task) override;
  void CancelTimer(TimerId id) override;
  void Run(Lane lane, Task work, Task done) override;

  // The process dies: nothing that has not run will run, and what is given from now on is dropped.
  // A job in whose middle this is called still reaches its end (a file system that is powered off
  // refuses its further calls); its completion never comes. A new process gets a new executor.
  void Kill();
  bool killed() const { return killed_; }

  // Posted tasks and jobs not yet completed, timers not counted.
  size_t pending() const { return posts_pending_ + jobs_pending_; }
  uint64_t jobs_run() const { return jobs_run_; }

 private:
  struct Job {
    Task work;
    Task done;
  };
  struct LaneState {
    std::deque<Job> waiting;
    int running = 0;
    int64_t last_done_ns = 0;  // kWrite: completions keep the order of the work
  };

  // An event that is forgotten when the process dies.
  // Answers the own number, which serves as TimerId.
  uint64_t Schedule(int64_t delay_ns, const std::string& label, Task task);
  void StartJobs(Lane lane);
  void RunWork(Lane lane, Job job);
  int64_t DoneDelayNs(Lane lane);

  SimScheduler& scheduler_;
  SimRandom random_;
  SimExecutorOptions options_;
  std::string post_label_;
  std::string timer_label_;
  std::string work_label_;
  std::string done_label_;
  std::array<LaneState, kLaneCount> lanes_;
  std::map<uint64_t, SimScheduler::EventId> live_;  // own number → event
  uint64_t next_live_ = 1;
  size_t posts_pending_ = 0;
  size_t jobs_pending_ = 0;
  uint64_t jobs_run_ = 0;
  bool killed_ = false;
};

}  // namespace atozsync
