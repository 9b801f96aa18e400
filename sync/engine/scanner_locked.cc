// What the scanner tells of files that it cannot read, and what a person may do about them.
#include <algorithm>

#include "sync/engine/scanner.h"

namespace atozsync {

HeldFile Scanner::LockedFile(const RelPath& path, const Check& check) const {
  // At most a hundred problems are remembered.
  auto problem = core_.problems().find(path);
  const bool known = problem != core_.problems().end();
  HeldFile held{path, HeldWhy::kLocked, check.locked_since_ms, 0,
                known ? problem->second : "cannot be read: tried again until it can"};
  int64_t left_ms = check.in_flight ? 0 : check.due_ms - core_.clock.MonoMs();
  held.next_try_ms = core_.KeptMs() + std::max<int64_t>(left_ms, 0);
  return held;
}

// All checks are gone through, for a question of a person; most of the time there are few.
void Scanner::ListLocked(OldestHeld& out) const {
  if (locked_ == 0) return;
  for (const auto& [path, check] : checks_) {
    if (check.locked && out.Wants(check.locked_since_ms)) out.Add(LockedFile(path, check));
  }
}

std::optional<HeldFile> Scanner::LockedAt(const RelPath& path) const {
  auto at = checks_.find(path);
  if (at == checks_.end() || !at->second.locked) return {};
  return LockedFile(path, at->second);
}

bool Scanner::AnyLocked(const RelPath& path) const {
  return locked_ > 0 && std::any_of(checks_.begin(), checks_.end(), [&](const auto& entry) {
           return entry.second.locked && entry.first.IsAtOrBelow(path);
         });
}

bool Scanner::TryLocked(const RelPath& path) {
  if (locked_ == 0) return false;
  bool any = false;
  int64_t now_ms = core_.clock.MonoMs();
  for (auto& [locked, check] : checks_) {
    if (!check.locked || !locked.IsAtOrBelow(path)) continue;
    any = true;
    if (check.in_flight) continue;  // that is now
    due_.erase({check.due_ms, locked});
    check.due_ms = now_ms;
    check.attempts = 0;  // the pauses begin to grow anew
    due_.insert({now_ms, locked});
  }
  if (any) PumpLater(0);
  return any;
}

}  // namespace atozsync
