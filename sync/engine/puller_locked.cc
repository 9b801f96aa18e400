// What the puller tells of files that it cannot replace, and what a person may do about them.
#include <algorithm>

#include "sync/engine/puller.h"

namespace atozsync {

namespace {

template <typename Entry>
bool IsLocked(const Scanner& scanner, const Entry& entry) {
  return entry.second.locked && !scanner.LockedAt(entry.first);
}

}  // namespace

// All that waits is gone through, for a question of a person: at most kDeferredMax.
uint64_t Puller::files_locked() const {
  return static_cast<uint64_t>(
      std::count_if(deferred_.begin(), deferred_.end(),
                    [&](const auto& entry) { return IsLocked(scanner_, entry); }));
}

HeldFile Puller::LockedFile(const RelPath& path, const Deferred& deferred) const {
  // At most a hundred problems are remembered.
  auto problem = core_.problems().find(path);
  const bool known = problem != core_.problems().end();
  HeldFile held{path, HeldWhy::kLocked, deferred.locked_since_ms, 0,
                known ? problem->second : "cannot be written: tried again until it can"};
  held.next_try_ms =
      core_.KeptMs() + std::max<int64_t>(deferred.until_ms - core_.clock.MonoMs(), 0);
  return held;
}

void Puller::ListLocked(OldestHeld& out) const {
  for (const auto& entry : deferred_) {
    if (!IsLocked(scanner_, entry) || !out.Wants(entry.second.locked_since_ms)) continue;
    out.Add(LockedFile(entry.first, entry.second));
  }
}

std::optional<HeldFile> Puller::LockedAt(const RelPath& path) const {
  auto at = deferred_.find(path);
  if (at == deferred_.end() || !IsLocked(scanner_, *at)) return {};
  return LockedFile(path, at->second);
}

bool Puller::AnyLocked(const RelPath& path) const {
  return std::any_of(deferred_.begin(), deferred_.end(), [&](const auto& entry) {
    return entry.second.locked && entry.first.IsAtOrBelow(path);
  });
}

bool Puller::TryLocked(const RelPath& path) {
  bool any = false;
  for (auto& [locked, deferred] : deferred_) {
    if (!deferred.locked || !locked.IsAtOrBelow(path)) continue;
    any = true;
    deferred.until_ms = core_.clock.MonoMs();
    deferred.attempts = 0;  // the pauses begin to grow anew
  }
  if (any) Wake();
  return any;
}

}  // namespace atozsync
