// Puller, the losing side of conflicts: contents that are here and nowhere in the folder.
#include <algorithm>

#include "sync/base/planted_fault.h"
#include "sync/base/probe.h"
#include "sync/engine/puller.h"

namespace atozsync {

namespace {

constexpr size_t kCopiesPerTurnMax = 100;

}  // namespace

bool Puller::idle() const {
  // A look now and then for what nobody had so far is no work to wait for: with a few hundred of
  // them, or slow links, there is hardly a moment without one.
  return in_flight_.size() == hopeless_in_flight_ && copies_wanted_.hopeful() == 0;
}

bool Puller::WantsConflictCopy(const ConflictRecord& record) {
  if (record.loser.kind != VersionKind::kFile || record.state != ConflictState::kOpen) return false;
  return !Planted(PlantedFault::kConflictCopyNotFetched);
}

void Puller::FetchConflictCopy(const ConflictRecord& record) {
  if (!WantsConflictCopy(record)) return;
  copies_wanted_.Add(record.id);
  Continue();
}

void Puller::FetchConflictCopyAnew(const ConflictRecord& record) {
  if (!WantsConflictCopy(record)) return;
  copies_wanted_.AddAnew(record.id);
  Continue();
}

void Puller::StartConflictCopies() {
  int64_t now_ms = core_.clock.MonoMs();
  for (size_t looked_up = 0; HasRoom(); ++looked_up) {
    std::optional<ContentHash> id = copies_wanted_.Due(now_ms);
    if (!id) return;
    if (looked_up == kCopiesPerTurnMax) {
      Continue();
      return;
    }
    std::optional<ConflictRecord> record = core_.index.Conflict(*id);
    bool open = record && record->state == ConflictState::kOpen;
    std::vector<KeptVersion> kept;
    if (open) kept = core_.index.KeptOf(record->path);
    bool here = std::any_of(kept.begin(), kept.end(), [&](const KeptVersion& version) {
      return version.version.hash == record->loser.hash;
    });
    if (!open || here) {
      copies_wanted_.Erase(*id);
      continue;
    }
    // Also the pause after a try that fails; a success takes the mark away.
    bool hopeless = copies_wanted_.Hopeless(*id);
    ArmTimer(copies_wanted_.Tried(*id, now_ms));
    BeginConflictCopy(*record, hopeless);
  }
}

void Puller::BeginConflictCopy(const ConflictRecord& record, bool hopeless) {
  bool under_way = std::any_of(in_flight_.begin(), in_flight_.end(), [&](const auto& other) {
    return other.second.conflict_copy && other.second.conflict_id == record.id;
  });
  // The loser may stand at its path until the swap under way puts it aside.
  if (under_way || core_.busy_paths.contains(record.path)) return;
  RelPath key = layout::ConflictCopy(record.id, core_.random.Below(1u << 24));
  Work& work = in_flight_[key];
  work.conflict_copy = true;
  work.hopeless = hopeless;
  if (hopeless) ++hopeless_in_flight_;
  work.conflict_id = record.id;
  work.plan.path = record.path;
  work.plan.target = record.loser;
  work.plan.needs_content = true;
  work.plan.kept_id = ConflictKeptId(key);
  work.need.path = record.path;
  Prepare(work, core_.index.NeedsOf(record.path));
  MayAskEverybody(work);
  Obtain(key);
}

namespace {

Result<FileStat> PlaceConflictCopy(FileSystem& files, const RelPath& staged, const RelPath& place) {
  TRY(files.SyncFiles({staged}));
  TRY(MakeDirs(files, place.parent()));
  TRY(files.RenameNoReplace(staged, place));
  Status durable = files.SyncDir(place.parent());
  // Last: a volume that went away in between leaves an empty folder that takes files, too.
  if (durable.ok()) durable = files.Stat(layout::Marker()).status();
  Result<FileStat> stat = durable.ok() ? files.Stat(place) : durable;
  if (stat.ok()) return stat;
  // It will get no row, and nobody would find it there before the next start.
  if (!files.RemoveFile(place).ok()) files.RemoveFile(place).IgnoreError();
  return stat;
}

}  // namespace

// The record is announced once more: who asked here in vain asks again (OnRecordHeard).
void Puller::TellOfLateCopy(const ContentHash& conflict_id, IndexBatch& batch) {
  if (!copies_wanted_.Late(conflict_id, core_.clock.MonoMs())) return;
  std::optional<ConflictRecord> record = core_.index.Conflict(conflict_id);
  if (!record || record->state != ConflictState::kOpen) return;
  Probe(ProbeId::kLateCopyTold);
  batch.conflicts.push_back(std::move(*record));
}

void Puller::OnRecordHeard(const ConflictRecord& record) {
  if (copies_wanted_.HopeAgain(record.id)) Continue();
}

void Puller::OnConflictCopyStaged(const RelPath& key) {
  Work& work = in_flight_.at(key);
  core_.looks.OnChanged(key);  // the commit will tell of it
  core_.Async<Result<FileStat>>(
      Lane::kWrite,
      [files = &core_.files, staged = work.target.staged, key] {
        return PlaceConflictCopy(*files, staged, key);
      },
      [this, key](Result<FileStat> stat) {
        Work& done = in_flight_.at(key);
        if (stat.ok()) {
          KeptVersion kept;
          kept.id = done.plan.kept_id;
          Probe(ProbeId::kConflictCopyFetched);
          kept.path = done.plan.path;
          kept.kept_at = key;
          kept.version = done.plan.target;
          kept.stamp = FileStamp::Of(*stat);
          kept.kept_ms = core_.KeptMs();
          kept.why = "conflict";
          IndexBatch batch;
          batch.kept.push_back(std::move(kept));
          TellOfLateCopy(done.conflict_id, batch);
          copies_wanted_.Erase(done.conflict_id);
          core_.Commit(batch).IgnoreError();  // a failure has stopped the engine
        } else {
          core_.DiscardStaged(done.target.staged);
        }
        FinishWork(key);
      });
}

}  // namespace atozsync
