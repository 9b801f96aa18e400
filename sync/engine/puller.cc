#include "sync/engine/puller.h"

#include <algorithm>
#include <utility>

#include "sync/base/planted_fault.h"
#include "sync/base/probe.h"

namespace atozsync {

namespace {

constexpr size_t kObtainingMax = 400;  // whose content is on its way; below PeerLink::kRequestsMax
// Staged, and waiting for a sync or a swap: enough that the next batch is whole when the one before
// is durable. Their contents are in the staging folder, not in memory.
constexpr size_t kApplyingMax = 2'000;
constexpr uint64_t kApplyingBytesMax = 128u << 20;
constexpr size_t kLooksPerTurnMax = 1'000;  // needs: a hundred thousand may wait for their rows
constexpr int64_t kDeferTickMs = 10;        // what is due within one tick is looked at together

}  // namespace

Puller::Puller(Core& core, Peers& peers, Scanner& scanner, Gate& gate)
    : core_(core),
      peers_(peers),
      scanner_(scanner),
      gate_(gate),
      applier_(
          core,
          [this](ApplyItem item, SwapResult result) {
            OnApplied(std::move(item), std::move(result));
          },
          [this](const IndexRow& row, IndexBatch& batch) {
            bool all = EraseAnsweredNeeds(row, batch);
            if (auto at = in_flight_.find(row.path); at != in_flight_.end()) {
              at->second.answers_all = all;
            }
          }) {
  ArrivingGate& arriving = gate_.arriving();
  arriving.on_answer = [this](const RelPath& path) {
    auto at = in_flight_.find(path);
    if (at == in_flight_.end() || !at->second.at_gate) return;
    at->second.at_gate = false;
    OnStaged(path);
  };
  arriving.on_open = [this](const RelPath& path) { Hurry(path); };
  gate_.on_urgent = [this](const RelPath& path) { Hurry(path); };
}

Puller::~Puller() {
  core_.executor.CancelTimer(timer_);
}

void Puller::SetStopped(bool stopped) {
  stopped_ = stopped;
  Wake();
}

void Puller::Wake() {
  // In the midst of a look at all of them those behind would never have their turn.
  woken_ = looking_;
  if (!looking_) {
    cursor_ = 0;
    page_.clear();
  }
  Continue();
}

void Puller::Continue() {
  if (pump_posted_) return;
  pump_posted_ = true;
  core_.Post([this] {
    pump_posted_ = false;
    Pump();
  });
}

bool Puller::HasRoom() const {
  // After the volume was full, one at a time until one goes well: free bytes do not tell whether
  // there are inodes, or room for this file.
  if (volume_was_full_) return in_flight_.empty();
  if (applier_.pending() >= kApplyingMax || applier_.pending_bytes() >= kApplyingBytesMax) {
    return false;
  }
  return in_flight_.size() < kObtainingMax + applier_.pending() &&
         bytes_in_flight_ < core_.options.staging_bytes_in_flight_max;
}

void Puller::Pump() {
  if (stopped_ || core_.failed() || core_.root_missing) return;
  if (!space_checked_ && core_.index.need_totals().paths > 0) {
    CheckSpace();
    return;
  }
  int64_t now_ms = core_.clock.MonoMs();
  Need need;
  size_t looks = 0;
  for (; !disk_full_ && HasRoom() && looks < kLooksPerTurnMax && Next(need); ++looks) {
    if (in_flight_.contains(need.path) || gate_.arriving().parked(need.path)) continue;
    if (core_.busy_paths.contains(need.path)) {
      Defer(need.path, 20);
      continue;
    }
    auto deferred = deferred_.find(need.path);
    if (deferred != deferred_.end() && deferred->second.until_ms > now_ms) continue;
    Begin(std::move(need));
  }
  looking_ = looks == kLooksPerTurnMax;
  if (looking_) Continue();
  if (!looking_ && woken_) Wake();
  if (!disk_full_) StartConflictCopies();
  bool nothing_to_write = in_flight_.empty() && core_.index.need_totals().paths == 0;
  if (nothing_to_write && (disk_full_ || volume_was_full_)) {
    disk_full_ = volume_was_full_ = false;
    space_checked_ = false;  // asked again before anything else comes, not seconds after it
  }
  if (on_progress) on_progress();
}

bool Puller::ReadyForDirectory(const Need& need, const std::optional<IndexRow>& row) {
  // Something takes the place of a directory, or nothing does: what is below goes first.
  bool dir_here = row && row->version.kind == VersionKind::kDir;
  if (!dir_here || need.version.kind == VersionKind::kDir) return true;
  if (!core_.index.HasLiveChildren(need.path)) return true;
  Decision decision = DecideFor(core_, peers_.MemberPrefixes(), &*row, need.version);
  bool replaces = decision.outcome == Outcome::kTake || decision.outcome == Outcome::kTakeMerged;
  if (!replaces) return true;
  Peer* peer = peers_.Find(need.peer);
  bool all_said = peer == nullptr || !peer->connected() || peer->caught_up;
  bool wait = core_.index.HasNeedsBelow(need.path) || !all_said || !scanner_.idle();
  if (wait) {
    Probe(ProbeId::kDirectoryWaits);
    Defer(need.path, 50);
    return false;
  }
  CommitPlan(RevivePlan(core_, *row, need.version));
  return false;
}

void Puller::Begin(Need need) {
  // Read a page ago: another announcement may have taken its place since, and must not be dropped
  // in its name.
  std::vector<Need> needs = core_.index.NeedsOf(need.path);
  bool changed = false;
  if (!NeedStillStands(need, needs, changed)) return;
  if (peers_.Find(need.peer) == nullptr) {  // it was removed from the cluster
    Probe(ProbeId::kNeedOfRemoved);
    DropNeed(need);
    return;
  }
  std::optional<IndexRow> row = core_.index.Get(need.path);
  // Asked when it was announced; but others may have announced theirs since.
  if (row && !CheckJoin(row->version, need.version).ok()) {
    DropNeed(need);
    return;
  }
  if (!ReadyForDirectory(need, row)) return;
  RelPath path = need.path;
  Plan plan = MakePlan(core_, peers_.MemberPrefixes(), std::move(row), path, need.version);
  if (plan.kind == PlanKind::kLookFirst) {
    scanner_.CheckSoon(path);
    Defer(path, core_.options.racy_window_ms + 1);
    return;
  }
  if (plan.kind == PlanKind::kDrop) {
    DropNeed(need);
    return;
  }
  if (plan.kind == PlanKind::kCommit) {
    CommitPlan(std::move(plan));
    return;
  }
  if (WaitsWithContent(need, plan)) return;
  Work& work = in_flight_[path];
  work.need = std::move(need);
  work.plan = std::move(plan);
  if (work.plan.needs_content) {
    Prepare(work, needs);
    Obtain(path);
  } else {
    OnStaged(path);
  }
}

void Puller::DropNeed(const Need& need) {
  gate_.arriving().Forget(need.path);
  IndexBatch batch;
  batch.erased_needs.emplace_back(need.path, need.peer);
  core_.Commit(batch).IgnoreError();  // a failure has stopped the engine
  deferred_.erase(need.path);
}

void Puller::CommitPlan(Plan plan) {
  IndexBatch batch;
  FileStat unchanged;
  IndexRow row = RowOf(core_, plan, unchanged);
  if (plan.base && plan.base->version.kind == VersionKind::kFile) row.stamp = plan.base->stamp;
  EraseAnsweredNeeds(row, batch);
  batch.rows.push_back(std::move(row));
  if (plan.conflict) core_.PutConflict(*plan.conflict, batch);
  core_.Commit(batch).IgnoreError();  // a failure has stopped the engine
  if (plan.conflict) FetchConflictCopy(*plan.conflict);
  deferred_.erase(plan.path);
  core_.ClearProblem(plan.path);
}

bool Puller::EraseAnsweredNeeds(const IndexRow& row, IndexBatch& batch) {
  bool all = true;
  std::vector<uint32_t> members = peers_.MemberPrefixes();
  for (const Need& need : core_.index.NeedsOf(row.path)) {
    Decision decision = DecideFor(core_, members, &row, need.version);
    bool answered = decision.outcome == Outcome::kKeep || decision.outcome == Outcome::kIgnore ||
                    row.version == need.version;
    if (answered) batch.erased_needs.emplace_back(need.path, need.peer);
    all = all && answered;
  }
  return all;
}

void Puller::Prepare(Work& work, const std::vector<Need>& needs) {
  const FileVersion& target = work.plan.target;
  work.target.hash = target.hash;
  work.target.size = target.size;
  work.target.mtime_ns =
      Planted(PlantedFault::kTimesNotCarried) ? core_.clock.WallNs() : target.mtime_ns;
  work.target.staged = layout::Staged(core_.random.NextU64(), target.hash);
  work.bytes_counted = std::min<uint64_t>(target.size, protocol::kContentBytesMax);
  bytes_in_flight_ += work.bytes_counted;
  for (const KeptVersion& kept : core_.index.FindKeptContent(target.hash, 2)) {
    work.local_sources.push_back(kept.kept_at);
  }
  for (RelPath& path : core_.index.FindContent(target.hash, 2)) {
    work.local_sources.push_back(std::move(path));
  }
  if (gate_.arriving().HasContent(target.hash)) {
    work.local_sources.push_back(layout::Held(target.hash));
  }
  for (const Need& need : needs) {
    if (need.version.hash == target.hash && need.version.kind == VersionKind::kFile) {
      work.peers.push_back({need.peer, need.path});
    }
  }
  // The least busy one last: it is asked first.
  std::stable_sort(work.peers.begin(), work.peers.end(), [&](const auto& a, const auto& b) {
    PeerLink* left = LinkOf(a.peer);
    PeerLink* right = LinkOf(b.peer);
    size_t left_load = left != nullptr ? left->requests_under_way() : SIZE_MAX;
    size_t right_load = right != nullptr ? right->requests_under_way() : SIZE_MAX;
    return left_load > right_load;
  });
}

// A deletion may have come while the content was on its way, and be forgotten again since: nothing
// in the row tells of it, but the need is gone. `changed`: the same content is wanted, of a version
// that has seen more.
bool Puller::NeedStillStands(Need& need, const std::vector<Need>& needs, bool& changed) {
  if (need.arrival == 0) return true;  // a repair: no peer announced it
  const Need* same_content = nullptr;
  for (const Need& other : needs) {
    if (other.version == need.version) return true;
    if (other.version.SameContent(need.version)) same_content = &other;
  }
  if (same_content == nullptr) return false;
  need = *same_content;
  changed = true;
  return true;
}

// The row may have changed while the content was on its way: a commit on the old one would lose
// what it has seen since.
bool Puller::PlanStillHolds(Work& work) {
  bool need_changed = false;
  std::vector<Need> needs = core_.index.NeedsOf(work.need.path);
  if (!NeedStillStands(work.need, needs, need_changed)) return false;
  std::optional<IndexRow> row = core_.index.Get(work.need.path);
  const std::optional<IndexRow>& base = work.plan.base;
  bool same = row.has_value() == base.has_value() &&
              (!row || (row->version == base->version && row->stamp == base->stamp &&
                        row->unversioned == base->unversioned));
  if ((same && !need_changed) || Planted(PlantedFault::kStalePlan)) return true;
  bool needed_content = work.plan.needs_content;
  Plan plan = MakePlan(core_, peers_.MemberPrefixes(), row, work.need.path, work.need.version);
  bool fits = plan.kind == PlanKind::kSwap && plan.needs_content == needed_content &&
              plan.target.hash == work.plan.target.hash &&
              plan.target.mtime_ns == work.plan.target.mtime_ns;
  Probe(fits ? ProbeId::kPlanMadeAnew : ProbeId::kPlanDropped);
  if (fits) work.plan = std::move(plan);
  return fits;
}

void Puller::OnStaged(const RelPath& key) {
  Work& work = in_flight_.at(key);
  if (work.conflict_copy) {
    OnConflictCopyStaged(key);
    return;
  }
  if (!PlanStillHolds(work)) {
    core_.DiscardStaged(work.target.staged);
    Defer(key, 10);
    FinishWork(key);
    return;
  }
  if (!PassesGate(key)) return;
  bytes_in_flight_ -= std::exchange(work.bytes_counted, 0);
  ApplyItem item;
  item.plan = work.plan;
  item.chunks = std::move(work.chunks);
  if (work.plan.needs_content) item.plan.order.staged = work.target.staged;
  applier_.Add(std::move(item));
  Continue();  // there is room for another one
}

void Puller::OnApplied(ApplyItem item, SwapResult result) {
  const RelPath path = item.plan.path;
  auto at = in_flight_.find(path);
  bool answers_all = at != in_flight_.end() && at->second.answers_all;
  if (at != in_flight_.end()) TellBrought(at->second, result.status);
  FinishWork(path);
  bool tell = !result.late.is_root() && !Planted(PlantedFault::kLateBytesNotLogged);
  if (tell && on_late_write) on_late_write(path, result.late);
  if (result.status.ok()) {
    if (volume_was_full_) {
      Probe(ProbeId::kRoomAgain);
      core_.Log(LogLevel::kInfo, "there is room again: receiving");
    }
    volume_was_full_ = false;
    deferred_.erase(path);
    core_.ClearProblem(path);
    // What another peer announced for the same path meanwhile was passed over.
    if (!answers_all && !core_.index.NeedsOf(path).empty()) {
      Probe(ProbeId::kAnotherNeed);
      Wake();
    }
    return;
  }
  core_.DiscardStaged(item.plan.order.staged);
  OnTrouble(path, result.status);
}

void Puller::ArmTimer(int64_t due_ms) {
  if (timer_ != 0 && timer_due_ms_ <= due_ms) return;
  core_.executor.CancelTimer(timer_);
  timer_due_ms_ = due_ms;
  int64_t delay_ms = std::max(due_ms - core_.clock.MonoMs(), kDeferTickMs);
  timer_ = core_.PostAfter(delay_ms, [this] {
    timer_ = 0;
    int64_t next_ms = INT64_MAX;
    for (const auto& [path, waiting] : deferred_) {
      if (waiting.until_ms > core_.clock.MonoMs()) next_ms = std::min(next_ms, waiting.until_ms);
    }
    int64_t copy_ms = copies_wanted_.next_due_ms();
    if (copy_ms > core_.clock.MonoMs()) next_ms = std::min(next_ms, copy_ms);
    if (next_ms != INT64_MAX) ArmTimer(next_ms);
    Wake();
  });
}

void Puller::FinishWork(const RelPath& key) {
  auto at = in_flight_.find(key);
  if (at == in_flight_.end()) return;
  bytes_in_flight_ -= at->second.bytes_counted;
  if (at->second.hopeless) --hopeless_in_flight_;
  if (at->second.holds_mark) ReleaseMark(at->second.target.hash);
  // It may be on the stack: a fetch reports its end from inside.
  if (at->second.fetch) {
    core_.Post([fetch = std::shared_ptr<FetchFile>(std::move(at->second.fetch))] {});
  }
  if (!at->second.brings_back) {
    in_flight_.erase(at);
  } else {
    // No need in the index brings it up again: whoever asked for it has to.
    Work work = std::move(at->second);
    in_flight_.erase(at);
    TellBrought(work, {Errc::kBusy, Printable(work.plan.path) + ": could not be brought now"});
  }
  Continue();
}

PeerLink* Puller::LinkOf(const ReplicaId& id) {
  Peer* peer = peers_.Find(id);
  return peer != nullptr && peer->connected() ? peer->link.get() : nullptr;
}

}  // namespace atozsync
