#include "tests/sim/sim_scheduler.h"

#include <algorithm>

namespace atozsync {

SimScheduler::EventId SimScheduler::After(int64_t delay_ns, std::string_view label, Task task) {
  const EventId id = next_id_++;
  const int64_t time_ns = now_ns_ + std::max<int64_t>(delay_ns, 0);
  events_.emplace(Key{time_ns, id}, Event{std::string(label), std::move(task)});
  times_.emplace(id, time_ns);
  return id;
}

void SimScheduler::Cancel(EventId id) {
  const auto time = times_.find(id);
  if (time == times_.end()) return;
  // Taken out before it is destroyed: what the task owns may cancel other events.
  auto node = events_.extract(Key{time->second, id});
  times_.erase(time);
}

bool SimScheduler::Step() {
  if (events_.empty()) return false;
  auto node = events_.extract(events_.begin());
  const auto [time_ns, id] = node.key();
  times_.erase(id);
  now_ns_ = std::max(now_ns_, time_ns);  // late, when the world slept
  ++steps_;
  Trace(node.mapped().label, id);
  node.mapped().task();
  return true;
}

bool SimScheduler::RunUntil(const std::function<bool()>& done, uint64_t max_steps) {
  for (uint64_t i = 0; i < max_steps; ++i) {
    if (done()) return true;
    if (!Step()) return false;
  }
  return done();
}

bool SimScheduler::RunFor(int64_t duration_ns, uint64_t max_steps) {
  const int64_t end_ns = now_ns_ + duration_ns;
  for (uint64_t i = 0; i < max_steps; ++i) {
    if (events_.empty() || events_.begin()->first.first > end_ns) {
      now_ns_ = end_ns;
      return true;
    }
    Step();
  }
  return false;
}

void SimScheduler::Trace(std::string_view what, uint64_t value) {
  trace_hash_ = Fnv1a(static_cast<uint64_t>(now_ns_), trace_hash_);
  trace_hash_ = Fnv1a(AsBytes(what), trace_hash_);
  trace_hash_ = Fnv1a(value, trace_hash_);
  if (trace_sink_) trace_sink_(now_ns_, what, value);
}

}  // namespace atozsync
