// Session: one side of the protocol on one stream, without sockets and without a clock of its own.
//
// Bytes go in by OnBytes(), messages come out through the handler; messages go in by Send(), bytes
// come out by TakeOutput(), or, where content has to go slowly, by TakeControl() and TakeContent().
// Control messages overtake queued content. Ping, Pong and the silence limit are handled here and
// not shown. Loop thread only. The handler outlives the session and may call Send() from
// OnMessage(), but not destroy the session there.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "protocol/frame.h"
#include "protocol/messages.h"
#include "sync/base/bytes.h"
#include "sync/base/status.h"

namespace atozsync::protocol {

class SessionHandler {
 public:
  virtual ~SessionHandler() = default;
  // An error ends the session: OnBytes() returns it.
  virtual Status OnMessage(Message message) = 0;
};

struct SessionLimits {
  int64_t ping_after_ms = 15'000;   // of hearing or saying nothing
  int64_t silence_max_ms = 45'000;  // then the peer is gone
};

class Session {
 public:
  Session(SessionHandler* handler, int64_t now_ms, SessionLimits limits = {});

  // kProtocol or kCorrupt: close the connection. Bounded by one frame of memory, and one content
  // of which parts have come.
  Status OnBytes(ByteSpan bytes, int64_t now_ms);
  void Send(const Message& message);
  // A frame of ContentReply, whole.
  void SendContentFrame(Bytes frame);
  // Up to about `bytes_max` (at least one whole frame when there is any), control frames first.
  Bytes TakeOutput(size_t bytes_max);
  bool has_output() const;
  // The same without content.
  Bytes TakeControl(size_t bytes_max);
  bool has_control() const { return pong_due_.has_value() || !control_.empty(); }
  // About `bytes_max` of content. A larger frame goes in parts, if the other side joins them (else
  // as a whole), and small ones overtake it: those of at most kQuickOutputs times `bytes_max`.
  static constexpr size_t kQuickOutputs = 4;
  Bytes TakeContent(size_t bytes_max);
  // The other side has said that it joins parts.
  void AllowParts() { parts_allowed_ = true; }
  size_t queued_bytes() const;
  // Sends a Ping when it was quiet, or when this side only listened; kTimeout when it was quiet too
  // long.
  Status OnTick(int64_t now_ms);
  // Of the last Ping that was answered; nothing before the first.
  std::optional<int64_t> round_trip_ms() const;

 private:
  // Takes one whole frame from the front of `bytes`; 0 when it is not whole yet, else its size.
  Result<size_t> TakeFrame(ByteSpan bytes, int64_t now_ms);
  Status OnFrame(uint8_t type, ByteSpan payload, int64_t now_ms);
  Status OnPart(const FrameHeader& header, ByteSpan payload, int64_t now_ms);
  Status Consume(ByteSpan bytes, int64_t now_ms);
  Bytes Take(size_t bytes_max, bool with_content);
  Bytes TakeNext();
  Bytes TakeContentFrame(size_t index);
  Bytes TakePart(size_t payload_bytes_max);
  size_t NextContent(size_t quick_bytes_max) const;

  SessionHandler* const handler_;
  const SessionLimits limits_;
  Bytes input_;                // the beginning of a frame that is not whole yet
  std::deque<Bytes> control_;  // encoded frames
  std::deque<Bytes> content_;
  size_t queued_bytes_ = 0;
  bool parts_allowed_ = false;
  size_t part_sent_bytes_ = 0;  // of the payload of content_.front()
  size_t overtaking_ = 0;       // how often in a row content_.front() was overtaken
  Bytes parts_;                 // of a content that is not whole yet
  int64_t heard_ms_;
  int64_t said_ms_;     // as of a tick
  bool spoke_ = false;  // since the last one
  int64_t ping_sent_ms_ = 0;
  uint64_t ping_nonce_ = 0;  // 0: none is under way
  uint64_t last_nonce_ = 0;
  // The Ping to answer. Only the latest: a peer that asks and never reads must not fill memory.
  std::optional<uint64_t> pong_due_;
  bool failed_ = false;  // OnBytes() has returned an error
  std::optional<int64_t> round_trip_ms_;
};

}  // namespace atozsync::protocol
