#include "tests/sim/sim_executor.h"

#include <algorithm>
#include <utility>

namespace atozsync {
namespace {

// A turn of the loop takes time: a program that posts for ever does not stop the world.
constexpr int64_t kTurnNs = kUs;

}  // namespace

SimExecutor::SimExecutor(SimScheduler& scheduler, const std::string& name,
                         SimExecutorOptions options)
    : scheduler_(scheduler),
      random_(scheduler.random().Fork(name + "/executor")),
      options_(options),
      post_label_(name + "/post"),
      timer_label_(name + "/timer"),
      work_label_(name + "/work"),
      done_label_(name + "/done") {}

SimExecutor::~SimExecutor() {
  Kill();
}

uint64_t SimExecutor::Schedule(int64_t delay_ns, const std::string& label, Task task) {
  const uint64_t number = next_live_++;
  const SimScheduler::EventId id =
      scheduler_.After(delay_ns, label, [this, number, task = std::move(task)]() mutable {
        live_.erase(number);
        task();
      });
  live_.emplace(number, id);
  return number;
}

void SimExecutor::Post(Task task) {
  if (killed_) return;
  ++posts_pending_;
  Schedule(kTurnNs, post_label_, [this, task = std::move(task)]() mutable {
    --posts_pending_;
    task();
  });
}

TimerId SimExecutor::PostAfter(int64_t delay_ms, Task task) {
  if (killed_) return 0;
  return Schedule(std::max<int64_t>(delay_ms, 0) * kMs + kTurnNs, timer_label_, std::move(task));
}

void SimExecutor::CancelTimer(TimerId id) {
  const auto found = live_.find(id);
  if (found == live_.end()) return;
  const SimScheduler::EventId event = found->second;
  live_.erase(found);
  scheduler_.Cancel(event);
}

void SimExecutor::Run(Lane lane, Task work, Task done) {
  if (killed_) return;
  ++jobs_pending_;
  lanes_[static_cast<size_t>(lane)].waiting.push_back({std::move(work), std::move(done)});
  StartJobs(lane);
}

void SimExecutor::StartJobs(Lane lane) {
  LaneState& state = lanes_[static_cast<size_t>(lane)];
  while (!killed_ && !state.waiting.empty() &&
         state.running < options_.width[static_cast<size_t>(lane)]) {
    Job job = std::move(state.waiting.front());
    state.waiting.pop_front();
    ++state.running;
    const bool stalled = random_.Chance(options_.stall_permille);
    const int64_t most_ns = stalled ? options_.stall_max_ns : options_.work_max_ns;
    Schedule(random_.Between(10 * kUs, std::max(most_ns, 10 * kUs)), work_label_,
             [this, lane, job = std::move(job)]() mutable { RunWork(lane, std::move(job)); });
  }
}

void SimExecutor::RunWork(Lane lane, Job job) {
  ++jobs_run_;
  job.work();
  job.work = nullptr;
  if (killed_) return;
  --lanes_[static_cast<size_t>(lane)].running;
  Schedule(DoneDelayNs(lane), done_label_, [this, done = std::move(job.done)]() mutable {
    --jobs_pending_;
    done();
  });
  StartJobs(lane);
}

int64_t SimExecutor::DoneDelayNs(Lane lane) {
  LaneState& state = lanes_[static_cast<size_t>(lane)];
  const int64_t now_ns = scheduler_.now_ns();
  int64_t at_ns = now_ns + random_.Between(0, options_.done_max_ns);
  if (lane == Lane::kWrite) at_ns = std::max(at_ns, state.last_done_ns);
  state.last_done_ns = at_ns;
  return at_ns - now_ns;
}

void SimExecutor::Kill() {
  killed_ = true;
  posts_pending_ = 0;
  jobs_pending_ = 0;
  // What a dropped task owns may call back into this executor while it is destroyed.
  const auto live = std::exchange(live_, {});
  for (const auto& [number, event] : live) scheduler_.Cancel(event);
  for (LaneState& state : lanes_) const auto dropped = std::exchange(state.waiting, {});
}

}  // namespace atozsync
