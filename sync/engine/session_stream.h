// SessionStream: a connection with a session on it. Encodes and writes what is sent (one write for
// all that a turn sends), content no faster than the upload limit lets it, hands on what is heard,
// ends once. Knows no message but Goodbye. Loop thread only.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "protocol/session.h"
#include "sync/engine/core.h"

namespace atozsync {

class SessionStream;

class StreamOwner {
 public:
  virtual ~StreamOwner() = default;
  // An error ends the stream with a Goodbye.
  virtual Status OnStreamMessage(SessionStream& stream, protocol::Message message) = 0;
  // What was given to the connection is nearly gone, or what waited for the upload limit may go.
  virtual void OnStreamDrained() = 0;
  // Once, and the last call. The owner may not destroy the stream inside any of these.
  virtual void OnStreamEnded(SessionStream& stream, const Status& reason) = 0;
};

class SessionStream final : public ConnectionHandler,
                            public protocol::SessionHandler,
                            private UploadLimit::Sender {
 public:
  SessionStream(Core& core, StreamOwner& owner, std::unique_ptr<Connection> connection);
  ~SessionStream() override;

  const Connection& connection() const { return *connection_; }
  int64_t heard_ms() const { return heard_ms_; }
  std::optional<int64_t> round_trip_ms() const { return session_.round_trip_ms(); }
  bool ended() const { return ended_; }

  void Send(const protocol::Message& message);
  void SendContentFrame(Bytes frame);
  // The other side has said that it joins parts.
  void AllowParts() { session_.AllowParts(); }
  // May a page of rows be sent, which does not wait for the limit? Not while one before it waits,
  // or much is owed: OnStreamDrained() follows.
  bool MayAddRows();
  // Says why, then closes. OnStreamEnded follows in the call.
  void Close(const std::string& reason);
  void OnTick();

  // Encoded, and not yet given to the connection.
  size_t queued_bytes() const { return session_.queued_bytes(); }
  // Not yet taken by the system.
  size_t waiting_bytes() const { return queued_bytes() + connection_->UnsentBytes(); }

  // ConnectionHandler, SessionHandler
  void OnBytes(ByteSpan bytes) override;
  void OnDrained() override;
  void OnClosed(Status reason) override;
  Status OnMessage(protocol::Message message) override;

 private:
  void FlushLater();
  Bytes NextOutput();
  void OnMaySend() override;
  void FlushOutput();
  void End(const Status& reason);

  Core& core_;
  StreamOwner& owner_;
  std::unique_ptr<Connection> connection_;
  protocol::Session session_;
  int64_t heard_ms_;
  bool ended_ = false;
  bool flush_posted_ = false;
  // Expires with this: a flush may be on its way.
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

}  // namespace atozsync
