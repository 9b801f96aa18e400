// Peers: who belongs to the cluster, and one connection to each of them that can be reached.
//
// Dials with growing pauses and jitter, accepts, lets one of two crossing connections live,
// exchanges Hello, hands on the member list, answers invitations. What peers say about files goes
// to PeerEvents. Loop thread only.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "sync/engine/core.h"
#include "sync/engine/peer_link.h"

namespace atozsync {

struct Peer {
  PeerConfig config;
  uint64_t stamp = 1;                          // of its membership
  std::unique_ptr<PeerLink> link;              // null: not connected
  std::optional<protocol::PeerStatus> status;  // what it last said of itself on this link
  // Said in its Hello, stored with the first change that comes after it: only then it has looked at
  // the position that we hold, which may come from a life that it does not remember. 0: stored.
  uint64_t life_to_note = 0;
  // Its clock as of its Hello less our MonoMs() then: a step of our own clock since is seen.
  std::optional<int64_t> clock_less_mono_ms;
  bool caught_up = false;       // it has told all that it had to tell, on this link
  uint64_t received_bytes = 0;  // content
  uint64_t sent_bytes = 0;
  std::string problem;

  bool connected() const { return link != nullptr && link->ready(); }

  // Dialling.
  bool dialling = false;
  int failures = 0;
  size_t next_address = 0;
  TimerId dial_timer = 0;
};

class PeerEvents {
 public:
  virtual ~PeerEvents() = default;
  // Its position in our stream was checked and stored; the stream to it has begun.
  virtual void OnPeerReady(Peer& peer) = 0;
  virtual void OnPeerGone(Peer& peer) = 0;
  virtual Status OnPeerMessage(Peer& peer, protocol::Message message) = 0;
  virtual void OnMembersChanged() = 0;
};

class Peers final : public LinkOwner {
 public:
  Peers(Core& core, PeerEvents& events, std::vector<PeerConfig> configured,
        std::vector<protocol::MemberInfo> removed);
  ~Peers() override;

  // Accepts and dials from now on.
  void Start();
  // Ends all connections and makes none until it is allowed again.
  void SetAllowed(bool allowed, const std::string& why);

  void SetConfigured(std::vector<PeerConfig> configured);
  Status Remove(const ReplicaId& id);

  std::map<ReplicaId, std::unique_ptr<Peer>>& all() { return peers_; }
  const std::map<ReplicaId, std::unique_ptr<Peer>>& all() const { return peers_; }
  Peer* Find(const ReplicaId& id);
  // This replica and all members, sorted: who has to acknowledge a deletion.
  std::vector<uint32_t> MemberPrefixes() const;
  std::string NameOf(uint32_t prefix) const;  // hex where unknown
  void PumpStreams();

  // LinkOwner
  Status OnMessage(PeerLink& link, protocol::Message message) override;
  void OnLinkClosed(PeerLink& link, const Status& reason) override;

 private:
  static constexpr size_t kStrangersMax = 16;
  // Members and removed ones that others may tell of; this replica itself fits beside them into one
  // message and into the acknowledgements of a deletion.
  static constexpr size_t kKnownMax = protocol::kMembersMax - 2;
  static constexpr int64_t kStrangerMaxMs = 600'000;  // a preview of a large folder takes a while

  void Accept(std::unique_ptr<Connection> connection);
  void Adopt(Peer& peer, std::unique_ptr<Connection> connection);
  bool NewOneStays(const Peer& peer, const Connection& fresh) const;
  void ScheduleDial(Peer& peer);
  void Dial(Peer& peer);
  void DropLink(Peer& peer);
  void Bury(std::unique_ptr<PeerLink> link);
  void Tick();

  protocol::Hello MakeHello(const Peer& peer) const;
  Status OnHello(Peer& peer, const protocol::Hello& hello);
  // Is the index of one side an older copy that was put back? Ours: the engine stops.
  Status CheckIndexes(Peer& peer, const protocol::Hello& hello);
  Status CheckHello(const protocol::Hello& hello) const;
  void TakePositions(Peer& peer, const protocol::Hello& hello);
  Status OnStrangerMessage(PeerLink& link, const protocol::Message& message);
  Status OnJoin(PeerLink& link, protocol::JoinRequest request);

  std::vector<protocol::MemberInfo> MemberList(bool with_self) const;
  bool Holds(const protocol::MemberInfo& member) const;  // against what is known
  void MergeMembers(const std::vector<protocol::MemberInfo>& members);
  void MembersChanged();
  void AddPeer(const PeerConfig& config, uint64_t stamp);
  void RemovePeer(const ReplicaId& id, const std::string& why);

  Core& core_;
  PeerEvents& events_;
  std::map<ReplicaId, std::unique_ptr<Peer>> peers_;
  std::map<ReplicaId, protocol::MemberInfo> removed_;
  struct Stranger {
    std::unique_ptr<PeerLink> link;
    bool previewing = false;
  };
  std::vector<Stranger> strangers_;
  bool allowed_ = false;
  bool started_ = false;
  std::string refusal_ = "not ready yet";
  const uint64_t cluster_tag_;
};

}  // namespace atozsync
