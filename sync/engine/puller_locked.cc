// What the puller tells of files that it cannot replace, and what a person may do about them.
#include <algorithm>

#include "sync/engine/puller.h"

namespace atozsync {

// What another need, or a change made here, has answered meanwhile still has its pause.
bool Puller::IsLocked(const RelPath& path, const Deferred& deferred) const {
  return deferred.locked && !scanner_.LockedAt(path) && !core_.index.NeedsOf(path).empty();
}

// All that waits is gone through, for a question of a person: at most kDeferredMax.
uint64_t Puller::files_locked() const {
  return static_cast<uint64_t>(
      std::count_if(deferred_.begin(), deferred_.end(),
                    [&](const auto& entry) { return IsLocked(entry.first, entry.second); }));
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
  for (const auto& [path, deferred] : deferred_) {
    if (!out.Wants(deferred.locked_since_ms) || !IsLocked(path, deferred)) continue;
    out.Add(LockedFile(path, deferred));
  }
}

std::optional<HeldFile> Puller::LockedAt(const RelPath& path) const {
  auto at = deferred_.find(path);
  if (at == deferred_.end() || !IsLocked(path, at->second)) return {};
  return LockedFile(path, at->second);
}

bool Puller::AnyLocked(const RelPath& path) const {
  return std::any_of(deferred_.begin(), deferred_.end(), [&](const auto& entry) {
    return entry.first.IsAtOrBelow(path) && IsLocked(entry.first, entry.second);
  });
}

bool Puller::TryLocked(const RelPath& path) {
  bool any = false;
  for (auto& [locked, deferred] : deferred_) {
    if (!locked.IsAtOrBelow(path) || !IsLocked(locked, deferred)) continue;
    any = true;
    deferred.until_ms = core_.clock.MonoMs();
    deferred.attempts = 0;  // the pauses begin to grow anew
  }
  if (any) Wake();
  return any;
}

}  // namespace atozsync
