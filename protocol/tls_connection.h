// TlsConnection: a Connection made of a UvSocket and a TlsStream.
//
// Begins with the handshake; whoever made it hears once how that went. Callbacks come from the loop
// or by the executor, never inside a call; each may destroy the connection. Loop thread only.
// Memory: one read (256 KiB), what the caller gives to Send() (kUnsentBytesMax, then it is closed).
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "protocol/tls_stream.h"
#include "protocol/uv_socket.h"
#include "sync/base/executor.h"
#include "sync/base/transport.h"

namespace atozsync::protocol {

inline constexpr size_t kDrainedBytes = 256u << 10;   // the low mark of OnDrained()
inline constexpr size_t kUnsentBytesMax = 64u << 20;  // a caller that ignores UnsentBytes()
inline constexpr int64_t kCloseWaitMs = 5'000;        // for the other side to end too

class TlsConnection final : public Connection, private SocketListener {
 public:
  // The socket is connected. `expected` only for the side that dials.
  TlsConnection(std::unique_ptr<UvSocket> socket, Executor& executor, const TlsContext& tls,
                TlsRole role, std::optional<ReplicaId> expected, StreamUse use = StreamUse::kLink);
  ~TlsConnection() override;
  TlsConnection(const TlsConnection&) = delete;
  TlsConnection& operator=(const TlsConnection&) = delete;

  // `ready` is called once: OK, or why there is no connection.
  void Start(UniqueFunction<void(Status)> ready);
  // Lives as long as this: its maker counts connections that way.
  void Keep(std::shared_ptr<const void> token) { token_ = std::move(token); }

  void SetHandler(ConnectionHandler* handler) override;
  void Send(Bytes bytes) override;
  size_t UnsentBytes() const override;
  void PauseReading(bool paused) override;
  void Close() override;
  const ReplicaId& peer_id() const override { return tls_.peer_id(); }
  std::string remote_address() const override { return remote_address_; }
  bool outgoing() const override { return role_ == TlsRole::kDial; }
  StreamUse use() const override { return tls_.use(); }

 private:
  enum class State {
    kHandshake,
    kOpen,
    kClosing,  // one side has said it is done: flush, then wait for the other's end
    kEnded,    // the socket is gone; OnClosed() (or ready) is due or done
  };

  void OnSocketBytes(ByteSpan bytes) override;
  void OnSocketEnd(Status reason) override;
  void OnSocketWritten(Status status) override;

  void Established();
  void Deliver();
  void DeliverLater();
  void DeliverEnd();
  void UpdateReading();
  void Pump();
  void BeginClose();
  void End(Status reason);

  std::unique_ptr<UvSocket> socket_;
  Executor& executor_;
  TlsStream tls_;
  const TlsRole role_;
  const std::string remote_address_;
  State state_ = State::kHandshake;
  UniqueFunction<void(Status)> ready_;
  ConnectionHandler* handler_ = nullptr;
  Bytes plain_;  // decrypted, not yet given to the handler
  bool paused_ = false;
  bool writing_ = false;
  bool above_low_mark_ = false;
  bool shut_ = false;  // our half is ended
  Status end_reason_;
  bool end_told_ = false;
  TimerId close_timer_ = 0;
  std::shared_ptr<const void> token_;
  // Expires with this: tells callbacks, posted or on the stack, that there is nothing left.
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

}  // namespace atozsync::protocol
