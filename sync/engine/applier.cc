#include "sync/engine/applier.h"

#include <algorithm>
#include <set>

#include "sync/base/planted_fault.h"
#include "sync/base/probe.h"
#include "sync/engine/check_job.h"

namespace atozsync {

namespace {

uint64_t StagedBytes(const ApplyItem& item) {
  return item.plan.order.staged.is_root() ? 0 : item.plan.target.size;
}

}  // namespace

Applier::Applier(Core& core, Applied applied, Completer completer)
    : core_(core), applied_(std::move(applied)), completer_(std::move(completer)) {}

void Applier::Add(ApplyItem item) {
  CHECK(item.plan.kind == PlanKind::kSwap);
  core_.busy_paths.insert(item.plan.path);
  pending_bytes_ += StagedBytes(item);
  queue_.push_back(std::move(item));
  RunLater();
}

void Applier::RunLater() {
  if (running_ || posted_ || queue_.empty()) return;
  posted_ = true;  // what else this turn brings goes into the same batch
  core_.Post([this] {
    posted_ = false;
    Run();
  });
}

void Applier::Run() {
  if (running_ || queue_.empty()) return;
  running_ = true;
  size_t count = std::min(queue_.size(), kBatchMax);
  auto end = queue_.begin() + static_cast<ptrdiff_t>(count);
  batch_.assign(std::make_move_iterator(queue_.begin()), std::make_move_iterator(end));
  queue_.erase(queue_.begin(), end);

  bool hurried = true;
  for (const ApplyItem& item : batch_) hurried = hurried && item.hurried;
  if (hurried) {
    OnSynced(Status::Ok(), std::vector<FileStat>(batch_.size()));
    return;
  }
  std::vector<RelPath> staged;
  for (const ApplyItem& item : batch_) staged.push_back(item.plan.order.staged);
  using Answer = std::pair<Status, std::vector<FileStat>>;
  core_.Async<Answer>(
      Lane::kWrite,
      [files = &core_.files, staged = std::move(staged)] {
        Answer answer;
        std::vector<RelPath> to_sync;
        for (const RelPath& path : staged) {
          if (!path.is_root()) to_sync.push_back(path);
        }
        if (!to_sync.empty()) {
          if (!Planted(PlantedFault::kSkipStagedSync)) answer.first = files->SyncFiles(to_sync);
          if (answer.first.ok()) answer.first = files->SyncDir(layout::Staging());
        }
        for (const RelPath& path : staged) {
          Result<FileStat> stat = path.is_root() ? FileStat() : files->Stat(path);
          if (!stat.ok()) answer.first = stat.status();  // recovery could not tell it apart
          answer.second.push_back(stat.ok() ? *stat : FileStat());
        }
        if (!layout::RootPresent(*files)) {
          answer.first = Status(Errc::kNotFound, "the root marker is missing");
        }
        return answer;
      },
      [this](Answer answer) { OnSynced(answer.first, answer.second); });
}

void Applier::OnSynced(const Status& status, const std::vector<FileStat>& staged) {
  if (!status.ok()) {
    FailBatch(status);
    return;
  }
  IndexBatch intents;
  for (size_t i = 0; i < batch_.size(); ++i) {
    const Plan& plan = batch_[i].plan;
    batch_[i].plan.order.staged_stat = staged[i];
    Intent intent;
    intent.path = plan.path;
    intent.staged = plan.order.staged;
    intent.staged_stamp = FileStamp::Of(staged[i]);
    intent.old_stamp = plan.order.expected;
    intent.kept_at = plan.order.kept_at;
    intent.row = RowOf(core_, plan, FileStat());
    if (Planted(PlantedFault::kRowBeforeSwap)) intents.rows.push_back(intent.row);
    intents.intents.push_back(std::move(intent));
    // With the intent, so that a crash after the swap cannot lose it.
    if (plan.conflict) core_.PutConflict(*plan.conflict, intents);
  }
  if (!core_.Commit(intents).ok()) return;  // the engine has stopped
  intents_.clear();
  for (const Intent& intent : intents.intents) intents_.push_back(intent.id);
  if (Planted(PlantedFault::kLoseIntent)) {
    IndexBatch lost;
    lost.erased_intents = intents_;
    core_.Commit(lost).IgnoreError();
  }
  SwapAll();
}

void Applier::SwapAll() {
  std::vector<SwapOrder> orders;
  for (const ApplyItem& item : batch_) {
    orders.push_back(item.plan.order);
    core_.looks.OnChanged(item.plan.order.kept_at);  // the commit will tell of it
  }
  using Answer = std::pair<bool, std::vector<SwapResult>>;
  core_.Async<Answer>(
      Lane::kWrite,
      [files = &core_.files, ignore = core_.ignore, orders = std::move(orders)]() -> Answer {
        std::vector<SwapResult> results;
        std::set<RelPath> dirs;
        std::vector<RelPath> touched;
        for (const SwapOrder& order : orders) {
          results.push_back(Swap(*files, ignore, order));
          if (order.op == SwapOp::kTouch && results.back().status.ok())
            touched.push_back(order.path);
          dirs.insert(order.path.parent());
          if (!order.kept_at.is_root()) dirs.insert(order.kept_at.parent());
        }
        // Or an old time would come back after a power loss, and be taken for a person's change.
        if (Planted(PlantedFault::kSkipTouchSync)) touched.clear();
        Status synced = touched.empty() ? Status::Ok() : files->SyncFiles(touched);
        if (synced.Is(Errc::kNotFound)) synced = Status::Ok();  // gone again: nothing to lose
        if (Planted(PlantedFault::kSkipDirectorySync)) dirs.clear();
        // A directory that a later order of this batch removed has nothing to sync.
        const std::vector<RelPath> to_sync(dirs.begin(), dirs.end());
        if (Status named = files->SyncDirs(to_sync); !named.ok()) synced = named;
        // Not durable is not done, and not undone either: only recovery can tell.
        for (SwapResult& result : results) {
          if (!result.status.ok() || synced.ok()) continue;
          Probe(ProbeId::kSwapNotDurable);
          result.status = synced;
          result.unsettled = true;
        }
        return {layout::RootPresent(*files), std::move(results)};
      },
      [this](Answer answer) {
        if (answer.first) {
          OnSwapped(std::move(answer.second));
          return;
        }
        Probe(ProbeId::kRootGoneInSwap);
        // The volume went away in between: what was done where it used to be means nothing, what
        // was done on it the intents tell when it is back.
        core_.RootMissing();
      });
}

namespace {

FileStamp StampAfterRename(const Core& core, const FileStat& stat) {
  FileStamp stamp = FileStamp::Of(stat);
  // A write in the very tick of our rename would leave an equal stamp.
  int64_t apart_ms = (stat.ctime_ns - stat.mtime_ns) / 1'000'000;
  bool racy = apart_ms < core.options.racy_window_ms && apart_ms > -core.options.racy_window_ms;
  if (racy && !Planted(PlantedFault::kTrustYoungStamps)) stamp.inode = 0;
  return stamp;
}

// A swap was undone, and its renames moved the change time of what stands there again. To the next
// look that would be a change: where the bytes have rotted, the damage would be announced.
void KnowAgain(const Core& core, const Plan& plan, const SwapResult& result, IndexBatch& batch) {
  if (!FileStamp::Of(result.put_back).trusted()) return;
  std::optional<IndexRow> row = core.index.Get(plan.path);
  if (!row || row->stamp != plan.order.expected) return;
  row->stamp = StampAfterRename(core, result.put_back);
  batch.local_only_rows.push_back(std::move(*row));
}

}  // namespace

IndexRow RowOf(const Core& core, const Plan& plan, const FileStat& after) {
  IndexRow row;
  row.path = plan.path;
  row.version = plan.target;
  row.reason = plan.reason;
  if (plan.target.kind != VersionKind::kFile) return row;
  row.stamp = StampAfterRename(core, after);
  return row;
}

void Applier::AddToCommit(const ApplyItem& item, const SwapResult& result, IndexBatch& batch) {
  const Plan& plan = item.plan;
  IndexRow row = RowOf(core_, plan, result.after);
  completer_(row, batch);
  batch.rows.push_back(std::move(row));
  if (!item.chunks.empty()) batch.chunk_lists.emplace_back(plan.target.hash, item.chunks);
  if (!result.kept_something) return;
  KeptVersion kept;
  kept.id = plan.kept_id;
  kept.path = plan.path;
  kept.kept_at = plan.order.kept_at;
  kept.version = plan.stands ? *plan.stands : plan.base->version;
  if (plan.kept_why == kKeptDamaged) kept.version.hash = {};  // nobody knows what it is
  kept.stamp = FileStamp::Of(result.kept);
  kept.kept_ms = core_.KeptMs();
  kept.why = plan.kept_why;
  batch.kept.push_back(std::move(kept));
}

std::vector<ApplyItem> Applier::TakeBatch() {
  std::vector<ApplyItem> items = std::move(batch_);
  batch_.clear();
  for (const ApplyItem& item : items) pending_bytes_ -= StagedBytes(item);
  running_ = false;
  return items;
}

void Applier::OnSwapped(std::vector<SwapResult> results) {
  IndexBatch batch;
  const SwapResult* unsettled = nullptr;
  for (size_t i = 0; i < batch_.size(); ++i) {
    if (results[i].unsettled) {
      unsettled = &results[i];
      continue;
    }
    batch.erased_intents.push_back(intents_[i]);
    if (results[i].status.ok()) {
      AddToCommit(batch_[i], results[i], batch);
    } else {
      KnowAgain(core_, batch_[i].plan, results[i], batch);
    }
  }
  if (!core_.Commit(batch).ok()) return;
  if (unsettled != nullptr) {
    // The intent that is left lets the next start find the bytes; going on could remove them.
    core_.Fail("the folder's volume failed in the middle of a change; mend it and start again: " +
               unsettled->status.ToString());
    return;
  }
  std::vector<ApplyItem> items = TakeBatch();
  for (size_t i = 0; i < items.size(); ++i) {
    core_.NotBusy(items[i].plan.path);
    applied_(std::move(items[i]), std::move(results[i]));
  }
  RunLater();
}

void Applier::FailBatch(const Status& status) {
  std::vector<ApplyItem> items = TakeBatch();
  for (ApplyItem& item : items) {
    core_.NotBusy(item.plan.path);
    SwapResult result;
    result.status = status;
    applied_(std::move(item), std::move(result));
  }
  RunLater();
}

namespace {

// What lies at `kept_at`, where the swap or its recovery had got so far as to put something aside.
Status AddKept(FileSystem& files, ByteSpan secret, const Intent& intent, const RelPath& kept_at,
               int64_t wall_ms, IndexBatch& batch) {
  if (kept_at.is_root()) return Status::Ok();
  Result<FileStat> there = files.Stat(kept_at);
  if (there.Is(Errc::kNotFound)) return Status::Ok();
  if (!there.ok()) return there.status();
  if (there->kind != NodeKind::kFile) return Status::Ok();
  FileStat stat = *there;
  Result<HashedFile> hashed = HashPath(files, kept_at, secret, &stat);
  KeptVersion entry;
  entry.path = intent.path;
  entry.kept_at = kept_at;
  entry.version.kind = VersionKind::kFile;
  entry.version.size = hashed.ok() ? hashed->size : stat.size;
  if (hashed.ok()) entry.version.hash = hashed->hash;
  entry.version.mtime_ns = stat.mtime_ns;
  entry.stamp = FileStamp::Of(stat);
  // What was to stand there, and was taken out again.
  bool ours = there->inode == intent.staged_stamp.inode;
  bool written_to =
      ours ? entry.version.hash != intent.row.version.hash
           : stat.size != intent.old_stamp.size || stat.mtime_ns != intent.old_stamp.mtime_ns;
  // Without a row nobody would find it again: what cannot be read is taken for what was replaced.
  bool as_replaced = !hashed.ok();
  if (written_to && !Planted(PlantedFault::kLateWriteUnnoticed)) {
    Probe(ProbeId::kRecoverKeptWrittenTo);
    // By a program that still had it open. Kept as what was replaced, the look for late writes
    // finds that it is not that any more.
    as_replaced = true;
  }
  if (as_replaced) {
    entry.version.hash = {};
    entry.stamp = ours ? FileStamp() : intent.old_stamp;
  }
  entry.kept_ms = wall_ms;
  Result<ContentHash> conflict = layout::ConflictOfCopy(kept_at);
  if (conflict.ok()) {
    entry.id = ConflictKeptId(kept_at);
    entry.why = "conflict";
  } else {
    entry.id = "recovered-" + std::to_string(intent.id) + "-" + std::to_string(wall_ms);
    if (kept_at != intent.kept_at) entry.id += "-users";
    entry.why = intent.row.version.exists() ? "replaced" : "deleted";
  }
  batch.kept.push_back(std::move(entry));
  return Status::Ok();
}

}  // namespace

RecoveryAnswer RecoverIntents(FileSystem& files, ByteSpan secret,
                              const std::vector<Intent>& intents, int64_t wall_ms) {
  RecoveryAnswer answer;
  for (const Intent& intent : intents) {
    Result<Recovered> recovered = RecoverSwap(files, secret, intent);
    answer.status = recovered.status();
    // Also where it counts as undone: somebody may have made the name anew before we looked.
    if (recovered.ok() && !Planted(PlantedFault::kRecoveryForgetsKept)) {
      answer.status = AddKept(files, secret, intent, intent.kept_at, wall_ms, answer.batch);
    }
    if (answer.status.ok() && !intent.staged.is_root()) {
      RelPath users = layout::UsersBytes(intent.staged);
      answer.status = AddKept(files, secret, intent, users, wall_ms, answer.batch);
    }
    if (!answer.status.ok()) {
      answer.status = answer.status.WithContext("finishing " + Printable(intent.path));
      return answer;
    }
    answer.batch.erased_intents.push_back(intent.id);
    if (Planted(PlantedFault::kUndoneCountsAsDone)) recovered = Recovered::kDone;
    if (Planted(PlantedFault::kCrashCountsAsDelete)) recovered = Recovered::kUndone;
    if (*recovered == Recovered::kUndone) {
      ++answer.undone;
      continue;
    }
    ++answer.done;
    IndexRow row = intent.row;
    row.stamp = FileStamp();  // looked at again by its content
    answer.batch.rows.push_back(std::move(row));
  }
  return answer;
}

namespace {

// Torn by a power loss, or a program's bytes: nothing here tells them apart.
Status PutAsideUnlessStaged(FileSystem& files, ByteSpan secret, const RelPath& path) {
  FileStat stat;
  Result<HashedFile> hashed = HashPath(files, path, secret, &stat);
  if (hashed.ok() && layout::IsStagedOf(path.name(), hashed->hash)) return Status::Ok();
  if (hashed.Is(Errc::kNotFound)) return Status::Ok();
  Probe(ProbeId::kStagedPutAside);
  TRY(MakeDirs(files, layout::Conflicts()));
  TRY(files.RenameNoReplace(path, layout::UsersBytes(path)));
  return files.SyncDir(layout::Conflicts());
}

}  // namespace

Status CleanStaging(FileSystem& files, ByteSpan secret, bool no_intents) {
  Result<std::vector<DirEntry>> entries = files.List(layout::Staging());
  if (entries.Is(Errc::kNotFound)) return Status::Ok();  // made when it is needed
  if (!entries.ok()) return no_intents ? entries.status() : Status::Ok();
  for (const DirEntry& entry : *entries) {
    if (layout::IsPartial(entry.name) || layout::HashOfHeld(entry.name).ok()) continue;
    if (!RelPath::IsValidName(entry.name)) continue;
    RelPath path = layout::Staging().Child(entry.name);
    if (no_intents && entry.stat.kind == NodeKind::kFile) {
      TRY(PutAsideUnlessStaged(files, secret, path));
    }
    files.RemoveFile(path).IgnoreError();
  }
  return Status::Ok();
}

}  // namespace atozsync
