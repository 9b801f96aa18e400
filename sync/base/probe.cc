#include "sync/base/probe.h"

namespace atozsync {

std::vector<ProbeCounter> ProbeHits() {
#define ATOZ_PROBE_COUNTER(constant, name, text) {ProbeId::constant, name, text, 0, ""},
  std::vector<ProbeCounter> counters = {ATOZ_PROBES(ATOZ_PROBE_COUNTER)};
#undef ATOZ_PROBE_COUNTER
#define ATOZ_PROBE_ELSEWHERE(constant, suite) \
  counters[static_cast<size_t>(ProbeId::constant)].only_in = suite;
  ATOZ_PROBES_ELSEWHERE(ATOZ_PROBE_ELSEWHERE)
#undef ATOZ_PROBE_ELSEWHERE
  for (ProbeCounter& counter : counters) {
    size_t at = static_cast<size_t>(counter.id);
    counter.hits = internal::probe_hits[at].load(std::memory_order_relaxed);
  }
  return counters;
}

void ResetProbes() {
  for (std::atomic<uint64_t>& hits : internal::probe_hits) hits.store(0, std::memory_order_relaxed);
}

}  // namespace atozsync
