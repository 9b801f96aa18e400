// Probes: how often the rare branches of the engine were taken, so that a simulation can say which
// of them it never reached. Counters only: nothing may depend on them.
//
// Any thread may hit a probe (worker jobs do). Without test points (test_points.h) a probe is
// nothing, and all counts stay zero.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <vector>

#include "sync/base/probe_list.h"
#include "sync/base/test_points.h"

namespace atozsync {

#define ATOZ_PROBE_CONSTANT(constant, name, text) constant,
enum class ProbeId : uint16_t { ATOZ_PROBES(ATOZ_PROBE_CONSTANT) };
#undef ATOZ_PROBE_CONSTANT

#define ATOZ_PROBE_ONE(constant, name, text) +1
inline constexpr size_t kProbeCount = 0 ATOZ_PROBES(ATOZ_PROBE_ONE);
#undef ATOZ_PROBE_ONE

namespace internal {
inline std::array<std::atomic<uint64_t>, kProbeCount> probe_hits{};
}  // namespace internal

inline void Probe([[maybe_unused]] ProbeId id) {
  if constexpr (kTestPoints) {
    internal::probe_hits[static_cast<size_t>(id)].fetch_add(1, std::memory_order_relaxed);
  }
}

struct ProbeCounter {
  ProbeId id;
  const char* name;  // "swap-put-back"
  const char* text;  // what happened there
  uint64_t hits = 0;
  const char* only_in = "";  // the suite that reaches it where the swarm does not
};
// All of them, in the order of the list, as counted since the start or the last reset.
std::vector<ProbeCounter> ProbeHits();
void ResetProbes();

}  // namespace atozsync
