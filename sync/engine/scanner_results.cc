// What the scanner does with what the workers saw: new versions, tombstones, another look later.
#include <algorithm>

#include "sync/base/planted_fault.h"
#include "sync/base/probe.h"
#include "sync/engine/scanner.h"

namespace atozsync {

namespace {

constexpr int64_t kBusyPathRetryMs = 100;
constexpr int64_t kLockedRetryMinMs = 1'000;
constexpr int64_t kLockedRetryMaxMs = 60'000;
constexpr int kAttemptsMax = 30;  // keeps the doubling within its type
constexpr size_t kMissingPerCommitMax = 1'000;

int64_t GrowingPause(int attempts, int64_t min_ms, int64_t max_ms) {
  int doublings = std::min(attempts, 16);
  return std::min(max_ms, min_ms << doublings);
}

}  // namespace

void Scanner::OnChecked(CheckAnswer answer, const LookPtr& look) {
  --checking_;
  PumpLater(0);
  if (!answer.root_present) core_.RootMissing();
  IndexBatch batch;
  for (const CheckResult& result : answer.results) AfterCheck(result, *look, batch);
  CommitBatch(batch);
}

bool Scanner::Outdated(const CheckResult& result, const Looks::Look& look) const {
  // Where a file stands now, nothing can be below it any more.
  bool nothing_below = result.kind == CheckKind::kAbsent || result.kind == CheckKind::kHashed;
  bool present = result.kind != CheckKind::kAbsent;
  bool old = (present && look.PresentIsOld(result.path)) ||
             (nothing_below && look.AbsentIsOld(result.path));
  if (old) Probe(ProbeId::kLookOutdated);
  if (old || Planted(PlantedFault::kScanBusyPaths)) return old;
  bool busy = nothing_below ? HasAtOrBelow(core_.busy_paths, result.path)
                            : core_.busy_paths.contains(result.path);
  if (busy) Probe(ProbeId::kCheckedBusyPath);
  return busy;
}

void Scanner::AfterCheck(const CheckResult& result, const Looks::Look& look, IndexBatch& batch) {
  auto at = checks_.find(result.path);
  CHECK(at != checks_.end() && at->second.in_flight);
  Check check = at->second;
  checks_.erase(at);
  if (check.locked) --locked_;
  check.locked = false;
  int64_t now_ms = core_.clock.MonoMs();
  if (stopped_ || core_.root_missing) return;
  if (Outdated(result, look)) {
    check.due_ms = now_ms + kBusyPathRetryMs;
    Enqueue(result.path, check);
    return;
  }
  if (check.again) {  // touched while it was read: what we saw may be half of a change
    Probe(ProbeId::kTouchedWhileRead);
    check.due_ms = now_ms;
    Enqueue(result.path, check);
    if (result.kind != CheckKind::kHashed) return;
  }
  check.attempts = std::min(check.attempts + 1, kAttemptsMax);
  std::optional<IndexRow> row;  // most looks find nothing new: for them it is not read
  bool nothing_new = result.kind == CheckKind::kUnchanged || result.kind == CheckKind::kNotReached;
  if (!nothing_new) row = core_.index.Get(result.path);
  switch (result.kind) {
    case CheckKind::kNotReached:
      check.due_ms = now_ms;
      --check.attempts;
      if (!check.again) Enqueue(result.path, check);
      return;
    case CheckKind::kUnsettled:
      check.settled = false;
      check.due_ms =
          now_ms + (result.again_ms > 0 ? result.again_ms
                                        : std::max<int64_t>(core_.options.settle_ms / 2, 1));
      if (!check.again) Enqueue(result.path, check);
      return;
    case CheckKind::kLocked:
      Probe(ProbeId::kFileLocked);
      core_.AddProblem(result.path, result.problem + ": tried again until it can be read");
      check.background = true;
      if (check.locked_since_ms == 0) check.locked_since_ms = core_.KeptMs();
      if (!check.again) {
        check.locked = true;
        ++locked_;
      }
      check.due_ms = now_ms + GrowingPause(check.attempts, kLockedRetryMinMs, kLockedRetryMaxMs);
      if (!check.again) Enqueue(result.path, check);
      return;
    case CheckKind::kAbsent:
      if (row && row->version.exists()) missing_.emplace(result.path, now_ms);
      if (row && row->version.kind == VersionKind::kFile && on_missed) on_missed(*row);
      break;
    case CheckKind::kDir: OnPresentDir(result.path, row ? &*row : nullptr, batch); break;
    case CheckKind::kOther:
      core_.AddProblem(result.path, "links and special files are not synchronized");
      return;
    case CheckKind::kUnchanged:
      if (on_stands) on_stands(result.path, result.stat);
      break;
    case CheckKind::kHashed: OnHashed(result, check, row ? &*row : nullptr, batch); break;
  }
  core_.ClearProblem(result.path);
}

void Scanner::OnPresentDir(const RelPath& path, const IndexRow* row, IndexBatch& batch) {
  if (core_.ignore.Ignored(path, true)) return;
  DirTask& task = dirs_[path];
  if (row != nullptr && row->version.kind == VersionKind::kDir) return;
  task.recursive = true;
  AddParents(path, batch);
  batch.rows.push_back(NewRow(path, row, VersionKind::kDir, nullptr));
  if (on_found) on_found(path, row != nullptr && row->version.exists() ? "changed" : "new");
}

void Scanner::OnHashed(const CheckResult& result, const Check& check, const IndexRow* row,
                       IndexBatch& batch) {
  ++hashed_files_;
  hashed_bytes_ += result.hashed.size;
  FileStamp stamp = FileStamp::Of(result.stat);
  bool same_content = row != nullptr && row->version.kind == VersionKind::kFile &&
                      row->version.size == result.hashed.size &&
                      row->version.hash == result.hashed.hash;
  bool file_live = row != nullptr && row->version.kind == VersionKind::kFile;
  if (check.verify && file_live && !same_content && row->stamp.trusted() && row->stamp == stamp) {
    Probe(ProbeId::kDamageFound);
    if (on_damage) on_damage(*row);
    return;
  }
  if (result.racy) {
    Probe(ProbeId::kRacyStamp);
    stamp.inode = 0;
    // Not settled: nobody has closed what may be written by then. As it is known, it needs no
    // pause.
    Check second{.due_ms = core_.clock.MonoMs() + 2 * core_.options.racy_window_ms + 1,
                 .background = true};
    if (!checks_.contains(result.path)) Enqueue(result.path, second);
  }
  if (same_content && on_stands) on_stands(result.path, result.stat);
  if (file_live && !same_content && may_change && !may_change(*row, result)) return;
  // Where times are coarse, what the volume keeps of the version's time is no new time.
  if (same_content && (row->version.mtime_ns == result.stat.mtime_ns ||
                       core_.files.TimeAsKept(row->version.mtime_ns) == result.stat.mtime_ns)) {
    if (row->stamp == stamp) return;
    IndexRow refreshed = *row;
    refreshed.stamp = stamp;
    batch.local_only_rows.push_back(std::move(refreshed));
    return;
  }
  if (row != nullptr && row->version.kind == VersionKind::kDir) {
    // A directory became a file: what was below it is gone.
    Probe(ProbeId::kDirBecameFile);
    for (const IndexRow& child : core_.index.Children(result.path)) {
      if (child.version.exists()) AddTombstones(child.path, batch, /*ask=*/false);
    }
  }
  AddParents(result.path, batch);
  IndexRow fresh = NewRow(result.path, row, VersionKind::kFile, &result);
  fresh.stamp = stamp;
  batch.rows.push_back(std::move(fresh));
  if (!result.hashed.chunks.empty()) {
    if (!same_content && row != nullptr && row->version.kind == VersionKind::kFile) {
      core_.replaced_chunks.Remember(row->version.hash, core_.index.ChunkList(row->version.hash));
    }
    batch.chunk_lists.emplace_back(result.hashed.hash, result.hashed.chunks);
  }
  if (on_found) {
    bool existed = row != nullptr && row->version.exists();
    on_found(result.path, !existed ? "new" : same_content ? "new time" : "changed");
  }
}

IndexRow Scanner::NewRow(const RelPath& path, const IndexRow* old, VersionKind kind,
                         const CheckResult* content) {
  in_batch_.insert(path);
  IndexRow row;
  row.path = path;
  row.unversioned = core_.adopting() && (old == nullptr || old->unversioned);
  uint64_t size = content != nullptr ? content->hashed.size : 0;
  ContentHash hash = content != nullptr ? content->hashed.hash : ContentHash{};
  int64_t mtime_ns = content != nullptr ? content->stat.mtime_ns : 0;
  if (row.unversioned) {
    row.version.kind = kind;
    row.version.size = size;
    row.version.hash = hash;
    row.version.mtime_ns = mtime_ns;
    row.reason = "found: was here before joining";
  } else {
    bool existed = old != nullptr && old->version.exists();
    row.version = core_.NextVersion(old, kind, size, hash, mtime_ns);
    if (existed) row.version.dot = DotAfter(old->version, row.version);
    row.reason = existed ? "local-edit: changed here" : "local-new: made here";
  }
  return row;
}

void Scanner::AddParents(const RelPath& path, IndexBatch& batch) {
  std::vector<RelPath> unknown;
  for (RelPath at = path.parent(); !at.is_root(); at = at.parent()) {
    if (in_batch_.contains(at)) break;
    std::optional<IndexRow> row = core_.index.Get(at);
    if (row && row->version.kind == VersionKind::kDir) break;
    unknown.push_back(at);
  }
  // In front of everything: whoever replays the stream meets a directory before what is in it.
  for (const RelPath& dir : unknown) {
    std::optional<IndexRow> row = core_.index.Get(dir);
    batch.rows.insert(batch.rows.begin(),
                      NewRow(dir, row ? &*row : nullptr, VersionKind::kDir, nullptr));
  }
}

void Scanner::OnMissingConfirmed(bool root_present, const std::vector<RelPath>& absent,
                                 const Looks::Look& look) {
  confirming_ = false;
  PumpLater(0);
  if (!root_present) {
    core_.RootMissing();
    return;
  }
  std::set<RelPath> gone(absent.begin(), absent.end());
  if (on_gone) on_gone(absent, missing_.size());
  IndexBatch batch;
  size_t handled = 0;
  for (auto at = missing_.begin(); at != missing_.end() && handled < kMissingPerCommitMax;
       ++handled) {
    const RelPath path = at->first;
    at = missing_.erase(at);
    // What is below goes with a directory: nothing may just be coming there either.
    bool busy = HasAtOrBelow(core_.busy_paths, path) && !Planted(PlantedFault::kScanBusyPaths);
    if (busy || look.AbsentIsOld(path)) {
      if (!busy) Probe(ProbeId::kLookOutdated);
      CheckSoon(path, kBusyPathRetryMs);
    } else if (gone.contains(path)) {
      AddTombstones(path, batch);
    } else {
      Probe(ProbeId::kMissingCameBack);
      CheckSoon(path);
    }
  }
  CommitBatch(batch);
}

void Scanner::LookForGone(const RelPath& path) {
  int64_t now_ms = core_.clock.MonoMs();
  for (RelPath at = path; !at.is_root(); at = at.parent()) {
    std::optional<IndexRow> row = core_.index.Get(at);
    if (row && row->version.exists()) missing_.emplace(at, now_ms);
  }
  confirm_now_ = true;  // what waits for a row's going is no rename
  PumpLater(0);
}

bool Scanner::AddTombstones(const RelPath& path, IndexBatch& batch, bool ask) {
  std::optional<IndexRow> row = core_.index.Get(path);
  if (!row || !row->version.exists() || in_batch_.contains(path)) return true;
  bool all_may = true;
  if (row->version.kind == VersionKind::kDir) {
    // Children first: a replica that replays this finds each directory empty in its turn.
    for (const IndexRow& child : core_.index.Children(path)) {
      if (child.version.exists()) all_may = AddTombstones(child.path, batch, ask) && all_may;
    }
  } else {
    all_may = !ask || !may_leave || may_leave(*row);
  }
  if (all_may) {
    AddTombstone(*row, batch);
  } else if (row->version.kind == VersionKind::kDir) {
    gone_in_part_.insert(path);
  }
  return all_may;
}

// Whoever keeps a file from leaving says so when it may. But its deletion may also come from
// another replica: then nobody does.
void Scanner::OnCommitted(const IndexBatch& batch) {
  if (gone_in_part_.empty()) return;
  std::vector<RelPath> left;
  for (const IndexRow& row : batch.rows) {
    if (!row.version.exists()) left.push_back(row.path);
  }
  left.insert(left.end(), batch.erased_rows.begin(), batch.erased_rows.end());
  for (const RelPath& path : left) {
    gone_in_part_.erase(path);
    if (gone_in_part_.erase(path.parent()) > 0) LookForGone(path);
  }
}

void Scanner::AddTombstone(const IndexRow& row, IndexBatch& batch) {
  const RelPath& path = row.path;
  if (on_found) on_found(path, "deleted");
  if (row.unversioned || Planted(PlantedFault::kNoTombstone)) {
    Probe(ProbeId::kUnversionedDeleted);
    batch.erased_rows.push_back(path);  // never announced: nobody has to be told
    return;
  }
  IndexRow tombstone;
  tombstone.path = path;
  tombstone.version = core_.NextVersion(&row, VersionKind::kTombstone, 0, {}, 0);
  tombstone.reason = "local-delete: deleted here";
  in_batch_.insert(path);
  batch.rows.push_back(std::move(tombstone));
}

void Scanner::CommitBatch(IndexBatch& batch) {
  // On failure the core has stopped the engine and says so; nothing is left to do here.
  core_.Commit(batch).IgnoreError();
  in_batch_.clear();
}

}  // namespace atozsync
