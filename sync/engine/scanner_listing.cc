// How the scanner lists directories and compares what stands there with the index. Of the names
// that are as known, nothing is read but what the comparing needs.
#include <algorithm>

#include "sync/base/planted_fault.h"
#include "sync/base/probe.h"
#include "sync/engine/list_job.h"
#include "sync/engine/scanner.h"

namespace atozsync {

namespace {

constexpr size_t kListJobsMax = 4;  // in flight: two that run and one waiting for each
constexpr size_t kDirsPerJobMax = 64;
constexpr size_t kChecksQueuedMax = 4'000;  // then listing waits: bounds memory
constexpr int64_t kListRetryMinMs = 100;
constexpr int64_t kListRetryMaxMs = 30'000;
constexpr int kListTriesBusy = 5;  // three seconds: then it is no passing trouble

bool AsKnown(const DirEntry& entry, const KnownEntry& known) {
  if (entry.stat.kind == NodeKind::kDir) return known.kind == VersionKind::kDir;
  return entry.stat.kind == NodeKind::kFile && known.kind == VersionKind::kFile &&
         known.stamp.trusted() && known.stamp == FileStamp::Of(entry.stat);
}

}  // namespace

std::vector<Scanner::DirToList> Scanner::TakeDirs() {
  // Few: each in a job of its own.
  const size_t share = (dirs_.size() + kListJobsMax - 1) / kListJobsMax;
  std::vector<DirToList> taken;
  while (!dirs_.empty() && taken.size() < std::min(share, kDirsPerJobMax)) {
    // The last in order: deepest first, so that the queue stays as long as one path is wide.
    auto last = std::prev(dirs_.end());
    DirToList next{last->first, last->second};
    dirs_.erase(last);
    if (BeingSwapped(next.dir)) {
      ListAfter(kSwappedPauseMs, next.dir, next.task, /*busy=*/true);
    } else {
      taken.push_back(std::move(next));
    }
  }
  return taken;
}

void Scanner::StartListings() {
  while (list_jobs_ < kListJobsMax && due_.size() < kChecksQueuedMax) {
    std::vector<DirToList> taken = TakeDirs();
    if (taken.empty()) return;
    ++list_jobs_;
    listing_ += taken.size();
    std::vector<RelPath> dirs;
    for (const DirToList& each : taken) dirs.push_back(each.dir);
    core_.Async<ListAnswer>(
        Lane::kWalk,
        [files = &core_.files, dirs = std::move(dirs)] { return RunListJob(*files, dirs); },
        [this, taken = std::move(taken), look = core_.looks.Begin()](ListAnswer answer) {
          OnListed(taken, std::move(answer), *look);
        });
  }
}

void Scanner::OnListed(const std::vector<DirToList>& taken, ListAnswer answer,
                       const Looks::Look& look) {
  --list_jobs_;
  listing_ -= taken.size();
  PumpLater(0);
  if (stopped_) return;
  if (!answer.root_present) {
    core_.RootMissing();
    return;
  }
  for (size_t i = 0; i < taken.size(); ++i) {
    if (i < answer.listings.size()) {
      OnDirListed(taken[i].dir, taken[i].task, std::move(answer.listings[i]), look);
    } else {
      AddListing(taken[i].dir, taken[i].task);
    }
  }
}

void Scanner::OnDirListed(const RelPath& dir, DirTask task, DirListing listing,
                          const Looks::Look& look) {
  if (listing.status.Is(Errc::kNotFound)) {
    if (!dir.is_root()) CheckSoon(dir);
    return;
  }
  if (!listing.status.ok()) {
    Probe(ProbeId::kListingFailed);
    // Cannot be listed is not the same as empty: nothing below is taken for deleted.
    core_.AddProblem(dir, listing.status.ToString() + ": check its rights");
    ListAgain(dir, task);
    return;
  }
  core_.ClearProblem(dir);
  if (look.PresentIsOld(dir)) {
    Probe(ProbeId::kLookOutdated);
    AddListing(dir, task);
    return;
  }
  if (task.hinted && !dir.is_root()) {
    std::optional<IndexRow> row = core_.index.Get(dir);
    if (!row || row->version.kind != VersionKind::kDir) CheckSoon(dir);
  }
  CompareListing(dir, task, listing.entries, look);
}

void Scanner::ListAgain(const RelPath& dir, DirTask task) {
  int64_t pause_ms = std::min(kListRetryMaxMs, kListRetryMinMs << std::min(task.attempts, 10));
  ++task.attempts;
  ListAfter(pause_ms, dir, task, task.attempts <= kListTriesBusy);
}

void Scanner::ListAfter(int64_t pause_ms, const RelPath& dir, const DirTask& task, bool busy) {
  if (busy) ++listings_retried_;
  core_.PostAfter(pause_ms, [this, dir, task, busy] {
    if (busy) --listings_retried_;
    AddListing(dir, task);
  });
}

void Scanner::AddListing(const RelPath& dir, const DirTask& task) {
  DirTask& again = dirs_[dir];
  again.recursive = again.recursive || task.recursive;
  again.verify = again.verify || task.verify;
  again.hinted = again.hinted || task.hinted;
  again.attempts = std::max(again.attempts, task.attempts);
  PumpLater(0);
}

std::vector<Scanner::Match> Scanner::MatchRows(const RelPath& dir,
                                               const std::vector<DirEntry>& entries) {
  std::vector<Match> matches(entries.size(), Match::kNew);
  std::vector<RelPath> missing;
  size_t next = 0;
  core_.index.KnownIn(dir, [&](const KnownEntry& known) {
    while (next < entries.size() && entries[next].name < known.name) ++next;
    if (next < entries.size() && entries[next].name == known.name) {
      matches[next] = AsKnown(entries[next], known) ? Match::kAsKnown : Match::kDiffers;
    } else if (known.kind != VersionKind::kTombstone) {
      missing.push_back(dir.Child(known.name));
    }
  });
  for (const RelPath& path : missing) CheckSoon(path);
  return matches;
}

void Scanner::CompareListing(const RelPath& dir, const DirTask& task,
                             const std::vector<DirEntry>& entries, const Looks::Look& look) {
  const std::vector<Match> matches = MatchRows(dir, entries);
  IndexBatch batch;
  for (size_t i = 0; i < entries.size(); ++i) {
    if (!RelPath::IsValidName(entries[i].name)) continue;
    CompareEntry(dir.Child(entries[i].name), entries[i], matches[i], task, look, batch);
  }
  if (!batch.rows.empty()) AddParents(batch.rows.front().path, batch);
  CommitBatch(batch);
}

void Scanner::CompareEntry(const RelPath& path, const DirEntry& entry, Match match,
                           const DirTask& task, const Looks::Look& look, IndexBatch& batch) {
  bool is_dir = entry.stat.kind == NodeKind::kDir;
  bool busy = core_.busy_paths.contains(path);
  if (busy || look.PresentIsOld(path)) {
    Probe(busy ? ProbeId::kListedBusyPath : ProbeId::kLookOutdated);
    // Looked at when the swap is over, and not as settled: only a close says that a file is whole.
    // What is below a directory is not part of that swap.
    AddCheck(path, {.due_ms = core_.clock.MonoMs(), .verify = task.verify});
    if (!is_dir || core_.ignore.Ignored(path, true)) return;
    AddListing(path, {.recursive = true, .verify = task.verify});
    return;
  }
  if (core_.ignore.Ignored(path, is_dir)) {
    if (match != Match::kNew) ForgetIgnored(path, batch);
    return;
  }
  if (is_dir) {
    if (match != Match::kAsKnown) OnUnknownDir(path, batch);
    if (match != Match::kAsKnown || task.recursive) {
      AddListing(path, {.recursive = true, .verify = task.verify});
    }
    return;
  }
  if (entry.stat.kind == NodeKind::kOther) {
    core_.AddProblem(path, "links and special files are not synchronized");
    return;
  }
  if (match == Match::kAsKnown && !task.verify) return;
  AddCheck(path, {.due_ms = core_.clock.MonoMs(), .verify = task.verify});
}

void Scanner::OnUnknownDir(const RelPath& path, IndexBatch& batch) {
  std::optional<IndexRow> row = core_.index.Get(path);
  if (row && row->version.exists()) {  // was a file: handled with its subtree there
    Probe(ProbeId::kFileBecameDir);
    CheckSoon(path);
  } else {
    batch.rows.push_back(NewRow(path, row ? &*row : nullptr, VersionKind::kDir, nullptr));
  }
}

void Scanner::ForgetIgnored(const RelPath& path, IndexBatch& batch) {
  std::optional<IndexRow> row = core_.index.Get(path);
  if (row && row->version.exists()) ForgetIgnoredRow(*row, batch);
}

void Scanner::ForgetIgnoredRow(const IndexRow& row, IndexBatch& batch) {
  // A rule was added. The others keep theirs: what is not synchronized is not deleted either.
  for (const IndexRow& child : core_.index.Children(row.path)) ForgetIgnoredRow(child, batch);
  Probe(ProbeId::kIgnoredForgotten);
  batch.erased_rows.push_back(row.path);
}

}  // namespace atozsync
