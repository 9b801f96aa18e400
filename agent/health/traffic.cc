#include "agent/health/traffic.h"

#include <algorithm>

#include "agent/format.h"

namespace atozsync {

namespace {

int64_t StepOf(int64_t wall_ms) {
  return wall_ms - ((wall_ms % TrafficLog::kStepMs) + TrafficLog::kStepMs) % TrafficLog::kStepMs;
}

uint64_t Since(uint64_t before, uint64_t now) {
  return now >= before ? now - before : now;
}

}  // namespace

void TrafficLog::DropOld(int64_t wall_ms) {
  const int64_t oldest_ms = StepOf(wall_ms) - (static_cast<int64_t>(kSamplesMax) - 1) * kStepMs;
  std::erase_if(samples_, [&](const TrafficSample& sample) {
    // A clock that was set back: what lies ahead of it would stand there for a day.
    return sample.wall_ms < oldest_ms || sample.wall_ms > wall_ms;
  });
}

void TrafficLog::Add(int64_t wall_ms, uint64_t received_total, uint64_t sent_total,
                     uint64_t waiting_files) {
  DropOld(wall_ms);
  if (samples_.empty() || samples_.back().wall_ms != StepOf(wall_ms)) {
    samples_.push_back({StepOf(wall_ms), 0, 0, 0});
  }
  TrafficSample& now = samples_.back();
  now.received_bytes += Since(received_total_, received_total);
  now.sent_bytes += Since(sent_total_, sent_total);
  now.waiting_files = std::max(now.waiting_files, waiting_files);
  received_total_ = received_total;
  sent_total_ = sent_total;
}

Json TrafficLog::ToJson() const {
  Json list = Json::array();
  for (const TrafficSample& sample : samples_) {
    list.push_back({{"t", UtcTime(sample.wall_ms)},
                    {"t_ms", sample.wall_ms},
                    {"received_bytes", sample.received_bytes},
                    {"sent_bytes", sample.sent_bytes},
                    {"waiting_files", sample.waiting_files}});
  }
  return list;
}

void TrafficLog::Load(const Json& samples, int64_t wall_ms) {
  samples_.clear();
  if (!samples.is_array()) return;
  for (const Json& entry : samples) {
    const uint64_t t_ms = NumberAt(entry, "t_ms");
    if (wall_ms < 0 || t_ms > static_cast<uint64_t>(wall_ms)) continue;
    TrafficSample sample;
    sample.wall_ms = StepOf(static_cast<int64_t>(t_ms));
    sample.received_bytes = NumberAt(entry, "received_bytes");
    sample.sent_bytes = NumberAt(entry, "sent_bytes");
    sample.waiting_files = NumberAt(entry, "waiting_files");
    if (samples_.empty() || sample.wall_ms > samples_.back().wall_ms) samples_.push_back(sample);
  }
  DropOld(wall_ms);
}

}  // namespace atozsync
