#include "sync/engine/keeper.h"

#include <algorithm>
#include <charconv>

#include "sync/base/planted_fault.h"
#include "sync/base/probe.h"
#include "sync/engine/check_job.h"
#include "sync/engine/meta_keys.h"

namespace atozsync {

namespace {

constexpr int64_t kFirstLookMs = 2'000;
constexpr int64_t kSecondLookMs = 30'000;
constexpr int64_t kClashPauseMs = 500;
constexpr size_t kRecentMax = 10'000;
constexpr size_t kAtStartMax = 1'000;  // the newest ones are looked at again after a start
constexpr size_t kNamesAtOnce = 500;

struct Look {
  bool changed = false;
  FileStat stat;
  HashedFile hashed;
};

// Has somebody written to the kept file since it was kept?
Look LookAtKept(FileSystem& files, ByteSpan secret, const KeptVersion& kept) {
  Look look;
  Result<FileStat> stat = files.Stat(kept.kept_at);
  if (!stat.ok() || stat->kind != NodeKind::kFile) return look;
  bool same = stat->size == kept.stamp.size && stat->mtime_ns == kept.stamp.mtime_ns;
  if (same || Planted(PlantedFault::kLateWriteUnnoticed)) return look;
  Result<HashedFile> hashed = HashPath(files, kept.kept_at, secret, &look.stat);
  if (!hashed.ok() || hashed->hash == kept.version.hash) return look;
  Probe(ProbeId::kLateWrite);
  look.changed = true;
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
      purger_(core, [this](const KeptVersion& kept, UniqueFunction<void(bool)> done) {
        LookAgain(kept, std::move(done));
      }) {}

Keeper::~Keeper() {
  core_.executor.CancelTimer(recent_timer_);
}

void Keeper::Start(std::vector<KeptVersion> on_disk) {
  ListWhatHasNoRow(std::move(on_disk));
  // A program may have gone on writing to what was replaced while nobody looked.
  WatchForLateWrites(core_.index.NewestKept(kAtStartMax));
  purger_.Start();
  Sequence after = 0;
  std::string stored = core_.index.Meta(meta::kNamesCompared).value_or("");
  std::from_chars(stored.data(), stored.data() + stored.size(), after);
  CompareNamesAfter(after);
}

void Keeper::OnCommitted(const IndexBatch& batch) {
  std::set<RelPath> gone;
  for (const IndexRow& row : batch.rows) {
    if (row.version.exists()) {
      if (!core_.index.CaseTwins(row.path).empty()) NoteClash(row.path);
    } else {
      gone.insert(row.path);
    }
  }
  if (!gone.empty()) CloseCaseClashes(gone);
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
    LookAgain(recent.kept, [](bool) {});
    if (++recent.looks < 2) {
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

void Keeper::LookAgain(const KeptVersion& kept, UniqueFunction<void(bool)> done) {
  core_.Async<Look>(
      Lane::kWalk,
      [files = &core_.files, secret = core_.secret, kept] {
        return LookAtKept(*files, *secret, kept);
      },
      [this, kept, done = std::move(done)](Look look) mutable {
        if (look.changed) LogLateWrite(kept, look.stat, look.hashed);
        done(look.changed);
      });
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

void Keeper::LogLateWrite(const KeptVersion& kept, const FileStat& stat, const HashedFile& hashed) {
  // Found on disk after the index was lost: where it stood the conflict's record tells, when it has
  // come.
  std::optional<RelPath> path = WhereItStood(kept);
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
  LookAgain(kept, [](bool) {});
}

// --- names that differ in letter case only ---

// The last life may have ended before it came to rest.
void Keeper::CompareNamesAfter(Sequence after) {
  std::vector<IndexRow> rows = core_.index.RowsAfter(after, kNamesAtOnce);
  for (const IndexRow& row : rows) {
    if (row.version.exists() && !core_.index.CaseTwins(row.path).empty()) NoteClash(row.path);
  }
  if (rows.size() < kNamesAtOnce) {
    old_names_compared_ = true;
    on_clash_due();
    return;
  }
  core_.Post([this, last = rows.back().sequence] { CompareNamesAfter(last); });
}

void Keeper::NoteClash(const RelPath& path) {
  core_.names_to_compare = true;
  maybe_clashing_[path] = core_.clock.MonoMs() + kClashPauseMs;
  core_.PostAfter(kClashPauseMs + 1, [this] { on_clash_due(); });
}

void Keeper::CheckClashes() {
  int64_t now_ms = core_.clock.MonoMs();
  for (auto at = maybe_clashing_.begin(); at != maybe_clashing_.end();) {
    if (at->second > now_ms) {
      ++at;
      continue;
    }
    RelPath path = at->first;
    at = maybe_clashing_.erase(at);
    FindCaseClashes(path);
  }
  core_.names_to_compare = !maybe_clashing_.empty() || !old_names_compared_;
}

void Keeper::FindCaseClashes(const RelPath& path) {
  std::optional<IndexRow> here = core_.index.Get(path);
  if (!here || !here->version.exists() || Planted(PlantedFault::kCaseClashNotLogged)) return;
  for (const RelPath& twin : core_.index.CaseTwins(path)) {
    const RelPath& first = std::min(path, twin);
    const RelPath& second = std::max(path, twin);
    FileVersion marker;  // has no bytes of its own; its id comes from the other name
    marker.hash = HashOf(Bytes(kClusterSecretBytes), AsBytes(second.str()));
    std::optional<IndexRow> row = core_.index.Get(first);
    ConflictRecord record = MakeConflict(core_, first, ConflictKind::kCase,
                                         row ? row->version : FileVersion(), marker, "case");
    record.other_path = second;
    IndexBatch batch;
    std::optional<ConflictRecord> known = core_.index.Conflict(record.id);
    if (known && known->state == ConflictState::kGone) {
      Probe(ProbeId::kCaseClashAgain);
      known->state = ConflictState::kOpen;
      known->state_hlc = core_.NextHlc();
      batch.conflicts.push_back(*known);
    } else if (!known) {
      Probe(ProbeId::kCaseClash);
      batch.conflicts.push_back(record);
    }
    core_.Commit(batch).IgnoreError();  // a failure has stopped the engine
  }
}

void Keeper::CloseCaseClashes(const std::set<RelPath>& gone) {
  if (core_.index.open_conflicts() == 0) return;
  for (const ConflictRecord& record : core_.index.Conflicts()) {
    bool ours = record.kind == ConflictKind::kCase && record.state == ConflictState::kOpen &&
                (gone.contains(record.path) || gone.contains(record.other_path));
    if (!ours) continue;
    Probe(ProbeId::kCaseClashGone);
    SetState(record.id, ConflictState::kGone);
  }
}

}  // namespace atozsync
