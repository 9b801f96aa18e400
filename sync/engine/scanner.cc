#include "sync/engine/scanner.h"

#include <algorithm>

#include "sync/base/planted_fault.h"
#include "sync/base/probe.h"

namespace atozsync {

namespace {

constexpr int kChecksMax = 2;  // jobs in flight
// Each job's findings are one commit, and each commit waits for the disk: where many files are due,
// they are many. Where few are, both workers get some.
constexpr size_t kItemsPerJobMin = 64;
constexpr size_t kItemsPerJobMax = 512;
constexpr int64_t kMissingHoldMs = 2'000;  // how long a deletion waits for a rename's new name
constexpr size_t kMissingPerJobMax = 1'000;

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

bool Scanner::BeingSwapped(const RelPath& path) const {
  bool swapped = core_.busy_paths.contains(path) && !Planted(PlantedFault::kScanBusyPaths);
  if (swapped) Probe(ProbeId::kLookWaitsForSwap);
  return swapped;
}

std::vector<CheckItem> Scanner::TakeDueChecks() {
  std::vector<CheckItem> items;
  int64_t now_ms = core_.clock.MonoMs();
  const size_t items_max =
      std::clamp<size_t>(due_.size() / kChecksMax, kItemsPerJobMin, kItemsPerJobMax);
  while (items.size() < items_max && !due_.empty() && due_.begin()->first <= now_ms) {
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
    std::optional<IndexRow> row = core_.index.Get(path);
    if (row && row->version.kind == VersionKind::kFile) {
      if (!check.verify) item.known = row->stamp;
      std::optional<FileStamp> held = held_stamp ? held_stamp(path) : std::nullopt;
      if (held && !check.verify) item.known = *held;
      item.judge = may_change != nullptr;
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
