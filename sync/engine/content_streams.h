// ContentStreams: carries the content of one link: on its own connection, and, once there are any,
// on further ones for content alone.
//
// A TCP stream that loses a packet now and then fills a long line only in part, because its rate is
// about 1.2 segments / (round trip × √loss) (Mathis, Semke, Mahdavi, Ott, "The macroscopic behavior
// of the TCP congestion avoidance algorithm", 1997): 11 Mbit/s at 40 ms and 0.1 %. Several fill it
// together, and rows and questions on the link's own connection do not wait behind content.
//
// Who dialled the link dials them. What is to be sent waits in one queue, from which the stream
// that has least to send takes the next frame: none is idle while another is behind. They live and
// end with their link: one that breaks may have had answers on it, so the link begins anew.
// docs/protocol.md, "Streams for content". Loop thread only.
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "sync/engine/session_stream.h"

namespace atozsync {

class ContentStreamsOwner {
 public:
  virtual ~ContentStreamsOwner() = default;
  virtual Status OnContent(protocol::ContentReply reply) = 0;
  // One that was in use has ended: what was on its way may be lost.
  virtual void OnContentStreamLost(const Status& reason) = 0;
};

class ContentStreams final : public StreamOwner {
 public:
  static constexpr size_t kStreamsMax = 8;  // accepted for one link

  // `link` is the link's own connection; it outlives this.
  ContentStreams(Core& core, ContentStreamsOwner& owner, SessionStream& link)
      : core_(core), owner_(owner), link_(link) {}
  ContentStreams(const ContentStreams&) = delete;
  ContentStreams& operator=(const ContentStreams&) = delete;

  // The other side joins parts of contents; said before there are any.
  void AllowParts() { parts_allowed_ = true; }
  // Dials `count` of them. What fails is left out.
  void Dial(const std::string& address, const ReplicaId& peer, uint64_t link_id, size_t count);
  // The peer dialled one, for the link of that number.
  void Accept(std::unique_ptr<Connection> connection, uint64_t link_id);

  void Send(const protocol::ContentReply& reply);
  // Gives the streams what they have room for.
  void Feed();
  // Not yet taken by the system.
  size_t waiting_bytes() const;
  void OnTick();
  void Close(const std::string& reason);

  // StreamOwner
  Status OnStreamMessage(SessionStream& stream, protocol::Message message) override;
  void OnStreamDrained() override { Feed(); }
  void OnStreamEnded(SessionStream& stream, const Status& reason) override;

 private:
  struct Entry {
    std::unique_ptr<SessionStream> stream;
    bool in_use = false;  // both sides have named the link
  };
  SessionStream& Add(std::unique_ptr<Connection> connection);
  Entry& EntryOf(const SessionStream& stream);
  // The one in use that has least to send; the link's own where there is none.
  SessionStream& Idlest() const;
  void RemoveEnded();

  Core& core_;
  ContentStreamsOwner& owner_;
  SessionStream& link_;
  std::deque<Bytes> frames_;  // bounded by who asks SendBacklogged() before reading more
  size_t frames_bytes_ = 0;
  uint64_t link_id_ = 0;
  bool parts_allowed_ = false;
  std::vector<Entry> entries_;
  // Expires with this: dials may be under way.
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

}  // namespace atozsync
