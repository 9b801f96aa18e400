// What the engine tells: reports, settling, explanations – and the outer face of Replica.
#include <algorithm>
#include <limits>

#include "sync/engine/meta_keys.h"
#include "sync/engine/replica.h"
#include "sync/engine/replica_impl.h"
#include "sync/engine/swap.h"

namespace atozsync {

const char* ReplicaStateName(ReplicaState state) {
  switch (state) {
    case ReplicaState::kError: return "error";
    case ReplicaState::kRootMissing: return "root-missing";
    case ReplicaState::kDiskFull: return "disk-full";
    case ReplicaState::kPaused: return "paused";
    case ReplicaState::kStarting: return "starting";
    case ReplicaState::kBraked: return "braked";
    case ReplicaState::kScanning: return "scanning";
    case ReplicaState::kSyncing: return "syncing";
    case ReplicaState::kIdle: return "idle";
  }
  return "unknown";
}

const char* DecisionEffectName(DecisionEffect::Kind kind) {
  switch (kind) {
    case DecisionEffect::Kind::kStays: return "stays";
    case DecisionEffect::Kind::kReplaced: return "replaced";
    case DecisionEffect::Kind::kKeptVersion: return "kept-version";
    case DecisionEffect::Kind::kNewFile: return "new-file";
    case DecisionEffect::Kind::kRemoved: return "removed";
  }
  return "unknown";
}

const char* HeldWhyName(HeldWhy why) {
  switch (why) {
    case HeldWhy::kRow: return "row";
    case HeldWhy::kLeaving: return "leaving";
    case HeldWhy::kBrake: return "brake";
    case HeldWhy::kLocked: return "locked";
  }
  return "unknown";
}

// The peer has all of ours and we have all of its, as far as both have said.
bool Replica::Impl::InSync(const Peer& peer) const {
  if (!peer.connected() || !peer.status || !peer.caught_up) return false;
  PeerPosition position = core.index.Peer(peer.config.id);
  return peer.status->idle && peer.status->need_files == 0 &&
         peer.link->acknowledged() == core.index.last_sequence() &&
         position.received >= peer.status->last_sequence;
}

PeerReport Replica::Impl::ReportOf(const Peer& peer) const {
  PeerReport report;
  report.id = peer.config.id;
  report.name = peer.config.name;
  report.connected = peer.connected();
  report.received_bytes = peer.received_bytes;
  report.sent_bytes = peer.sent_bytes;
  report.problem = peer.problem;
  report.last_seen_ms = core.index.Peer(peer.config.id).last_seen_ms;
  if (report.connected) {
    // An incoming connection comes from some port: where the peer listens says more.
    bool known = !peer.link->outgoing() && !peer.config.addresses.empty();
    report.address = known ? peer.config.addresses.front() : peer.link->address();
    report.round_trip_ms = peer.link->round_trip_ms();
    report.last_seen_ms = core.clock.WallMs();
    if (peer.clock_less_mono_ms) {
      report.clock_ahead_ms = *peer.clock_less_mono_ms + core.clock.MonoMs() - core.clock.WallMs();
    }
  } else if (!peer.config.addresses.empty()) {
    report.address = peer.config.addresses[peer.next_address % peer.config.addresses.size()];
  }
  if (peer.status) report.to_send = {peer.status->need_files, peer.status->need_bytes};
  report.in_sync = LocallyIdle() && InSync(peer);
  return report;
}

ReplicaReport Replica::Impl::Report() const {
  ReplicaReport report;
  report.state = State();
  report.totals = core.index.totals();
  report.sequence = core.index.last_sequence();
  report.watching = core.hints.status();
  NeedTotals needs = core.index.need_totals();
  report.to_receive = {needs.paths, needs.bytes};
  report.to_scan = scanner.directories_waiting();
  report.to_hash = scanner.files_waiting();
  report.to_keep = puller.copies_wanted();
  report.hashed_files = scanner.hashed_files();
  report.hashed_bytes = scanner.hashed_bytes();
  report.upload_limit = core.upload.bytes_per_second();
  report.conflicts_open = core.index.open_conflicts();
  report.held_locked = scanner.files_locked() + puller.files_locked();
  report.held_row = gate.arriving().waiting() + gate.leaving().waiting();
  report.held_brake = gate.rows_gone().braked() + brake.held();
  report.database = gate.health();
  for (const auto& [path, problem] : core.problems()) {
    report.problems.push_back(Printable(path) + ": " + problem);
  }
  report.last_error = core.failure();
  report.in_sync = LocallyIdle();
  for (const auto& [id, peer] : peers.all()) {
    report.peers.push_back(ReportOf(*peer));
    NeedTotals from_it = core.index.NeedTotalsOf(id);
    report.peers.back().to_receive = {from_it.paths, from_it.bytes};

    report.in_sync = report.in_sync && report.peers.back().in_sync;
  }
  return report;
}

void Replica::Impl::CheckSettled(UniqueFunction<void(bool)> done) {
  core.hints.Flush();
  auto settling = std::make_shared<Settling>();
  settling->done = std::move(done);
  settling->all_equal = LocallyIdle() && !paused;
  settling->waiting = 1;  // this function itself
  auto answered = [this, settling](bool equal) {
    settling->all_equal = settling->all_equal && equal;
    if (--settling->waiting > 0) return;
    bool settled = settling->all_equal && LocallyIdle();
    core.Post([settling, settled] { settling->done(settled); });
  };
  uint64_t nonce = next_nonce_++;
  for (auto& [id, peer] : peers.all()) {
    if (!settling->all_equal) break;
    if (!peer->connected()) {
      settling->all_equal = false;
      break;
    }
    ++settling->waiting;
    exchange.AskStatus(*peer, nonce, [this, id = id, answered](const protocol::PeerStatus& status) {
      Peer* found = peers.Find(id);
      bool equal = found != nullptr && status.idle &&
                   status.received == core.index.last_sequence() && InSync(*found);
      answered(equal);
    });
  }
  answered(true);
}

bool Replica::Impl::ConnectedInSync() const {
  if (!LocallyIdle()) return false;
  for (const auto& [id, peer] : peers.all()) {
    if (peer->connected() && !InSync(*peer)) return false;
  }
  return true;
}

std::string Replica::Impl::Describe(const RelPath& path, const Result<FileStat>& stat) const {
  bool is_dir = stat.ok() && stat->kind == NodeKind::kDir;
  std::string what;
  if (!stat.ok()) {
    what = stat.Is(Errc::kNotFound) ? "nothing" : stat.status().ToString();
  } else if (is_dir) {
    what = "directory";
  } else if (stat->kind == NodeKind::kOther) {
    what = "a link or special file: not synchronized";
  } else {
    what = "file, " + std::to_string(stat->size) + " bytes";
  }
  if (core.ignore.IgnoredWithin(path, is_dir)) what += " (not synchronized: ignored by a rule)";
  auto problem = core.problems().find(path);
  if (problem != core.problems().end()) what += "; " + problem->second;
  return what;
}

std::vector<HeldFile> Replica::Impl::Held(size_t limit) const {
  OldestHeld held(limit);
  gate.List(held);
  brake.List(held);
  scanner.ListLocked(held);
  puller.ListLocked(held);
  return held.Take();
}

std::vector<HeldFile> Replica::Impl::HeldAt(const RelPath& path) const {
  // All that waits is gone through, for one question of a person.
  OldestHeld all(std::numeric_limits<size_t>::max());
  gate.List(all);
  brake.List(all);
  std::vector<HeldFile> held = all.Take();
  std::erase_if(held, [&](const HeldFile& file) { return file.path != path; });
  std::optional<HeldFile> locked = scanner.LockedAt(path);
  if (!locked) locked = puller.LockedAt(path);
  if (locked) held.push_back(std::move(*locked));
  return held;
}

Status Replica::Impl::ReleaseHeld(const RelPath& path) {
  bool any = gate.Release(path);
  any = brake.Release(path) || any;
  any = scanner.TryLocked(path) || any;
  any = puller.TryLocked(path) || any;
  if (any) return Status::Ok();
  return {Errc::kNotFound, Printable(path) + ": nothing of it is held"};
}

Status Replica::Impl::RevertHeld(const RelPath& path) {
  bool braked = brake.Revert(path);
  Status reverted = gate.Revert(path);
  if (braked && !reverted.ok()) return Status::Ok();
  bool locked = scanner.AnyLocked(path) || puller.AnyLocked(path);
  if (!reverted.Is(Errc::kNotFound) || !locked) return reverted;
  return {Errc::kInvalid, Printable(path) +
                              ": a program has it open, there is nothing to take back: close that "
                              "program, or try again at once with `held release`"};
}

void Replica::Impl::Explain(const RelPath& path, UniqueFunction<void(ExplainReport)> done) {
  auto explaining = std::make_shared<Explaining>();
  explaining->done = std::move(done);
  explaining->report.path = path;
  explaining->report.row = core.index.Get(path);
  explaining->report.needs = core.index.NeedsOf(path);
  explaining->report.held = HeldAt(path);
  explaining->waiting = 1;
  auto finished = [explaining] {
    if (--explaining->waiting == 0) explaining->done(std::move(explaining->report));
  };
  for (auto& [id, peer] : peers.all()) {
    size_t at = explaining->report.peers.size();
    explaining->report.peers.push_back({peer->config.name, false, {}});
    if (!peer->connected()) continue;
    ++explaining->waiting;
    protocol::VersionRequest request;
    request.path = path;
    peer->link->RequestVersion(
        request, core.GuardWith<std::optional<protocol::VersionReply>>(
                     [explaining, at, finished](std::optional<protocol::VersionReply> reply) {
                       if (reply && reply->found) {
                         explaining->report.peers[at].known = true;
                         explaining->report.peers[at].version = reply->row.version;
                       }
                       finished();
                     }));
  }
  core.Async<Result<FileStat>>(
      Lane::kWalk, [files = &core.files, path] { return files->Stat(path); },
      [this, explaining, path, finished](Result<FileStat> stat) {
        explaining->report.on_disk = Describe(path, stat);
        finished();
      });
}

void Replica::Impl::StartResync(ResyncOptions options, ResyncProgress progress,
                                UniqueFunction<void(ResyncReport)> done) {
  auto slot = std::make_shared<ResyncRun*>(nullptr);
  auto resync = std::make_unique<ResyncRun>(
      core, peers, scanner, [this] { return ConnectedInSync(); }, std::move(options),
      std::move(progress),
      [this, slot, done = std::move(done)](ResyncReport report) mutable {
        std::erase_if(resyncs_, [&](const auto& other) { return other.get() == *slot; });
        done(std::move(report));
      });
  *slot = resync.get();
  resyncs_.push_back(std::move(resync));
  resyncs_.back()->Start();
}

// --- the outer face ---

int64_t ReplicaOptions::GateWaitMs(const RelPath& path) const {
  auto own = gate_wait_of_ms.find(path.str().substr(0, path.str().find('/')));
  return own != gate_wait_of_ms.end() ? own->second : gate_wait_ms;
}

Replica::Replica(Parts parts, ReplicaOptions options, std::vector<PeerConfig> peers,
                 std::vector<protocol::MemberInfo> removed_members)
    : impl_(std::make_unique<Impl>(parts, std::move(options), std::move(peers),
                                   std::move(removed_members))) {}
Replica::~Replica() = default;

Status Replica::Start() {
  return impl_->Start();
}
ReplicaReport Replica::Report() const {
  return impl_->Report();
}
void Replica::CheckSettled(UniqueFunction<void(bool)> done) {
  impl_->CheckSettled(std::move(done));
}
void Replica::SetUploadLimit(uint64_t bytes_per_second) {
  impl_->core.upload.Set(bytes_per_second);
}
void Replica::SetPaused(bool paused) {
  impl_->SetPaused(paused);
}
bool Replica::paused() const {
  return impl_->paused;
}
void Replica::SetPeers(std::vector<PeerConfig> peers) {
  impl_->peers.SetConfigured(std::move(peers));
}
Status Replica::RemoveMember(const ReplicaId& id) {
  return impl_->peers.Remove(id);
}
void Replica::Resync(ResyncOptions options, ResyncProgress progress,
                     UniqueFunction<void(ResyncReport)> done) {
  impl_->StartResync(std::move(options), std::move(progress), std::move(done));
}
std::vector<HeldFile> Replica::Held(size_t limit) {
  return impl_->Held(limit);
}
Status Replica::ReleaseHeld(const RelPath& path) {
  return impl_->ReleaseHeld(path);
}
Status Replica::RevertHeld(const RelPath& path) {
  return impl_->RevertHeld(path);
}
std::vector<ConflictRecord> Replica::Conflicts() {
  return impl_->core.index.Conflicts();
}
ConflictPage Replica::FindConflicts(const ConflictFilter& filter) {
  return impl_->core.index.FindConflicts(filter);
}
std::optional<ConflictRecord> Replica::Conflict(const ContentHash& id) {
  return impl_->core.index.Conflict(id);
}
DecisionPreview Replica::PreviewDecision(const ContentHash& id, Keep keep) {
  return impl_->keeper.Preview(id, keep);
}
void Replica::UndoDecision(const ContentHash& id, UniqueFunction<void(Status)> done) {
  impl_->keeper.Undo(id, std::move(done));
}
Status Replica::CheckUndo(const ConflictRecord& record) {
  return impl_->keeper.CheckUndo(record);
}
std::optional<RelPath> Replica::ContentPlace(const RelPath& path, const FileVersion& version) {
  return impl_->keeper.ContentPlace(path, version);
}
FoundPaths Replica::FindPaths(const PathCursor& after, std::string_view text, size_t rows_max) {
  return impl_->core.index.FindPaths(after, text, rows_max);
}
std::optional<RelPath> Replica::ConflictKeptAt(const ConflictRecord& record) {
  return impl_->keeper.ConflictKeptAt(record);
}
void Replica::ResolveConflict(const ContentHash& id, Keep keep, UniqueFunction<void(Status)> done) {
  impl_->keeper.Resolve(id, keep, std::move(done));
}
std::vector<HistoryEntry> Replica::History(const RelPath& path) {
  return impl_->keeper.History(path);
}
void Replica::Restore(const RelPath& path, const std::string& version_id,
                      UniqueFunction<void(Status)> done) {
  impl_->keeper.Restore(path, version_id, std::move(done));
}
Result<RelPath> Replica::VersionFile(const RelPath& path, const std::string& version_id) {
  return impl_->keeper.VersionFile(path, version_id);
}
void Replica::Explain(const RelPath& path, UniqueFunction<void(ExplainReport)> done) {
  impl_->Explain(path, std::move(done));
}

// --- before the first start ---

RelPath Replica::MarkerPath() {
  return layout::Marker();
}

Status Replica::InitIndex(Index& index, const ReplicaId& id, uint32_t incarnation, bool founder,
                          Authority authority) {
  IndexBatch batch;
  const std::string author = std::to_string(MakeAuthorId(id, incarnation));
  batch.meta[meta::kAuthor] = author;
  batch.meta[meta::kAuthorsHere] = author + ":0";
  batch.meta[meta::kCounter] = "0";
  batch.meta[meta::kHlc] = "0";
  batch.meta[meta::kAdopting] = founder ? "0" : "1";
  batch.meta[meta::kAuthority] = std::to_string(static_cast<int>(authority));
  batch.meta[meta::kKeptRebuilt] = founder ? "1" : "0";
  return index.Commit(batch);
}

Status Replica::InitRoot(FileSystem& files, const std::string& marker_text) {
  for (const RelPath& dir : {layout::Staging(), layout::Versions(), layout::Conflicts()}) {
    TRY(MakeDirs(files, dir));
  }
  Result<std::unique_ptr<File>> marker = files.Create(layout::Marker());
  if (marker.Is(Errc::kExists)) return Status::Ok();
  TRY(marker.status());
  TRY((*marker)->WriteAt(0, AsBytes(marker_text)));
  TRY((*marker)->Sync());
  TRY(files.SyncDir(layout::Own()));
  return files.SyncDir(RelPath());
}

}  // namespace atozsync
