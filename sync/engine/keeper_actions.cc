// What people do with kept contents: look at the history, restore; and the writing behind that and
// behind their decisions (keeper_decisions.cc).
#include "sync/base/probe.h"
#include "sync/engine/keeper.h"
#include "sync/engine/stage_job.h"

namespace atozsync {

namespace {

constexpr int kWriteAttemptsMax = 40;
constexpr int64_t kWriteRetryMs = 100;
constexpr char kLiveId[] = "live";

}  // namespace

// --- writing into the folder on a person's word ---

void Keeper::BeginWrite(std::shared_ptr<LocalWrite> write) {
  if (std::optional<IndexRow> row = core_.index.Get(write->path)) write->over = row->version;
  ++writes_;
  write->done = [this, done = std::move(write->done)](Status status) mutable {
    --writes_;
    done(std::move(status));
    if (on_progress) on_progress();
  };
  Write(std::move(write));
}

void Keeper::Write(std::shared_ptr<LocalWrite> write) {
  if (!started_) {  // recovery empties the staging folder, and its rows take the place of others
    Probe(ProbeId::kDecidedBeforeRecovery);
    RetryWrite(write, {Errc::kBusy, Printable(write->path) + ": the replica is still starting"});
    return;
  }
  if (writing_.contains(write->path) || core_.busy_paths.contains(write->path)) {
    RetryWrite(write, {Errc::kBusy, Printable(write->path) + ": is being changed right now"});
    return;
  }
  writing_[write->path] = write;
  if (write->remove) {
    Swap(write, RelPath());
    return;
  }
  StageTarget target{layout::Staged(core_.random.NextU64(), write->content.hash),
                     write->content.hash, write->content.size, write->content.mtime_ns};
  core_.Async<Status>(
      Lane::kWrite,
      [files = &core_.files, secret = core_.secret, target, source = write->source] {
        return StageCopy(*files, *secret, target, source);
      },
      [this, write, staged = target.staged](Status status) {
        if (status.ok()) {
          Swap(write, staged);
          return;
        }
        writing_.erase(write->path);
        write->done(status);
      });
}

void Keeper::Swap(const std::shared_ptr<LocalWrite>& write, const RelPath& staged) {
  std::optional<IndexRow> row = core_.index.Get(write->path);
  const IndexRow* base = row ? &*row : nullptr;
  bool file_here = row && row->version.kind == VersionKind::kFile;
  bool dir_here = row && row->version.kind == VersionKind::kDir;
  bool gone = write->remove && (!row || !row->version.exists());
  if (dir_here || gone) {
    core_.DiscardStaged(staged);
    writing_.erase(write->path);
    write->done(gone ? Status::Ok()
                     : Status(Errc::kInvalid, Printable(write->path) +
                                                  ": a directory stands there now: rename it "
                                                  "first, or restore with --to"));
    return;
  }
  if (file_here && !row->stamp.trusted()) {
    core_.DiscardStaged(staged);
    writing_.erase(write->path);
    scanner_.CheckSoon(write->path);
    RetryWrite(write, {Errc::kBusy, Printable(write->path) + ": is being looked at"});
    return;
  }
  // Somebody has saved the file since: nobody decided about that.
  if (!(row ? row->version : FileVersion()).SameContent(write->over.value_or(FileVersion()))) {
    Probe(ProbeId::kDecisionOvertaken);
    core_.DiscardStaged(staged);
    writing_.erase(write->path);
    write->done({Errc::kInvalid, Printable(write->path) +
                                     ": was changed after this was asked: look at it, "
                                     "then decide again"});
    return;
  }
  ApplyItem item;
  item.hurried = write->hurried;
  Plan& plan = item.plan;
  plan.kind = PlanKind::kSwap;
  plan.path = write->path;
  plan.base = row;
  plan.reason = write->reason;
  const FileVersion& content = write->content;
  plan.target = write->remove ? core_.NextVersion(base, VersionKind::kTombstone, 0, {}, 0)
                              : core_.NextVersion(base, VersionKind::kFile, content.size,
                                                  content.hash, content.mtime_ns);
  for (const FileVersion& seen : write->decided_about) {
    plan.target = MadeOver(std::move(plan.target), seen);
  }
  plan.order.op = write->remove ? SwapOp::kRemove : SwapOp::kPlace;
  plan.order.path = write->path;
  plan.order.staged = staged;
  if (file_here) {
    plan.order.expected_kind = VersionKind::kFile;
    plan.order.expected = row->stamp;
    KeepReplaced(core_, plan, write->remove ? "deleted" : "replaced");
  }
  applier_.Add(std::move(item));
}

void Keeper::OnApplied(ApplyItem item, SwapResult result) {
  auto at = writing_.find(item.plan.path);
  CHECK(at != writing_.end());
  std::shared_ptr<LocalWrite> write = std::move(at->second);
  writing_.erase(at);
  if (!result.late.is_root()) OnLateWrite(item.plan.path, result.late);
  if (result.status.ok()) {
    write->done(Status::Ok());
    return;
  }
  core_.DiscardStaged(item.plan.order.staged);
  scanner_.CheckSoon(item.plan.path);
  RetryWrite(write, result.status);
}

void Keeper::RetryWrite(const std::shared_ptr<LocalWrite>& write, const Status& why) {
  bool may_pass = why.Is(Errc::kBusy) || why.Is(Errc::kChangedUnderneath) || why.Is(Errc::kExists);
  if (!may_pass || ++write->attempts > kWriteAttemptsMax) {
    write->done(why);
    return;
  }
  core_.PostAfter(kWriteRetryMs, [this, write] { Write(write); });
}

void Keeper::Remove(const RelPath& path, const std::string& reason, Done done) {
  auto write = std::make_shared<LocalWrite>();
  write->path = path;
  write->remove = true;
  write->hurried = true;
  write->reason = reason;
  write->done = std::move(done);
  BeginWrite(std::move(write));
}

// --- history ---

std::vector<HistoryEntry> Keeper::History(const RelPath& path) {
  std::vector<HistoryEntry> entries;
  auto author_of = [&](const FileVersion& version) {
    return version.dot.author == 0 ? std::string("unknown")
                                   : peers_.NameOf(ReplicaPrefixOf(version.dot.author));
  };
  std::optional<IndexRow> row = core_.index.Get(path);
  if (row) entries.push_back({kLiveId, row->version, 0, row->reason, author_of(row->version)});
  for (const KeptVersion& kept : core_.index.KeptOf(path)) {
    entries.push_back({kept.id, kept.version, kept.kept_ms, kept.why, author_of(kept.version)});
  }
  return entries;
}

Result<RelPath> Keeper::VersionFile(const RelPath& path, const std::string& version_id) {
  std::optional<IndexRow> row = core_.index.Get(path);
  bool live = row && row->version.kind == VersionKind::kFile;
  if (version_id == kLiveId && live) return path;
  for (const KeptVersion& kept : core_.index.KeptOf(path)) {
    if (kept.id == version_id) return kept.kept_at;
  }
  return Status(Errc::kNotFound,
                Printable(path) + ": has no version '" + version_id + "': see `atozsync history`");
}

void Keeper::Restore(const RelPath& path, const std::string& version_id, Done done) {
  for (const KeptVersion& kept : core_.index.KeptOf(path)) {
    if (kept.id != version_id) continue;
    auto write = std::make_shared<LocalWrite>();
    write->path = path;
    write->source = kept.kept_at;
    write->content = kept.version;
    write->reason = "restored: a person brought back a kept version";
    write->done = std::move(done);
    BeginWrite(std::move(write));
    return;
  }
  Status problem = version_id == kLiveId
                       ? Status(Errc::kInvalid, Printable(path) + ": is the live version already")
                       : VersionFile(path, version_id).status();
  core_.Post([problem, done = std::move(done)]() mutable { done(problem); });
}

}  // namespace atozsync
