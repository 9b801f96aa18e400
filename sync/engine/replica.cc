#include "sync/engine/replica.h"

#include <algorithm>
#include <utility>

#include "sync/base/planted_fault.h"
#include "sync/base/probe.h"
#include "sync/engine/meta_keys.h"
#include "sync/engine/replica_impl.h"

namespace atozsync {

namespace {

constexpr int64_t kRootPollMs = 2'000;
constexpr size_t kVersionsPerTurn = 500;
constexpr size_t kDamagedMax = 10'000;  // more are found again by the next look at every byte

}  // namespace

Replica::Impl::Impl(const Parts& parts, ReplicaOptions options, std::vector<PeerConfig> configured,
                    std::vector<protocol::MemberInfo> removed)
    : core(parts, std::move(options)),
      scanner(core),
      exchange(core),
      peers(core, exchange, std::move(configured), std::move(removed)),
      gate(core, parts.rows),
      brake(core),
      puller(core, peers, scanner, gate),
      server(core, peers),
      gossip(core, peers),
      keeper(core, peers, scanner) {
  exchange.Connect(&peers, &puller, &server);
  Wire();
  if (brake.on()) WireBrake();
}

void Replica::Impl::Wire() {
  scanner.on_progress = [this] { Progress(); };
  keeper.on_progress = [this] { Progress(); };
  keeper.clashes().on_due = [this] { Progress(); };
  puller.on_progress = [this] { Progress(); };
  exchange.on_progress = [this] { Progress(); };
  exchange.my_status = [this](bool fresh) { return MyStatus(fresh); };
  exchange.on_compared = [this] {
    compared_ = true;
    Progress();
  };
  gossip.ask = [this](Peer& peer, UniqueFunction<void()> answered) {
    exchange.AskStatus(
        peer, core.random.NextU64() | 1,
        [answered = std::move(answered)](const protocol::PeerStatus&) mutable { answered(); });
  };
  puller.on_brought = [this](const RelPath& path, const Status& status) {
    gate.leaving().OnBrought(path, status);
    brake.OnBrought(path, status);
    Progress();
  };
  scanner.on_missed = [this](const IndexRow& row) { gate.early_word().OnMissed(row); };
  gate.early_word().tell = [this](const protocol::Going& going) { exchange.TellGoing(going); };
  gate.early_word().pass_on = [this](const protocol::Going& going, const ReplicaId& from) {
    exchange.TellGoing(going, &from);
  };
  exchange.on_going = [this](const ReplicaId& from, const std::vector<RelPath>& paths) {
    gate.early_word().OnTold(from, paths);
  };
  scanner.may_leave = [this](const IndexRow& row) {
    LeavingGate::Leave leave = gate.leaving().MayLeave(row);
    // Of a whole folder no file is missed by itself.
    if (leave == LeavingGate::Leave::kNo) gate.early_word().OnMissed(row);
    return leave != LeavingGate::Leave::kNo &&
           brake.MayLeave(row, leave == LeavingGate::Leave::kRowWent);
  };
  gate.leaving().on_may_leave = [this](const RelPath& path) { scanner.LookForGone(path); };
  gate.leaving().bring_back = [this](const IndexRow& row) { return puller.BringBack(row); };
  gate.rows_gone().unsure = [this](const RelPath& path) {
    core.hints.Flush();
    return scanner.Unsure(path);
  };
  gate.rows_gone().take_out = [this](const RelPath& path, RowsGone::Done done) {
    keeper.Remove(path, "row-gone: its row in the database was deleted", std::move(done));
  };
  puller.on_late_write = [this](const RelPath& path, const RelPath& kept_at) {
    keeper.OnLateWrite(path, kept_at);
  };
  // A peer's question does not say that whoever writes to the file has finished.
  server.on_stale = [this](const RelPath& path) { scanner.OnHint({path, HintKind::kTouched}); };
  scanner.on_found = [this](const RelPath& path, const std::string& what) {
    for (auto& resync : resyncs_) resync->OnFound(path, what);
  };
  scanner.on_damage = [this](const IndexRow& row) {
    core.AddProblem(row.path, "its bytes changed without a new time: damage, not announced");
    puller.Repair(row);
    if (damaged_.size() < kDamagedMax) damaged_.insert(row.path);
    for (auto& resync : resyncs_) resync->OnDamage(row);
  };
  core.on_root_missing = [this] {
    scanner.SetStopped(true);
    puller.SetStopped(true);
    if (running_) LookForRoot();  // before that it is being looked for already
    Progress();
  };
  core.on_committed = [this](const IndexBatch& batch) {
    keeper.OnCommitted(batch);
    brake.OnCommitted(batch);
    scanner.OnCommitted(batch);
    for (const ConflictRecord& record : batch.conflicts) puller.FetchConflictCopyAnew(record);
    if (!batch.erased_kept.empty()) {
      // A late write took the place of kept bytes: a conflict's copy comes from another replica.
      for (const ConflictRecord& record : core.index.Conflicts()) puller.FetchConflictCopy(record);
    }
    peers.PumpStreams();
    Progress();
  };
}

// --- start ---

Status Replica::Impl::Start() {
  TRY(core.Load());
  std::vector<ReplicaId> members;
  for (const auto& [id, peer] : peers.all()) members.push_back(id);
  TRY(core.BeginLife(members));
  LookForRoot();
  return Status::Ok();
}

void Replica::Impl::LookForRoot() {
  core.Async<bool>(
      Lane::kWalk, [files = &core.files] { return layout::RootPresent(*files); },
      [this](bool present) {
        if (!present) {
          core.RootMissing();
          core.PostAfter(kRootPollMs, [this] { LookForRoot(); });
          return;
        }
        if (running_) {
          Probe(ProbeId::kRootReturned);
          // Watches and handles belong to what was there before.
          core.host.OnRestartNeeded(RestartReason::kRootReturned, "the folder is back");
          return;
        }
        core.root_missing = false;
        Recover();
      });
}

void Replica::Impl::Recover() {
  std::vector<Intent> intents = core.index.Intents();
  core.Async<RecoveryAnswer>(
      Lane::kWrite,
      [files = &core.files, secret = core.secret, intents = std::move(intents),
       wall_ms = core.KeptMs()] {
        if (Planted(PlantedFault::kCleanStagingFirst)) {
          CleanStaging(*files, *secret, false).IgnoreError();
        }
        RecoveryAnswer answer = RecoverIntents(*files, *secret, intents, wall_ms);
        answer.root_present = layout::RootPresent(*files);
        return answer;
      },
      [this](RecoveryAnswer answer) {
        if (!answer.root_present) {
          // In the folder that stands in its place every change looks undone: the intents stay.
          Probe(ProbeId::kRootGoneInRecovery);
          core.RootMissing();
          core.PostAfter(kRootPollMs, [this] { LookForRoot(); });
          return;
        }
        if (!answer.status.ok()) {
          core.Fail("cannot finish what was interrupted: " + answer.status.ToString());
          return;
        }
        if (answer.done + answer.undone > 0) {
          core.Log(LogLevel::kInfo, "after an interruption: " + std::to_string(answer.done) +
                                        " changes finished, " + std::to_string(answer.undone) +
                                        " undone");
        }
        for (KeptVersion& kept : answer.batch.kept) {
          std::optional<IndexRow> row = core.index.Get(kept.path);
          bool unknown = kept.version.hash == ContentHash();
          if (unknown && row && row->version.kind == VersionKind::kFile)
            kept.version = row->version;
        }
        if (!core.Commit(answer.batch).ok()) return;
        CleanUp();
      });
}

// Only now: as long as an intent stands, what is staged tells how far it came.
void Replica::Impl::CleanUp() {
  bool no_intents = core.index.Meta(meta::kKeptRebuilt).value_or("1") == "0";
  core.Async<Result<std::vector<KeptVersion>>>(
      Lane::kWrite,
      [files = &core.files, secret = core.secret, no_intents,
       wall_ms = core.KeptMs()]() -> Result<std::vector<KeptVersion>> {
        TRY(CleanStaging(*files, *secret, no_intents));
        return ListKeptFiles(*files, wall_ms);
      },
      [this](Result<std::vector<KeptVersion>> kept) {
        if (!kept.ok()) {
          core.Fail("cannot keep what an interrupted change may have left: " +
                    kept.status().ToString());
          return;
        }
        Run(std::move(kept).value());
      });
}

void Replica::Impl::Run(std::vector<KeptVersion> kept) {
  running_ = true;
  Status watching = core.hints.Start([this](Hint hint) { scanner.OnHint(hint); });
  if (!watching.ok()) {
    core.Log(LogLevel::kError, "cannot watch the folder: " + watching.ToString() +
                                   ": changes are found by the regular rescan only");
  }
  brake.Start();
  // Not sooner, whoever asked for it: before recovery a half-done change looks like a person's.
  scanner.SetStopped(false);
  scanner.ScanTree(RelPath());
  gate.Start([this] { puller.SetStopped(false); });
  keeper.Start(std::move(kept));
  gossip.Start();
  peers.Start();
  // A folder without history is read first: what peers say is compared with what is here.
  if (!core.adopting() && !paused) peers.SetAllowed(true, "");
  core.PostAfter(core.options.rescan_interval_ms, [this] { PeriodicRescan(); });
  Progress();
}

void Replica::Impl::PeriodicRescan() {
  core.PostAfter(core.options.rescan_interval_ms, [this] { PeriodicRescan(); });
  scanner.ScanTree(RelPath());
  for (const ConflictRecord& record : core.index.Conflicts()) puller.FetchConflictCopy(record);
  // Nobody who has the right bytes may have been there at that time.
  for (const RelPath& path : std::exchange(damaged_, {})) scanner.VerifySoon(path);
}

void Replica::Impl::OnFirstScan() {
  scanned_once_ = true;
  core.Log(LogLevel::kInfo,
           "first scan done: " + std::to_string(core.index.totals().files) + " files");
  if (core.adopting() && !paused) peers.SetAllowed(true, "");
}

// --- progress ---

void Replica::Impl::Progress() {
  if (progress_posted_) return;
  progress_posted_ = true;
  core.Post([this] {
    progress_posted_ = false;
    OnProgress();
  });
}

void Replica::Impl::OnProgress() {
  if (!running_ || core.failed()) return;
  // A scan that the volume's going away has ended has seen nothing.
  if (!scanned_once_ && scanner.idle() && !core.root_missing) OnFirstScan();
  bool compared = compared_ || peers.all().empty();
  bool may_give = scanned_once_ && !core.root_missing && (core.adopting() ? compared : true);
  bool at_rest = puller.idle() && core.index.need_totals().paths == 0;
  if (may_give && !giving_versions_ && (core.adopting() || (at_rest && HasUnversioned()))) {
    giving_versions_ = true;
    GiveVersions(RelPath());
  }
  if (keeper.clashes().to_check() && AtRest()) keeper.clashes().Check();
  if (scanned_once_ && scanner.idle() && !core.root_missing) brake.OnScanned();
  exchange.TellStatus();
  for (size_t i = 0; i < resyncs_.size(); ++i) resyncs_[i]->OnProgress();
}

bool Replica::Impl::HasUnversioned() {
  return !core.index.Unversioned(RelPath(), 1).empty();
}

void Replica::Impl::GiveVersions(const RelPath& after) {
  std::vector<IndexRow> rows = core.index.Unversioned(after, kVersionsPerTurn);
  IndexBatch batch;
  for (const IndexRow& row : rows) {
    bool to_compare = !core.index.NeedsOf(row.path).empty();
    if (to_compare && !Planted(PlantedFault::kVersionsBeforeComparison)) continue;
    IndexRow versioned = row;
    versioned.version = core.Versioned(row);
    versioned.unversioned = false;
    Probe(ProbeId::kOnlyHere);
    versioned.reason = "only-here: was here before joining, unknown to the others";
    batch.rows.push_back(std::move(versioned));
  }
  bool last = rows.size() < kVersionsPerTurn;
  if (last && core.adopting()) {
    Probe(ProbeId::kAdopted);
    core.FinishAdopting(batch);
  }
  if (!core.Commit(batch).ok()) return;
  if (last) {
    giving_versions_ = false;
    Progress();
    return;
  }
  core.Post([this, next = rows.back().path] { GiveVersions(next); });
}

bool Replica::Impl::AtRest() const {
  return running_ && scanned_once_ && !core.failed() && !core.root_missing && !core.adopting() &&
         NothingMoves() && core.index.need_totals().paths == 0;
}

bool Replica::Impl::NothingMoves() const {
  return scanner.idle() && puller.idle() && gate.idle();
}

bool Replica::Impl::OnlyRowsMissing() const {
  uint64_t waiting = gate.arriving().parked_count();
  return waiting > 0 && NothingMoves() && core.index.need_totals().paths == waiting;
}

bool Replica::Impl::LocallyIdle() const {
  return AtRest() && brake.idle() && keeper.idle() && !keeper.clashes().to_check();
}

ReplicaState Replica::Impl::State() const {
  if (core.failed()) return ReplicaState::kError;
  if (core.root_missing) return ReplicaState::kRootMissing;
  if (puller.disk_full()) return ReplicaState::kDiskFull;
  if (paused) return ReplicaState::kPaused;
  if (!running_) return ReplicaState::kStarting;
  if (brake.tripped()) return ReplicaState::kBraked;
  if (!scanned_once_ || !scanner.idle()) return ReplicaState::kScanning;
  return LocallyIdle() || OnlyRowsMissing() ? ReplicaState::kIdle : ReplicaState::kSyncing;
}

void Replica::Impl::SetPaused(bool wanted) {
  if (paused == wanted) return;
  paused = wanted;
  if (paused) Probe(ProbeId::kPaused);
  bool may_connect = running_ && !paused && (scanned_once_ || !core.adopting());
  peers.SetAllowed(may_connect, paused ? "paused by a person" : "not ready yet");
}

protocol::PeerStatus Replica::Impl::MyStatus(bool fresh) {
  if (fresh && running_) core.hints.Flush();
  protocol::PeerStatus status;
  status.idle = LocallyIdle();
  status.paused = paused;
  status.state = ReplicaStateName(State());
  status.last_sequence = core.index.last_sequence();
  NeedTotals needs = core.index.need_totals();
  status.need_files = needs.paths;
  status.need_bytes = needs.bytes;
  return status;
}

}  // namespace atozsync
