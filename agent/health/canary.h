// Canary: measures the whole way – folder, watcher, index, network, the other folder – with a small
// file beside the patients' letters: its time is set anew every so often, and every replica is
// asked until it says that the new time stands there. Only its time changes, so that nothing is
// kept of it. Loop thread only.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/agent.h"

namespace atozsync {

class Canary {
 public:
  static constexpr int64_t kAskMs = 200;
  static constexpr int64_t kGiveUpMs = 10 * 60'000;

  // The agent outlives it.
  explicit Canary(Agent& agent) : agent_(agent) {}
  ~Canary();

  // Begins a round when it is time. Call it every few seconds.
  void Tick();
  // {enabled, last: {sent, round_trips: [{peer, round_trip_ms|null}]}|null}
  Json ToJson() const;

  struct RoundTrip {
    std::string peer;
    std::optional<int64_t> took_ms;
  };
  // Of the last round; those that have not answered (yet) have no time.
  const std::vector<RoundTrip>& round_trips() const { return round_trips_; }

 private:
  void Begin(int64_t wall_ms);
  void OnTouched(const Status& touched);
  void Ask();
  void OnAnswer(const ExplainReport& report);

  Agent& agent_;
  int64_t next_mono_ms_ = 0;
  int64_t began_mono_ms_ = 0;
  int64_t sent_wall_ms_ = 0;  // 0: never
  int64_t mtime_ns_ = 0;
  bool under_way_ = false;
  std::vector<RoundTrip> round_trips_;
  TimerId ask_timer_ = 0;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

// Where it lies: one for each replica, by its id.
RelPath CanaryPath(const std::string& replica_id);

}  // namespace atozsync
