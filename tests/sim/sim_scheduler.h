// SimScheduler: the one queue of everything that will happen in a simulated world, ordered by time
// and, within one instant, by the order in which it was asked for. And SimClock: what one machine
// believes the time is.
//
// Single-threaded. Time moves only between events. The trace hash is fed with every event that ran
// and with what components report through Trace(): two runs of one seed must end with the same
// hash, else something in the world depends on more than the seed.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "sync/base/clock.h"
#include "sync/base/executor.h"
#include "tests/sim/sim_random.h"

namespace atozsync {

inline constexpr int64_t kUs = 1'000;  // nanoseconds
inline constexpr int64_t kMs = 1'000'000;
inline constexpr int64_t kSecond = 1'000'000'000;

class SimScheduler {
 public:
  using EventId = uint64_t;  // 0 = none

  explicit SimScheduler(uint64_t seed) : random_(seed) {}
  SimScheduler(const SimScheduler&) = delete;
  SimScheduler& operator=(const SimScheduler&) = delete;

  // `label` names the event in the trace: a literal or a name that is the same in every run.
  // A negative delay counts as 0.
  EventId After(int64_t delay_ns, std::string_view label, Task task);
  // Harmless when it has run, was cancelled or is 0.
  void Cancel(EventId id);

  // Runs the next event; false when there is none.
  bool Step();
  // Steps until `done` says so (asked before every step); false when the queue ran empty or
  // `max_steps` were made without that.
  bool RunUntil(const std::function<bool()>& done, uint64_t max_steps = 1'000'000);
  // Runs all events of the next `duration_ns` and ends at that instant; false when `max_steps` were
  // not enough.
  bool RunFor(int64_t duration_ns, uint64_t max_steps = 1'000'000);
  // Everybody sleeps: time passes, nothing happens in it. What was due is late.
  void Sleep(int64_t duration_ns) { now_ns_ += duration_ns; }

  int64_t now_ns() const { return now_ns_; }
  uint64_t steps() const { return steps_; }
  size_t pending() const { return events_.size(); }
  uint64_t trace_hash() const { return trace_hash_; }
  void Trace(std::string_view what, uint64_t value);
  // Called with each event and each Trace(): to print what led to a failure.
  void SetTraceSink(
      std::function<void(int64_t now_ns, std::string_view what, uint64_t value)> sink) {
    trace_sink_ = std::move(sink);
  }

  // Fork from here: one seed rules the whole world.
  const SimRandom& random() const { return random_; }

 private:
  struct Event {
    std::string label;
    Task task;
  };
  using Key = std::pair<int64_t, EventId>;  // time, sequence

  SimRandom random_;
  int64_t now_ns_ = 0;
  EventId next_id_ = 1;
  uint64_t steps_ = 0;
  uint64_t trace_hash_ = kFnvStart;
  std::map<Key, Event> events_;
  std::map<EventId, int64_t> times_;  // of pending events
  std::function<void(int64_t, std::string_view, uint64_t)> trace_sink_;
};

// Wall time starts at a fixed Monday morning. Skew and jumps move the wall only: MonoMs() never
// goes back.
class SimClock final : public Clock {
 public:
  static constexpr int64_t kEpochNs = 1'767'600'000 * kSecond;  // 2026-01-05 08:00 UTC

  explicit SimClock(const SimScheduler& scheduler, int64_t skew_ns = 0, int64_t mono_start_ms = 0)
      : scheduler_(scheduler), skew_ns_(skew_ns), mono_start_ms_(mono_start_ms) {}

  int64_t MonoMs() const override { return mono_start_ms_ + scheduler_.now_ns() / kMs; }
  int64_t WallNs() const override { return kEpochNs + scheduler_.now_ns() + skew_ns_; }
  void JumpWall(int64_t by_ns) { skew_ns_ += by_ns; }

 private:
  const SimScheduler& scheduler_;
  int64_t skew_ns_;
  int64_t mono_start_ms_;
};

}  // namespace atozsync
