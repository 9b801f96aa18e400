#include "sync/engine/oldest_held.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace atozsync {

namespace {

bool Before(const HeldFile& a, const HeldFile& b) {
  return std::tie(a.since_ms, a.path, a.why) < std::tie(b.since_ms, b.path, b.why);
}

}  // namespace

bool OldestHeld::Wants(int64_t since_ms) const {
  return heap_.size() < limit_ || (!heap_.empty() && since_ms <= heap_.front().since_ms);
}

void OldestHeld::Add(HeldFile file) {
  if (limit_ == 0) return;
  if (heap_.size() == limit_) {
    if (!Before(file, heap_.front())) return;
    std::pop_heap(heap_.begin(), heap_.end(), Before);
    heap_.pop_back();
  }
  heap_.push_back(std::move(file));
  std::push_heap(heap_.begin(), heap_.end(), Before);
}

std::vector<HeldFile> OldestHeld::Take() {
  std::sort_heap(heap_.begin(), heap_.end(), Before);
  return std::exchange(heap_, {});
}

}  // namespace atozsync
