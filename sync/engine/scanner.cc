#include "sync/engine/scanner.h"

#include <algorithm>

#include "sync/base/planted_fault.h"
#include "sync/base/probe.h"

namespace atozsync {

namespace {

constexpr int kListingsMax = 2;
constexpr int kChecksMax = 2;  // jobs in flight
constexpr size_t kItemsPerJobMax = 64;
constexpr size_t kChecksQueuedMax = 20'000;  // then listing waits: bounds memory
constexpr int64_t kListRetryMinMs = 100;
constexpr int64_t kListRetryMaxMs = 30'000;
constexpr int kListTriesBusy = 5;          // three seconds: then it is no passing trouble
constexpr int64_t kMissingHoldMs = 2'000;  // how long a deletion waits for a rename's new name
constexpr size_t kMissingPerJobMax = 1'000;
constexpr int64_t kSwappedPauseMs = 100;  // a batch of swaps takes about that long

}  // namespace

Scanner::Scanner(Core& core) : core_(core) {}

void Scanner::OnHint(const Hint& hint) {
  bool is_dir = hint.kind == HintKind::kRecursive || hint.kind == HintKind::kDir;
  if (core_.ignore.IgnoredWithin(hint.path, is_dir)) return;
  if (hint.kind == HintKind::kRecursive && hint.path.is_root()) Probe(ProbeId::kOverflow);
  if (hint.kind == HintKind::kRecursive && Planted(PlantedFault::kIgnoreOverflow)) return;
  if (is_dir) {
    DirTask& task = dirs_[hint.path];
    task.recursive = task.recursive || hint.kind == HintKind::kRecursive;
    task.hinted = true;
    PumpLater(0);
    return;
  }
  AddCheck(hint.path, {.due_ms = core_.clock.MonoMs(), .settled = hint.kind == HintKind::kClosed});
}

void Scanner::ScanTree(const RelPath& dir, bool verify) {
  AddListing(dir, {.recursive = true, .verify = verify});
}

void Scanner::CheckSoon(const RelPath& path, int64_t delay_ms) {
  // Not settled: that the agent wants to know says nothing about who may be writing.
  AddCheck(path, {.due_ms = core_.clock.MonoMs() + delay_ms});
}

void Scanner::VerifySoon(const RelPath& path) {
  AddCheck(path, {.due_ms = core_.clock.MonoMs(), .verify = true});
}

void Scanner::SetStopped(bool stopped) {
  stopped_ = stopped;
  PumpLater(0);
}

bool Scanner::idle() const {
  return dirs_.empty() && listing_ == 0 && listings_retried_ == 0 &&
         checks_.size() == background_ && missing_.empty();
}

bool Scanner::Unsure(const RelPath& path) const {
  auto check = checks_.find(path);
  return missing_.contains(path) || (check != checks_.end() && !check->second.background);
}

uint64_t Scanner::files_waiting() const {
  return checks_.size() - background_;
}

void Scanner::AddCheck(const RelPath& path, Check wanted) {
  if (path == layout::Own() || path.IsBelow(layout::Own())) return;
  auto at = checks_.find(path);
  if (at == checks_.end()) {
    Enqueue(path, wanted);
    PumpLater(wanted.due_ms - core_.clock.MonoMs());
    return;
  }
  Check& check = at->second;
  check.settled = check.settled || wanted.settled;
  check.verify = check.verify || wanted.verify;
  if (check.in_flight) {
    bool forget = wanted.background || Planted(PlantedFault::kForgetTouchWhileRead);
    check.again = check.again || !forget;
    return;
  }
  // A file that is being written keeps its pause, however often it is touched; a close ends it.
  bool sooner = wanted.due_ms < check.due_ms && (check.attempts == 0 || wanted.settled);
  Check merged = check;
  merged.background = check.background && wanted.background;
  if (sooner) merged.due_ms = wanted.due_ms;
  due_.erase({check.due_ms, path});
  if (check.background) --background_;
  Enqueue(path, merged);
  PumpLater(merged.due_ms - core_.clock.MonoMs());
}

void Scanner::Enqueue(const RelPath& path, Check check) {
  check.in_flight = false;
  check.again = false;
  checks_[path] = check;
  due_.insert({check.due_ms, path});
  if (check.background) ++background_;
}

void Scanner::PumpLater(int64_t delay_ms) {
  if (delay_ms <= 0) {
    if (pump_posted_) return;
    pump_posted_ = true;
    core_.Post([this] {
      pump_posted_ = false;
      Pump();
    });
    return;
  }
  int64_t due_ms = core_.clock.MonoMs() + delay_ms;
  if (timer_ != 0 && timer_due_ms_ <= due_ms) return;
  core_.executor.CancelTimer(timer_);
  timer_due_ms_ = due_ms;
  timer_ = core_.PostAfter(delay_ms, [this] {
    timer_ = 0;
    Pump();
  });
}

void Scanner::Pump() {
  if (stopped_ || core_.failed() || core_.root_missing) return;
  StartListings();
  StartChecks();
  StartMissing();
  if (!due_.empty()) {
    int64_t wait_ms = due_.begin()->first - core_.clock.MonoMs();
    if (wait_ms > 0) PumpLater(wait_ms);
  }
  if (on_progress) on_progress();
}

void Scanner::StartListings() {
  while (listing_ < kListingsMax && !dirs_.empty() && due_.size() < kChecksQueuedMax) {
    // The last in order: deepest first, so that the queue stays as long as one path is wide.
    auto last = std::prev(dirs_.end());
    RelPath dir = last->first;
    DirTask task = last->second;
    dirs_.erase(last);
    if (BeingSwapped(dir)) {
      ListAfter(kSwappedPauseMs, dir, task, /*busy=*/true);
      continue;
    }
    ++listing_;
    FileSystem* files = &core_.files;
    core_.Async<Listing>(
        Lane::kWalk,
        [files, dir] {
          Listing listing;
          Result<std::vector<DirEntry>> entries = files->List(dir);
          listing.status = entries.status();
          if (entries.ok()) listing.entries = std::move(entries).value();
          listing.root_present = layout::RootPresent(*files);
          return listing;
        },
        [this, dir, task, look = core_.looks.Begin()](Listing listing) {
          OnListed(dir, task, std::move(listing), look);
        });
  }
}

void Scanner::OnListed(const RelPath& dir, DirTask task, Listing listing, const LookPtr& look) {
  --listing_;
  PumpLater(0);
  if (stopped_) return;
  if (!listing.root_present) {
    core_.RootMissing();
    return;
  }
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
  if (look->PresentIsOld(dir)) {
    Probe(ProbeId::kLookOutdated);
    AddListing(dir, task);
    return;
  }
  if (task.hinted && !dir.is_root()) {
    std::optional<IndexRow> row = core_.index.Get(dir);
    if (!row || row->version.kind != VersionKind::kDir) CheckSoon(dir);
  }
  CompareListing(dir, task, std::move(listing.entries), *look);
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

void Scanner::CompareListing(const RelPath& dir, DirTask task, std::vector<DirEntry> entries,
                             const Looks::Look& look) {
  std::sort(entries.begin(), entries.end(),
            [](const DirEntry& a, const DirEntry& b) { return a.name < b.name; });
  std::vector<IndexRow> rows = core_.index.Children(dir);
  IndexBatch batch;
  auto row = rows.begin();
  for (const DirEntry& entry : entries) {
    if (!RelPath::IsValidName(entry.name)) continue;
    for (; row != rows.end() && row->path.name() < entry.name; ++row) {
      if (row->version.exists()) CheckSoon(row->path);
    }
    bool known = row != rows.end() && row->path.name() == entry.name;
    CompareEntry(dir.Child(entry.name), entry, known ? &*row : nullptr, task, look, batch);
    if (known) ++row;
  }
  for (; row != rows.end(); ++row) {
    if (row->version.exists()) CheckSoon(row->path);
  }
  if (!batch.rows.empty()) AddParents(batch.rows.front().path, batch);
  CommitBatch(batch);
}

void Scanner::CompareEntry(const RelPath& path, const DirEntry& entry, const IndexRow* row,
                           DirTask task, const Looks::Look& look, IndexBatch& batch) {
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
  bool live = row != nullptr && row->version.exists();
  if (core_.ignore.Ignored(path, is_dir)) {
    if (live) ForgetIgnored(*row, batch);
    return;
  }
  if (is_dir) {
    bool known = live && row->version.kind == VersionKind::kDir;
    if (!known && !live) batch.rows.push_back(NewRow(path, row, VersionKind::kDir, nullptr));
    if (!known && live) {  // was a file: handled with its subtree there
      Probe(ProbeId::kFileBecameDir);
      CheckSoon(path);
    }
    if (!known || task.recursive) {
      AddListing(path, {.recursive = true, .verify = task.verify});
    }
    return;
  }
  if (entry.stat.kind == NodeKind::kOther) {
    core_.AddProblem(path, "links and special files are not synchronized");
    return;
  }
  bool unchanged = live && row->version.kind == VersionKind::kFile && row->stamp.trusted() &&
                   row->stamp == FileStamp::Of(entry.stat);
  if (unchanged && !task.verify) return;
  AddCheck(path, {.due_ms = core_.clock.MonoMs(), .verify = task.verify});
}

void Scanner::ForgetIgnored(const IndexRow& row, IndexBatch& batch) {
  // A rule was added. The others keep theirs: what is not synchronized is not deleted either.
  for (const IndexRow& child : core_.index.Children(row.path)) ForgetIgnored(child, batch);
  Probe(ProbeId::kIgnoredForgotten);
  batch.erased_rows.push_back(row.path);
}

bool Scanner::BeingSwapped(const RelPath& path) const {
  bool swapped = core_.busy_paths.contains(path) && !Planted(PlantedFault::kScanBusyPaths);
  if (swapped) Probe(ProbeId::kLookWaitsForSwap);
  return swapped;
}

std::vector<CheckItem> Scanner::TakeDueChecks() {
  std::vector<CheckItem> items;
  int64_t now_ms = core_.clock.MonoMs();
  while (items.size() < kItemsPerJobMax && !due_.empty() && due_.begin()->first <= now_ms) {
    RelPath path = due_.begin()->second;
    due_.erase(due_.begin());
    Check& check = checks_.at(path);
    if (check.background) --background_;
    check.background = false;
    if (BeingSwapped(path)) {
      check.due_ms = now_ms + kSwappedPauseMs;
      due_.insert({check.due_ms, path});
      continue;
    }
    check.in_flight = true;
    CheckItem item{path, {}, check.settled};
    if (!check.verify) {
      std::optional<IndexRow> row = core_.index.Get(path);
      if (row && row->version.kind == VersionKind::kFile) item.known = row->stamp;
    }
    items.push_back(std::move(item));
  }
  return items;
}

void Scanner::StartChecks() {
  while (checking_ < kChecksMax) {
    std::vector<CheckItem> items = TakeDueChecks();
    if (items.empty()) return;
    ++checking_;
    CheckLimits limits;
    limits.wall_ns = core_.clock.WallNs();
    limits.settle_ms = core_.options.settle_ms;
    limits.racy_window_ms = core_.options.racy_window_ms;
    core_.Async<CheckAnswer>(
        Lane::kHash,
        [files = &core_.files, secret = core_.secret, items = std::move(items), limits] {
          return RunCheckJob(*files, secret, items, limits);
        },
        [this, look = core_.looks.Begin()](CheckAnswer answer) {
          OnChecked(std::move(answer), look);
        });
  }
}

void Scanner::StartMissing() {
  if (missing_.empty() || confirming_) return;
  int64_t now_ms = core_.clock.MonoMs();
  int64_t oldest_ms = now_ms;
  for (const auto& [path, since_ms] : missing_) oldest_ms = std::min(oldest_ms, since_ms);
  bool more_to_see = !dirs_.empty() || listing_ > 0 || checks_.size() > background_;
  if (more_to_see && !confirm_now_ && now_ms - oldest_ms < kMissingHoldMs) {
    PumpLater(kMissingHoldMs - (now_ms - oldest_ms));
    return;
  }
  std::vector<RelPath> paths;
  for (const auto& [path, since_ms] : missing_) {
    if (paths.size() == kMissingPerJobMax) break;
    paths.push_back(path);
  }
  confirming_ = true;
  confirm_now_ = false;
  using Confirmed = std::pair<bool, std::vector<RelPath>>;
  core_.Async<Confirmed>(
      Lane::kWalk,
      [files = &core_.files, paths = std::move(paths)] {
        Confirmed confirmed;
        for (const RelPath& path : paths) {
          bool gone = files->Stat(path).Is(Errc::kNotFound);
          if (gone || Planted(PlantedFault::kErrorMeansGone)) confirmed.second.push_back(path);
        }
        confirmed.first = layout::RootPresent(*files);
        return confirmed;
      },
      [this, look = core_.looks.Begin()](Confirmed confirmed) {
        OnMissingConfirmed(confirmed.first, confirmed.second, *look);
      });
}

}  // namespace atozsync
