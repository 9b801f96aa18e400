#include "sync/engine/exchange.h"

#include <algorithm>

#include "sync/base/planted_fault.h"
#include "sync/base/probe.h"
#include "sync/engine/meta_keys.h"

namespace atozsync {

namespace {

// A peer that asks and never hears is not our trouble; one that never answers must not pile up.
constexpr size_t kStatusWaitingMax = 1'000;
constexpr int64_t kPlantedDelayMs = 50;  // of a planted fault
// Folders above a file that a peer may name. Each costs a look-up, a call and a row, and a path has
// room for 16,000 of them; no practice nests its folders like that.
constexpr ptrdiff_t kDepthMax = 128;

bool TooDeep(const RelPath& path) {
  return std::count(path.str().begin(), path.str().end(), '/') > kDepthMax;
}

}  // namespace

Exchange::Exchange(Core& core) : core_(core) {}

void Exchange::Connect(Peers* peers, Puller* puller, ContentServer* server) {
  peers_ = peers;
  puller_ = puller;
  server_ = server;
}

void Exchange::OnPeerReady(Peer& peer) {
  protocol::PeerStatus mine = my_status(false);
  mine.received = core_.index.Peer(peer.config.id).received;
  peer.link->Send(mine);
  puller_->Wake();
  for (const ConflictRecord& record : core_.index.Conflicts()) {
    puller_->FetchConflictCopyAnew(record);
  }
  if (on_progress) on_progress();
}

void Exchange::OnPeerGone(Peer& peer) {
  server_->OnPeerGone(peer.config.id);
  auto first = status_waiting_.lower_bound({peer.config.id, 0});
  while (first != status_waiting_.end() && first->first.first == peer.config.id) {
    StatusDone done = std::move(first->second);
    first = status_waiting_.erase(first);
    done(protocol::PeerStatus());  // not idle: not settled
  }
  if (on_progress) on_progress();
}

void Exchange::OnMembersChanged() {
  puller_->Wake();
  if (on_progress) on_progress();
}

Status Exchange::OnPeerMessage(Peer& peer, protocol::Message message) {
  using namespace protocol;
  if (auto* update = std::get_if<IndexUpdate>(&message)) return OnUpdate(peer, *update);
  if (auto* ack = std::get_if<IndexAck>(&message)) {
    OnAck(peer, *ack);
    return Status::Ok();
  }
  if (auto* status = std::get_if<PeerStatus>(&message)) return OnStatus(peer, *status);
  if (auto* request = std::get_if<StatusRequest>(&message)) {
    PeerStatus mine = my_status(true);
    mine.nonce = request->nonce;
    mine.received = core_.index.Peer(peer.config.id).received;
    peer.link->Send(mine);
    return Status::Ok();
  }
  if (auto* request = std::get_if<ContentRequest>(&message)) {
    return server_->OnContentRequest(peer.config.id, std::move(*request));
  }
  if (auto* request = std::get_if<ChunkListRequest>(&message)) {
    return server_->OnChunkListRequest(peer.config.id, std::move(*request));
  }
  if (auto* request = std::get_if<DigestRequest>(&message)) return OnDigestRequest(peer, *request);
  if (auto* request = std::get_if<VersionRequest>(&message)) {
    return OnVersionRequest(peer, *request);
  }
  if (auto* going = std::get_if<Going>(&message)) {
    if (on_going) on_going(peer.config.id, going->paths);
    return Status::Ok();
  }
  if (auto* request = std::get_if<ListRequest>(&message)) {
    peer.link->StartStream(request->after);  // it wants to hear everything after that again
    return Status::Ok();
  }
  return {Errc::kProtocol, std::string("not expected now: ") + MessageName(message)};
}

Status Exchange::OnUpdate(Peer& peer, const protocol::IndexUpdate& update) {
  PeerPosition position = core_.index.Peer(peer.config.id);
  if (update.to < update.from || update.from > position.received) {
    return {Errc::kProtocol, "its stream of changes has a gap"};
  }
  IndexBatch batch;
  for (const protocol::UpdateRow& said : update.rows) {
    if (said.path.is_root()) return {Errc::kProtocol, "the root is not a file"};
    MergeRow(peer, said, batch);
  }
  for (const ConflictRecord& record : update.conflicts) TRY(MergeConflict(record, batch));
  position.received = std::max(position.received, update.to);
  position.last_seen_ms = core_.clock.WallMs();
  batch.peers[peer.config.id] = position;
  if (peer.life_to_note != 0) {
    batch.meta[meta::kLifeOf + peer.config.id.ToString()] = std::to_string(peer.life_to_note);
    peer.life_to_note = 0;
  }
  bool needs_came = !batch.needs.empty();
  if (Planted(PlantedFault::kAcknowledgeEarly)) {
    IndexBatch first;
    first.peers.swap(batch.peers);
    core_.PostAfter(kPlantedDelayMs, [this, late = std::move(batch)]() mutable {
      if (core_.Commit(late).ok()) puller_->Continue();
    });
    batch = std::move(first);
  }
  TRY(core_.Commit(batch));
  peer.link->Send(protocol::IndexAck{position.received});
  if (needs_came) puller_->Continue();
  for (const ConflictRecord& record : update.conflicts) puller_->OnRecordHeard(record);
  if (update.caught_up) {
    peer.caught_up = true;
    if (core_.adopting() && on_compared) on_compared();
  }
  if (on_progress) on_progress();
  return Status::Ok();
}

Status Exchange::MergeConflict(const ConflictRecord& record, IndexBatch& batch) {
  if (record.id != ConflictId(record.path, record.kind, record.loser)) {
    return {Errc::kProtocol, "a conflict under the id of another one"};
  }
  // A person may decide about it, and then something is written at its path: as with rows, never in
  // our own folder, nor under a name that is not synchronized.
  bool is_dir = record.winner.kind == VersionKind::kDir;
  for (const RelPath& path : {record.path, record.other_path}) {
    if (TooDeep(path) || core_.ignore.IgnoredWithin(path, is_dir)) return Status::Ok();
  }
  core_.ObserveHlc(record.state_hlc);  // what a person decides here is the later decision
  core_.PutConflict(record, batch);
  return Status::Ok();
}

// It had our deletion, and speaks of what was deleted. It may still be about to delete it; or it
// has forgotten the deletion and taken the file from somebody whose index was set back, and then
// our stream would never tell it again: once more does no harm to the one and is all that helps the
// other.
bool Exchange::HasLost(const Peer& peer, const IndexRow& ours, const FileVersion& said) {
  return !ours.version.exists() && ours.sequence <= peer.link->acknowledged() &&
         said.vector.Compare(ours.version.vector) == VectorOrder::kBefore;
}

void Exchange::MergeRow(const Peer& peer, const protocol::UpdateRow& said, IndexBatch& batch) {
  bool is_dir = said.version.kind == VersionKind::kDir;
  if (TooDeep(said.path)) {
    RelPath top = RelPath::Trusted(said.path.str().substr(0, said.path.str().find('/')));
    core_.AddProblem(top, peer.config.name + " has folders in it that are nested deeper than " +
                              std::to_string(kDepthMax) + ": they are not synchronized");
    return;
  }
  if (core_.ignore.IgnoredWithin(said.path, is_dir)) return;
  if (is_dir && Planted(PlantedFault::kEmptyDirsNotCarried)) return;
  core_.ObserveHlc(said.version.hlc);
  core_.BeginIncarnationIfTaken(said.version.vector, batch);
  std::optional<IndexRow> row = core_.index.Get(said.path);
  Status joins = CheckJoin(row ? row->version : FileVersion(), said.version);
  if (!joins.ok()) {
    core_.AddProblem(said.path, "what " + peer.config.name +
                                    " says of it is not taken over: " + joins.ToString());
    return;
  }
  std::vector<uint32_t> members = peers_->MemberPrefixes();
  Decision decision = DecideFor(core_, members, row ? &*row : nullptr, said.version);
  bool keep = decision.outcome == Outcome::kIgnore || decision.outcome == Outcome::kKeep;
  bool row_only = false;
  FileVersion result;
  if (decision.outcome == Outcome::kAdopt || decision.outcome == Outcome::kKeepMerged) {
    result = ResultingVersion(row->version, said.version, decision.outcome);
    row_only = result.kind != VersionKind::kFile || result.mtime_ns == row->version.mtime_ns;
  }
  if (decision.outcome == Outcome::kTake && !said.version.exists() &&
      (!row || !row->version.exists())) {
    result = said.version;
    row_only = true;
  }
  // A swap under way is about to commit a row planned on the present one: its turn first. What says
  // nothing new to the present row may do so to that one: a deletion, forgotten by all, of what is
  // just being placed here.
  if ((keep || row_only) && core_.busy_paths.contains(said.path)) {
    Probe(ProbeId::kMergeWaits);
    keep = row_only = false;
  }
  if (keep || row_only) {
    if (!core_.index.NeedsOf(said.path).empty()) Probe(ProbeId::kNeedReplaced);
    // What this peer said before about the path is answered, too.
    batch.erased_needs.emplace_back(said.path, peer.config.id);
  }
  if (keep) {
    if (row && HasLost(peer, *row, said.version)) {
      Probe(ProbeId::kDeletionSaidAgain);
      batch.rows.push_back(std::move(*row));  // as it is: it gets a new place in our stream
    }
    return;
  }
  if (!row_only) {
    batch.needs.push_back({said.path, peer.config.id, said.version, 0});
    return;
  }
  AcknowledgeTombstone(result, core_.prefix(), members);
  IndexRow next;
  if (row) next = *row;
  if (row && !row->unversioned && row->version == result) return;
  next.path = said.path;
  next.version = result;
  next.unversioned = false;
  next.reason = std::string(decision.row->label) + ": " + decision.row->words;
  batch.rows.push_back(std::move(next));
}

void Exchange::OnAck(Peer& peer, const protocol::IndexAck& ack) {
  // Not stored for its own sake, that would cost a sync each: the link knows it, the gossip stores
  // it before it forgets anything, and the peer says it again in its next Hello.
  core_.Log(LogLevel::kDebug,
            peer.config.name + ": has our changes up to " + std::to_string(ack.sequence));
  if (on_progress) on_progress();
}

void Exchange::AskStatus(Peer& peer, uint64_t nonce, StatusDone done) {
  if (status_waiting_.size() >= kStatusWaitingMax) {
    done(protocol::PeerStatus());
    return;
  }
  status_waiting_[{peer.config.id, nonce}] = std::move(done);
  peer.link->Send(protocol::StatusRequest{nonce});
}

Status Exchange::OnStatus(Peer& peer, protocol::PeerStatus status) {
  uint64_t nonce = status.nonce;
  peer.status = std::move(status);
  auto waiting = status_waiting_.find({peer.config.id, nonce});
  if (nonce != 0 && waiting != status_waiting_.end()) {
    StatusDone done = std::move(waiting->second);
    status_waiting_.erase(waiting);
    done(*peer.status);
  }
  if (on_progress) on_progress();
  return Status::Ok();
}

void Exchange::TellStatus() {
  protocol::PeerStatus mine = my_status(false);
  if (mine == told_) return;
  told_ = mine;
  for (auto& [id, peer] : peers_->all()) {
    if (!peer->connected()) continue;
    mine.received = core_.index.Peer(id).received;
    peer->link->Send(mine);
  }
}

void Exchange::TellGoing(const protocol::Going& going, const ReplicaId* but) {
  for (auto& [id, peer] : peers_->all()) {
    if (but != nullptr && id == *but) continue;
    // To whom much is still to be sent it would come too late.
    if (peer->connected() && !peer->link->SendBacklogged()) peer->link->Send(going);
  }
}

Status Exchange::OnDigestRequest(Peer& peer, const protocol::DigestRequest& request) {
  protocol::DigestReply reply;
  reply.id = request.id;
  TreeDigest digest = core_.index.Digest(request.dir);
  reply.all = digest.all;
  reply.entries = digest.entries;
  for (const IndexRow& row : core_.index.Children(request.dir)) {
    if (!row.version.exists() || row.path.name() <= request.after) continue;
    if (reply.children.size() == protocol::kDigestEntriesMax) {
      reply.more = true;
      break;
    }
    protocol::DigestEntry entry;
    entry.name = row.path.name();
    entry.kind = row.version.kind;
    entry.row = RowDigest(row.path, row.version);
    if (row.version.kind == VersionKind::kDir) entry.below = core_.index.Digest(row.path).all;
    reply.children.push_back(std::move(entry));
  }
  peer.link->Send(reply);
  return Status::Ok();
}

Status Exchange::OnVersionRequest(Peer& peer, const protocol::VersionRequest& request) {
  protocol::VersionReply reply;
  reply.id = request.id;
  reply.row.path = request.path;
  if (std::optional<IndexRow> row = core_.index.Get(request.path)) {
    reply.found = true;
    reply.row.version = row->version;
  }
  peer.link->Send(reply);
  return Status::Ok();
}

}  // namespace atozsync
