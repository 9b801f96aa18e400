// PeerLink: one live connection with a replica: session, requests under way, and our stream of rows
// to it. Decides nothing: hands what it hears to its owner. Loop thread only.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <variant>

#include "protocol/session.h"
#include "sync/engine/core.h"

namespace atozsync {

class PeerLink;

// What the owner of links does with what they hear. An error closes the link with a Goodbye.
class LinkOwner {
 public:
  virtual ~LinkOwner() = default;
  virtual Status OnMessage(PeerLink& link, protocol::Message message) = 0;
  // The last call about this link; the owner may not destroy it inside the call (Post does).
  virtual void OnLinkClosed(PeerLink& link, const Status& reason) = 0;
};

class PeerLink final : public ConnectionHandler, public protocol::SessionHandler {
 public:
  PeerLink(Core& core, LinkOwner& owner, std::unique_ptr<Connection> connection);
  ~PeerLink() override;

  const ReplicaId& peer_id() const { return connection_->peer_id(); }
  std::string address() const { return connection_->remote_address(); }
  bool outgoing() const { return connection_->outgoing(); }
  bool closed() const { return closed_; }
  int64_t opened_ms() const { return opened_ms_; }
  int64_t heard_ms() const { return heard_ms_; }
  std::optional<int64_t> round_trip_ms() const { return session_.round_trip_ms(); }

  void Send(const protocol::Message& message);
  // Says why, then closes. OnLinkClosed follows (posted).
  void Close(const std::string& reason);
  void OnTick();

  // Set by the owner when both Hellos have been exchanged.
  void SetReady() { ready_ = true; }
  bool ready() const { return ready_ && !closed_; }

  // --- requests; `done` gets nothing when the link closes first ---
  static constexpr size_t kRequestsMax = 512;
  bool CanRequest() const { return ready() && requests_.size() < kRequestsMax; }
  size_t requests_under_way() const { return requests_.size(); }
  using ContentDone = UniqueFunction<void(std::optional<protocol::ContentReply>)>;
  using ChunkListDone = UniqueFunction<void(std::optional<protocol::ChunkListReply>)>;
  using DigestDone = UniqueFunction<void(std::optional<protocol::DigestReply>)>;
  using VersionDone = UniqueFunction<void(std::optional<protocol::VersionReply>)>;
  void RequestContent(protocol::ContentRequest request, ContentDone done);
  void RequestChunkList(protocol::ChunkListRequest request, ChunkListDone done);
  void RequestDigest(protocol::DigestRequest request, DigestDone done);
  void RequestVersion(protocol::VersionRequest request, VersionDone done);

  // --- our stream of rows to this peer ---
  // From after `acknowledged`, which the peer has.
  void StartStream(Sequence acknowledged);
  void OnAck(Sequence sequence);
  // New rows exist (or there may be room again).
  void PumpStream();
  Sequence acknowledged() const { return acknowledged_; }
  // Rows and conflicts after `after` (or the end, where that is beyond it), as many as fit.
  protocol::IndexUpdate Page(Sequence after) const;

  bool SendBacklogged() const;

  // ConnectionHandler, SessionHandler
  void OnBytes(ByteSpan bytes) override;
  void OnDrained() override;
  void OnClosed(Status reason) override;
  Status OnMessage(protocol::Message message) override;

 private:
  using Pending = std::variant<ContentDone, ChunkListDone, DigestDone, VersionDone>;
  template <typename Request, typename Done>
  void Ask(Request request, Done done);
  // kProtocol when nobody asked.
  template <typename Done, typename Reply>
  Status Answer(Reply reply);
  void FlushOutput();
  void FailRequests();
  void Finish(const Status& reason);

  Core& core_;
  LinkOwner& owner_;
  std::unique_ptr<Connection> connection_;
  protocol::Session session_;
  const int64_t opened_ms_;
  int64_t heard_ms_;
  bool ready_ = false;
  bool closed_ = false;
  bool flush_posted_ = false;
  uint32_t next_request_ = 1;
  std::map<uint32_t, Pending> requests_;
  bool streaming_ = false;
  bool said_caught_up_ = false;
  Sequence streamed_ = 0;
  Sequence acknowledged_ = 0;
};

}  // namespace atozsync
