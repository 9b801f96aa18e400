// TrafficLog: what was received, sent and waiting in each five minutes of the last day. Plain
// value; clock and counters come in.
#pragma once

#include <cstdint>
#include <deque>

#include "agent/json_reports.h"

namespace atozsync {

struct TrafficSample {
  int64_t wall_ms = 0;  // when the step began
  uint64_t received_bytes = 0;
  uint64_t sent_bytes = 0;
  uint64_t waiting_files = 0;  // the most that waited to be received
  bool operator==(const TrafficSample&) const = default;
};

class TrafficLog {
 public:
  static constexpr int64_t kStepMs = 300'000;
  static constexpr size_t kSamplesMax = 288;  // 24 hours

  // Content since the agent started: a smaller number than the last one began anew.
  void Add(int64_t wall_ms, uint64_t received_total, uint64_t sent_total, uint64_t waiting_files);
  // Oldest first, none older than a day.
  const std::deque<TrafficSample>& samples() const { return samples_; }

  Json ToJson() const;  // of GET /v1/traffic
  // What makes no sense is left out.
  void Load(const Json& samples, int64_t wall_ms);

 private:
  void DropOld(int64_t wall_ms);

  std::deque<TrafficSample> samples_;
  uint64_t received_total_ = 0;
  uint64_t sent_total_ = 0;
};

}  // namespace atozsync
