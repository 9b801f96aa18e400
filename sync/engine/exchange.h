// Exchange: what peers say about files becomes rows (where the folder is right already) or needs
// (where it has to change); what they ask is answered. Loop thread only.
#pragma once

#include <functional>
#include <map>

#include "sync/engine/content_server.h"
#include "sync/engine/core.h"
#include "sync/engine/peers.h"
#include "sync/engine/planner.h"
#include "sync/engine/puller.h"

namespace atozsync {

class Exchange final : public PeerEvents {
 public:
  explicit Exchange(Core& core);
  // The rooms it hands things to; set once, before anything starts.
  void Connect(Peers* peers, Puller* puller, ContentServer* server);

  // How this replica stands, for PeerStatus; reads pending hints first when `fresh`.
  std::function<protocol::PeerStatus(bool fresh)> my_status;
  std::function<void()> on_progress;
  // A peer misses these files.
  std::function<void(const ReplicaId& from, const std::vector<RelPath>&)> on_going;
  void TellGoing(const protocol::Going& going, const ReplicaId* but = nullptr);
  // The first complete comparison with a peer is over: unversioned rows get their versions.
  std::function<void()> on_compared;

  // Answers to StatusRequest, by nonce.
  using StatusDone = UniqueFunction<void(const protocol::PeerStatus&)>;
  void AskStatus(Peer& peer, uint64_t nonce, StatusDone done);
  // Tells connected peers how this replica stands, when that has changed.
  void TellStatus();

  // PeerEvents
  void OnPeerReady(Peer& peer) override;
  void OnPeerGone(Peer& peer) override;
  Status OnPeerMessage(Peer& peer, protocol::Message message) override;
  void OnMembersChanged() override;

 private:
  Status OnUpdate(Peer& peer, const protocol::IndexUpdate& update);
  static bool HasLost(const Peer& peer, const IndexRow& ours, const FileVersion& said);
  void MergeRow(const Peer& peer, const protocol::UpdateRow& said, IndexBatch& batch);
  // kProtocol for what no honest replica says.
  Status MergeConflict(const ConflictRecord& record, IndexBatch& batch);
  void OnAck(Peer& peer, const protocol::IndexAck& ack);
  Status OnStatus(Peer& peer, protocol::PeerStatus status);
  Status OnDigestRequest(Peer& peer, const protocol::DigestRequest& request);
  Status OnVersionRequest(Peer& peer, const protocol::VersionRequest& request);

  Core& core_;
  Peers* peers_ = nullptr;
  Puller* puller_ = nullptr;
  ContentServer* server_ = nullptr;
  std::map<std::pair<ReplicaId, uint64_t>, StatusDone> status_waiting_;
  protocol::PeerStatus told_;
};

}  // namespace atozsync
