// The small values of report.h: what they are called, how they add up, how a run is ended.
#include <chrono>
#include <numeric>

#include "database/report.h"

namespace atozsync {

void Interrupt::Set() {
  std::lock_guard lock(mutex_);
  set_ = true;
  changed_.notify_all();
}

bool Interrupt::is_set() {
  std::lock_guard lock(mutex_);
  return set_;
}

bool Interrupt::WaitMs(int64_t wait_ms) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, std::chrono::milliseconds(wait_ms), [&] { return set_; });
}

const char* FindingKindName(FindingKind kind) {
  switch (kind) {
    case FindingKind::kMissing: return "missing";
    case FindingKind::kOrphan: return "orphan";
    case FindingKind::kSeveralRows: return "several-rows";
    case FindingKind::kWrongFolder: return "wrong-folder";
    case FindingKind::kCaseOnly: return "case-only";
  }
  return "unknown";
}

uint64_t ReportCounts::findings_total() const {
  return std::accumulate(findings.begin(), findings.end(), uint64_t{0});
}

}  // namespace atozsync
