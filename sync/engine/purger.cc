#include "sync/engine/purger.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "sync/base/planted_fault.h"
#include "sync/base/probe.h"
#include "sync/engine/meta_keys.h"
#include "sync/engine/planner.h"

namespace atozsync {

namespace {

constexpr int64_t kTurnMs = 3'600'000;
constexpr int64_t kRetryMinMs = 1'000;   // doubled with each turn that fails, up to the usual pause
constexpr int64_t kPagePauseMs = 1'000;  // other work of the disk goes first
constexpr size_t kLookedForMax = 1'000;  // the oldest ones, at the start: they are purged first
constexpr size_t kPageKept = 200;        // and the held ones before them: as many as open conflicts

// OK: it is gone, and stays so after a power loss – nobody would look for it again.
Status RemoveKept(FileSystem& files, const RelPath& kept_at) {
  Status removed = files.RemoveFile(kept_at);
  if (!removed.ok() && !removed.Is(Errc::kNotFound)) return removed;
  Status synced = files.SyncDir(kept_at.parent());
  if (!synced.ok() && !synced.Is(Errc::kNotFound)) synced = files.SyncDir(kept_at.parent());
  if (!synced.ok() && !synced.Is(Errc::kNotFound)) return synced;
  // Where the volume is away, nothing is found: that says nothing about the file.
  return removed.ok() ? Status::Ok() : files.Stat(layout::Marker()).status();
}

}  // namespace

Purger::Purger(Core& core, LookAgain look_again)
    : core_(core), look_again_(std::move(look_again)), retry_ms_(kRetryMinMs) {}

Purger::~Purger() {
  core_.executor.CancelTimer(timer_);
  core_.executor.CancelTimer(retry_timer_);
}

void Purger::Start() {
  // An index that was set back tells of what has been purged since: that is forgotten.
  for (const KeptVersion& kept : core_.index.KeptBefore(INT64_MAX, kLookedForMax)) {
    look_again_(kept, [](LateLook) {});
  }
  Turn();
}

void Purger::Turn() {
  timer_ = core_.PostAfter(kTurnMs, [this] { Turn(); });
  const std::string now =
      std::to_string(core_.retention.Advance(core_.clock.WallMs(), core_.clock.MonoMs()));
  IndexBatch batch;
  if (core_.index.Meta(meta::kRetention) != now) batch.meta[meta::kRetention] = now;
  if (core_.adopting()) batch.meta[meta::kAdoptedMs] = now;
  if (!batch.empty() && !core_.Commit(batch).ok()) return;
  if (under_way_ > 0) return;
  failed_ = false;
  Page();
}

// The file may be gone and its row not: nobody can restore what the history shows.
void Purger::RetrySoon() {
  core_.executor.CancelTimer(retry_timer_);
  retry_timer_ = core_.PostAfter(retry_ms_, [this] {
    if (under_way_ > 0) return;
    failed_ = false;
    Page();
  });
  retry_ms_ = std::min(2 * retry_ms_, kTurnMs);
}

// After an index was lost, only the peers know which of the kept files are losers of conflicts.
// They are given as long to come as anything is kept.
bool Purger::AdoptedLately(int64_t before_ms) const {
  const std::string text = core_.index.Meta(meta::kAdoptedMs).value_or("");
  int64_t adopted_ms = INT64_MIN;
  std::from_chars(text.data(), text.data() + text.size(), adopted_ms);
  return core_.adopting() || adopted_ms > before_ms;
}

void Purger::Page() {
  int64_t before_ms = core_.retention.now_ms() - core_.options.keep_versions_ms;
  if (AdoptedLately(before_ms)) return;
  const size_t limit = held_ + kPageKept;
  std::vector<KeptVersion> page = core_.index.KeptBefore(before_ms, limit);
  more_ = page.size() == limit;
  held_ = removed_ = 0;
  under_way_ = 1;  // this function itself
  for (const KeptVersion& kept : page) {
    if (Held(kept)) {
      ++held_;
      continue;
    }
    Remove(kept);
  }
  bool all_held = held_ == page.size();
  OnDone(all_held);  // then the next page is a larger one
}

void Purger::Remove(const KeptVersion& kept) {
  ++under_way_;
  look_again_(kept, [this, kept](LateLook look) {
    if (look == LateLook::kUnknown) {  // it may hold what a user has saved last
      Probe(ProbeId::kPurgeCouldNotLook);
      failed_ = true;
      OnDone(false);
      return;
    }
    if (look == LateLook::kWritten) {
      OnDone(true);
      return;
    }
    if (Held(kept)) {  // the conflict became known during the look; the next page counts it
      OnDone(true);
      return;
    }
    core_.Async<Status>(
        Lane::kWrite, [files = &core_.files, at = kept.kept_at] { return RemoveKept(*files, at); },
        [this, kept](Status status) {
          if (status.ok()) {
            IndexBatch batch;
            Probe(ProbeId::kPurged);
            EraseKept(core_, kept, batch);
            core_.Commit(batch).IgnoreError();  // a failure has stopped the engine
          } else {
            failed_ = true;
          }
          OnDone(status.ok());
        });
  });
}

void Purger::OnDone(bool removed) {
  removed_ += removed;
  if (--under_way_ > 0 || core_.failed()) return;
  if (!more_ || removed_ == 0) {
    if (failed_) RetrySoon();
    if (!failed_) retry_ms_ = kRetryMinMs;
    return;
  }
  more_ = false;
  under_way_ = 1;  // no second one meanwhile
  core_.PostAfter(kPagePauseMs, [this] {
    under_way_ = 0;
    Page();
  });
}

bool Purger::Held(const KeptVersion& kept) {
  if (!OpenConflictOf(core_, kept) || Planted(PlantedFault::kPurgeOpenConflicts)) return false;
  Probe(ProbeId::kPurgeHeld);
  return true;
}

}  // namespace atozsync
