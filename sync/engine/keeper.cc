#include "sync/engine/keeper.h"

#include <algorithm>

#include "sync/base/planted_fault.h"
#include "sync/base/probe.h"
#include "sync/engine/check_job.h"
#include "sync/engine/meta_keys.h"

namespace atozsync {

namespace {

constexpr int64_t kFirstLookMs = 2'000;
constexpr int64_t kSecondLookMs = 30'000;
constexpr size_t kRecentMax = 10'000;
constexpr size_t kAtStartMax = 1'000;  // the newest ones are looked at again after a start

struct Look {
  LateLook found = LateLook::kSame;
  bool gone = false;
  FileStat stat;
  HashedFile hashed;
};

// And stays so after a power loss: nobody would look for it again.
bool IsGone(FileSystem& files, const RelPath& kept_at) {
  if (!files.Stat(kept_at).Is(Errc::kNotFound)) return false;
  Status synced = files.SyncDir(kept_at.parent());
  bool durable = synced.ok() || synced.Is(Errc::kNotFound);
  return durable && layout::RootPresent(files);
}

// Has somebody written to the kept file since it was kept?
Look LookAtKept(FileSystem& files, ByteSpan secret, const KeptVersion& kept) {
  Look look;
  Result<FileStat> stat = files.Stat(kept.kept_at);
  look.gone = stat.Is(Errc::kNotFound) && IsGone(files, kept.kept_at);
  if (!stat.ok() && !stat.Is(Errc::kNotFound)) look.found = LateLook::kUnknown;
  if (!stat.ok() || stat->kind != NodeKind::kFile) return look;
  bool same = stat->size == kept.stamp.size && stat->mtime_ns == kept.stamp.mtime_ns;
  if (same || Planted(PlantedFault::kLateWriteUnnoticed)) return look;
  Result<HashedFile> hashed = HashPath(files, kept.kept_at, secret, &look.stat);
  if (!hashed.ok()) look.found = LateLook::kUnknown;
  if (!hashed.ok() || hashed->hash == kept.version.hash) return look;
  Probe(ProbeId::kLateWrite);
  look.found = LateLook::kWritten;
  look.hashed = std::move(hashed).value();
  return look;
}

}  // namespace

Keeper::Keeper(Core& core, Peers& peers, Scanner& scanner)
    : core_(core),
      peers_(peers),
      scanner_(scanner),
      applier_(
          core,
          [this](ApplyItem item, SwapResult result) {
            OnApplied(std::move(item), std::move(result));
          },
          [](const IndexRow&, IndexBatch&) {}),
      purger_(core,
              [this](const KeptVersion& kept, UniqueFunction<void(LateLook)> done) {
                LookAgain(kept, std::move(done));
              }),
      clashes_(core) {}

Keeper::~Keeper() {
  core_.executor.CancelTimer(recent_timer_);
  core_.executor.CancelTimer(found_timer_);
}

void Keeper::Start(std::vector<KeptVersion> on_disk) {
  started_ = true;
  bool index_was_lost = core_.index.Meta(meta::kKeptRebuilt).value_or("1") == "0";
  ListWhatHasNoRow(std::move(on_disk), index_was_lost);
  // A program may have gone on writing to what was replaced while nobody looked.
  WatchForLateWrites(core_.index.NewestKept(kAtStartMax));
  purger_.Start();
  clashes_.Start();
}

void Keeper::OnCommitted(const IndexBatch& batch) {
  clashes_.OnCommitted(batch);
  WatchForLateWrites(batch.kept);
  if (!batch.conflicts.empty()) WatchThoseWithAPathNow();
}

// --- late writes ---

void Keeper::WatchForLateWrites(const std::vector<KeptVersion>& added) {
  for (const KeptVersion& kept : added) {
    if (recent_.size() >= kRecentMax) recent_.pop_front();  // the look before the purge remains
    recent_.push_back({core_.clock.MonoMs() + kFirstLookMs, 0, kept});
  }
  if (!added.empty() && recent_timer_ == 0) {
    recent_timer_ = core_.PostAfter(kFirstLookMs, [this] {
      recent_timer_ = 0;
      LookAtRecent();
    });
  }
}

void Keeper::LookAtRecent() {
  int64_t now_ms = core_.clock.MonoMs();
  size_t count = recent_.size();
  int64_t next_ms = INT64_MAX;
  for (size_t i = 0; i < count; ++i) {
    Recent recent = std::move(recent_.front());
    recent_.pop_front();
    if (recent.due_ms > now_ms) {
      next_ms = std::min(next_ms, recent.due_ms);
      recent_.push_back(std::move(recent));
      continue;
    }
    // As it is known now: after a late write it stands under another id and is looked at as that.
    std::vector<KeptVersion> known = core_.index.KeptOf(recent.kept.path);
    bool still = std::any_of(known.begin(), known.end(), [&](const KeptVersion& kept) {
      return kept.id == recent.kept.id && kept.stamp == recent.kept.stamp;
    });
    if (!still) continue;
    bool last = ++recent.looks == 2;
    LookAgain(recent.kept, [this, last, kept = recent.kept](LateLook look) {
      // Where the last one could not read it, both are made once more.
      if (last && look == LateLook::kUnknown) WatchForLateWrites({kept});
    });
    if (!last) {
      recent.due_ms = now_ms + kSecondLookMs;
      next_ms = std::min(next_ms, recent.due_ms);
      recent_.push_back(std::move(recent));
    }
  }
  if (next_ms == INT64_MAX) return;
  recent_timer_ = core_.PostAfter(next_ms - now_ms, [this] {
    recent_timer_ = 0;
    LookAtRecent();
  });
}

void Keeper::LookAgain(const KeptVersion& kept, UniqueFunction<void(LateLook)> done) {
  core_.Async<Look>(
      Lane::kWalk,
      [files = &core_.files, secret = core_.secret, kept] {
        return LookAtKept(*files, *secret, kept);
      },
      [this, kept, done = std::move(done)](Look look) mutable {
        if (look.found == LateLook::kWritten) LogLateWrite(kept, look.stat, look.hashed);
        if (look.gone) ForgetKept(kept);
        done(look.found);
      });
}

// Somebody tidied up, or an index that was set back tells of what has been purged since. Nobody can
// restore it, and the losing bytes of a conflict are fetched only where no row says that they are
// here.
void Keeper::ForgetKept(const KeptVersion& kept) {
  std::vector<KeptVersion> known = core_.index.KeptOf(kept.path);
  bool listed = std::any_of(known.begin(), known.end(), [&](const KeptVersion& each) {
    return each.id == kept.id && each.kept_at == kept.kept_at;
  });
  if (!listed) return;
  Probe(ProbeId::kKeptGone);
  core_.Log(LogLevel::kWarning, Printable(kept.kept_at) + ": a kept version is gone");
  IndexBatch batch;
  EraseKept(core_, kept, batch);
  core_.Commit(batch).IgnoreError();  // a failure has stopped the engine
}

std::optional<RelPath> Keeper::WhereItStood(const KeptVersion& kept) {
  if (!kept.path.IsBelow(layout::Own())) return kept.path;
  Result<ContentHash> conflict = layout::ConflictOfCopy(kept.kept_at);
  std::optional<ConflictRecord> record =
      conflict.ok() ? core_.index.Conflict(*conflict) : std::nullopt;
  if (!record) return std::nullopt;
  return record->path;
}

void Keeper::WatchThoseWithAPathNow() {
  std::vector<KeptVersion> known;
  for (const auto& [id, kept] : late_without_path_) {
    if (WhereItStood(kept)) known.push_back(kept);
  }
  for (const KeptVersion& kept : known) late_without_path_.erase(kept.id);
  WatchForLateWrites(known);
}

// What a swap had left in staging when the index was lost: nobody will ever say where it stood. The
// list says at least what it holds.
void Keeper::ListAnew(const KeptVersion& kept, const FileStat& stat, const HashedFile& hashed) {
  KeptVersion now = kept;
  now.id = "found-" + std::to_string(core_.random.NextU64());
  now.version.size = hashed.size;
  now.version.hash = hashed.hash;
  now.version.mtime_ns = stat.mtime_ns;
  now.stamp = FileStamp::Of(stat);
  IndexBatch batch;
  batch.erased_kept.push_back(kept.id);
  batch.kept.push_back(std::move(now));
  Probe(ProbeId::kLateWriteOfUnknown);
  core_.Log(LogLevel::kWarning,
            Printable(kept.kept_at) + ": a program wrote to it after it was kept");
  core_.Commit(batch).IgnoreError();  // a failure has stopped the engine
}

void Keeper::LogLateWrite(const KeptVersion& kept, const FileStat& stat, const HashedFile& hashed) {
  // Found on disk after the index was lost: where it stood the conflict's record tells, when it has
  // come.
  std::optional<RelPath> path = WhereItStood(kept);
  if (!path && !layout::ConflictOfCopy(kept.kept_at).ok()) {
    ListAnew(kept, stat, hashed);
    return;
  }
  if (!path) {
    if (late_without_path_.size() < kRecentMax) late_without_path_.emplace(kept.id, kept);
    return;  // else the look before the purge remains
  }
  KeptVersion late = kept;
  late.path = *path;
  std::optional<IndexRow> row = core_.index.Get(*path);
  late.version = core_.NextVersion(row ? &*row : nullptr, VersionKind::kFile, hashed.size,
                                   hashed.hash, stat.mtime_ns);
  late.stamp = FileStamp::Of(stat);
  late.why = "conflict";
  ConflictRecord record =
      MakeConflict(core_, *path, ConflictKind::kLateWrite, row ? row->version : FileVersion(),
                   late.version, "late-write");
  IndexBatch batch;
  batch.erased_kept.push_back(kept.id);
  late.id = ConflictKeptId(record.id);
  batch.kept.push_back(late);
  core_.PutConflict(record, batch);
  core_.Log(LogLevel::kWarning,
            Printable(*path) + ": a program wrote to it after it was replaced; kept for review");
  core_.Commit(batch).IgnoreError();  // a failure has stopped the engine
}

void Keeper::OnLateWrite(const RelPath& path, const RelPath& kept_at) {
  KeptVersion kept;
  kept.id = "late-" + std::to_string(core_.random.NextU64());
  kept.path = path;
  kept.kept_at = kept_at;
  LookUntilKnown(kept);
}

// No row leads to it yet.
void Keeper::LookUntilKnown(const KeptVersion& kept) {
  LookAgain(kept, [this, kept](LateLook look) {
    if (look != LateLook::kUnknown) return;
    Probe(ProbeId::kLateWriteUnreadable);
    core_.PostAfter(kFirstLookMs, [this, kept] { LookUntilKnown(kept); });
  });
}

}  // namespace atozsync
