// PeerLink: one live link with a replica: its connection and further ones for content, requests
// under way, and our stream of rows to it. Decides nothing: hands what it hears to its owner. Loop
// thread only.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <variant>

#include "sync/engine/content_streams.h"
#include "sync/engine/core.h"
#include "sync/engine/session_stream.h"

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

class PeerLink final : public StreamOwner, public ContentStreamsOwner {
 public:
  PeerLink(Core& core, LinkOwner& owner, std::unique_ptr<Connection> connection);

  const ReplicaId& peer_id() const { return stream_.connection().peer_id(); }
  std::string address() const { return stream_.connection().remote_address(); }
  bool outgoing() const { return stream_.connection().outgoing(); }
  bool closed() const { return closed_; }
  int64_t opened_ms() const { return opened_ms_; }
  int64_t heard_ms() const { return stream_.heard_ms(); }
  std::optional<int64_t> round_trip_ms() const { return stream_.round_trip_ms(); }

  void Send(const protocol::Message& message);
  // Says why, then closes. OnLinkClosed follows (posted).
  void Close(const std::string& reason);
  void OnTick();

  // To say in our Hello: number of this link, 0 where there are to be no streams for content.
  uint64_t link_id() const { return link_id_; }
  // Set by the owner when both Hellos have been exchanged; `link_id` is that of the peer's.
  void SetReady(uint64_t link_id);
  bool ready() const { return ready_ && !closed_; }
  // The peer dialled one more stream.
  void AcceptContentStream(std::unique_ptr<Connection> connection);

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
  // As much as goes in about a second, where there is a limit: larger contents are not read from
  // disk for it now. Small ones are until it is backlogged.
  bool HoldsEnough() const;
  // Said by the other side's Hello.
  void AllowParts();

  // StreamOwner, ContentStreamsOwner
  Status OnStreamMessage(SessionStream& stream, protocol::Message message) override;
  void OnStreamDrained() override;
  void OnStreamEnded(SessionStream& stream, const Status& reason) override;
  Status OnContent(protocol::ContentReply reply) override;
  void OnContentStreamLost(const Status& reason) override;

 private:
  struct Pending {
    std::variant<ContentDone, ChunkListDone, DigestDone, VersionDone> done;
    uint32_t content_bytes = 0;  // asked for
  };
  template <typename Request, typename Done>
  void Ask(Request request, Done done, uint32_t content_bytes = 0);
  // kProtocol when nobody asked.
  template <typename Done, typename Reply>
  Status Answer(Reply reply);
  // Where there is much content to carry, over a long line.
  void MaybeDialContentStreams();
  // To be sent, on all connections, and not yet taken by the system.
  size_t waiting_bytes() const;
  void FailRequests();

  Core& core_;
  LinkOwner& owner_;
  SessionStream stream_;
  ContentStreams content_streams_;
  const int64_t opened_ms_;
  uint64_t link_id_ = 0;
  // From our Hello to the peer's, its work on it included; on the side that dialled.
  int64_t hello_round_trip_ms_ = 0;
  bool may_dial_content_streams_ = false;
  uint64_t content_asked_bytes_ = 0;  // and not yet answered
  bool ready_ = false;
  bool closed_ = false;
  uint32_t next_request_ = 1;
  std::map<uint32_t, Pending> requests_;
  bool streaming_ = false;
  bool said_caught_up_ = false;
  Sequence streamed_ = 0;
  Sequence acknowledged_ = 0;
};

}  // namespace atozsync
