// Transport: part of the seam. Reliable, ordered, authenticated byte streams between replicas.
//
// The real one is TLS 1.3 over TCP; the certificate's fingerprint is the peer's id. It only says
// WHO is there; whether that replica is welcome is decided above it. All calls and callbacks on the
// loop thread; callbacks are never delivered inside a call to the same object.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "sync/base/bytes.h"
#include "sync/base/ids.h"
#include "sync/base/status.h"
#include "sync/base/unique_function.h"

namespace atozsync {

// What a stream is for: both sides know it from the handshake on.
enum class StreamUse : uint8_t {
  kLink,     // rows, questions, answers: one for each pair of replicas
  kContent,  // more room for content, beside a link
};

class ConnectionHandler {
 public:
  virtual ~ConnectionHandler() = default;
  virtual void OnBytes(ByteSpan bytes) = 0;
  // The amount given to Send() and not yet taken by the system fell below the low mark (256 KiB).
  virtual void OnDrained() = 0;
  // The last callback. `reason` is OK when the other side closed in an orderly way.
  virtual void OnClosed(Status reason) = 0;
};

// One established stream. Destroying it closes it without a callback.
class Connection {
 public:
  virtual ~Connection() = default;
  // `handler` outlives the connection or is replaced (nullptr: bytes wait, bounded by the window).
  virtual void SetHandler(ConnectionHandler* handler) = 0;
  virtual void Send(Bytes bytes) = 0;
  // Given to Send() and not yet taken by the system.
  virtual size_t UnsentBytes() const = 0;
  // Stops and restarts delivery of bytes (so that the peer's window fills): back-pressure.
  virtual void PauseReading(bool paused) = 0;
  // Sends what was given, then closes; OnClosed follows.
  virtual void Close() = 0;
  virtual const ReplicaId& peer_id() const = 0;
  virtual std::string remote_address() const = 0;  // "10.8.0.2:22067"
  virtual bool outgoing() const = 0;               // this side dialled
  virtual StreamUse use() const = 0;
};

class Transport {
 public:
  virtual ~Transport() = default;
  using DialDone = UniqueFunction<void(Result<std::unique_ptr<Connection>>)>;
  using Acceptor = std::function<void(std::unique_ptr<Connection>)>;

  // `address` is "HOST:PORT" ("[v6]:port"). Port 0: any; bound_addresses() tells.
  virtual Status Listen(const std::string& address) = 0;
  virtual std::vector<std::string> bound_addresses() const = 0;
  virtual void SetAcceptor(Acceptor acceptor) = 0;
  // Fails with kPermission when another replica than `expected` answers. `done` is called once,
  // after at most `timeout_ms`.
  virtual void Dial(const std::string& address, const ReplicaId& expected, StreamUse use,
                    int64_t timeout_ms, DialDone done) = 0;
};

}  // namespace atozsync
