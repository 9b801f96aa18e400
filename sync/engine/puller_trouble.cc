// What the puller does when something did not go: pauses that grow, and a volume that is full.
#include <algorithm>

#include "sync/base/planted_fault.h"
#include "sync/base/probe.h"
#include "sync/engine/puller.h"

namespace atozsync {

namespace {

constexpr int64_t kDeferMaxMs = 60'000;
constexpr int64_t kOwnPauseMaxMs = 2'000;
constexpr int64_t kTroublePauseMs = 200;  // pauses that begin with this grow to kDeferMaxMs
constexpr size_t kDeferredMax = 50'000;   // then pauses are forgotten, not needs
constexpr int64_t kSpaceCheckMs = 5'000;

}  // namespace

void Puller::OnTrouble(const RelPath& path, const Status& status) {
  switch (status.code()) {
    case Errc::kChangedUnderneath:
    case Errc::kExists:
      scanner_.CheckSoon(path);
      Defer(path, 20);
      return;
    case Errc::kBusy:
      Probe(ProbeId::kApplyBusy);
      scanner_.ScanTree(path);
      Defer(path, 100);
      // A directory that still holds something is no word of the system.
      if (status.error().os_errno != 0) HoldLocked(path, status);
      return;
    case Errc::kNoSpace:
      Probe(ProbeId::kNoSpace);
      for (const Need& need : core_.index.NeedsOf(path)) {
        if (Planted(PlantedFault::kFullDiskDropsNeed)) DropNeed(need);
      }
      if (!disk_full()) {
        core_.Log(LogLevel::kError, "the volume is full: receiving stops until there is room");
      }
      disk_full_ = true;
      volume_was_full_ = true;
      Defer(path, kOwnPauseMaxMs);
      core_.PostAfter(kSpaceCheckMs, [this] {
        space_checked_ = false;
        CheckSpace();
      });
      return;
    case Errc::kPeerGone:
    case Errc::kCancelled: Defer(path, 200); return;
    case Errc::kNotFound:
    case Errc::kCorrupt:
      // The peer's file changed meanwhile: its new version is on its way.
      Defer(path, 200);
      return;
    default: Defer(path, 1'000); HoldLocked(path, status);
  }
}

void Puller::HoldLocked(const RelPath& path, const Status& status) {
  core_.AddProblem(path, status.ToString() + ": tried again until it can be written");
  Deferred& deferred = deferred_[path];
  deferred.locked = true;
  if (deferred.locked_since_ms == 0) deferred.locked_since_ms = core_.KeptMs();
}

void Puller::Defer(const RelPath& path, int64_t min_pause_ms) {
  if (deferred_.size() > kDeferredMax) deferred_.clear();
  Deferred& deferred = deferred_[path];
  // What only waits for our own work is looked at again soon; what others have to mend, later.
  int64_t max_ms = min_pause_ms < kTroublePauseMs ? kOwnPauseMaxMs : kDeferMaxMs;
  int64_t pause_ms = std::min(max_ms, min_pause_ms << std::min(deferred.attempts, 12));
  ++deferred.attempts;
  deferred.locked = false;
  deferred.until_ms = core_.clock.MonoMs() + pause_ms;
  ArmTimer(deferred.until_ms);
}

void Puller::CheckSpace() {
  if (space_checked_) return;
  space_checked_ = true;
  core_.Async<Result<VolumeSpace>>(
      Lane::kWalk, [files = &core_.files] { return files->Space(); },
      [this](Result<VolumeSpace> space) {
        bool full = space.ok() && space->free_bytes < core_.options.free_bytes_min;
        if (full && !disk_full_) {
          core_.Log(LogLevel::kError, "little room is left on the volume: receiving stops");
        }
        if (!full && disk_full_ && !volume_was_full_) {
          core_.Log(LogLevel::kInfo, "there is room again: receiving");
        }
        disk_full_ = full;
        core_.PostAfter(kSpaceCheckMs, [this] {
          space_checked_ = false;
          Wake();
        });
        Pump();
      });
}

}  // namespace atozsync
