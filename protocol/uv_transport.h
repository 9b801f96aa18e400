// UvTransport: Transport over TCP (libuv) and TLS 1.3.
//
// Loop thread only; `loop` and `executor` outlive it and every connection it made. Destroying it
// stops listening and dialling (a pending dial is never reported); connections live on. The loop
// has to run once more before it is closed. Not to be destroyed from its acceptor. The process must
// ignore SIGPIPE.
//
// Strangers cost little: at most half_open_max inbound handshakes, a newer one pushes out the
// oldest; each has inbound_handshake_ms and 16 KiB; inbound_max accepted connections in all.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "protocol/identity.h"
#include "protocol/tls_connection.h"
#include "protocol/tls_stream.h"
#include "protocol/uv_dial.h"
#include "sync/base/executor.h"
#include "sync/base/transport.h"

struct uv_loop_s;

namespace atozsync::protocol {

struct UvTransportOptions {
  bool allow_public = false;  // listen on public and wildcard addresses too
  int64_t inbound_handshake_ms = 10'000;
  size_t half_open_max = 64;
  size_t inbound_max = 512;
};

class UvTransport final : public Transport {
 public:
  UvTransport(uv_loop_s* loop, Executor& executor, const Identity& identity,
              UvTransportOptions options = {});
  ~UvTransport() override;
  UvTransport(const UvTransport&) = delete;
  UvTransport& operator=(const UvTransport&) = delete;

  // kInvalid for names, and for public and wildcard addresses unless allowed; kBusy when another
  // program has the port. May be called for several addresses.
  Status Listen(const std::string& address) override;
  std::vector<std::string> bound_addresses() const override;
  // Connections that arrive while there is no acceptor are closed.
  void SetAcceptor(Acceptor acceptor) override { acceptor_ = std::move(acceptor); }
  void Dial(const std::string& address, const ReplicaId& expected, StreamUse use,
            int64_t timeout_ms, DialDone done) override;

  size_t half_open() const { return half_open_.size(); }

 private:
  struct ListenHandle;
  struct HalfOpen {
    std::unique_ptr<TlsConnection> connection;
    TimerId timer = 0;
  };

  void OnInbound(ListenHandle* listener);
  void OnHandshake(uint64_t number, Status status);
  void DropHalfOpen(uint64_t number);

  uv_loop_s* const loop_;
  Executor& executor_;
  const UvTransportOptions options_;
  const Result<TlsContext> tls_;
  Acceptor acceptor_;
  std::vector<ListenHandle*> listeners_;    // freed by their close callbacks
  std::map<uint64_t, HalfOpen> half_open_;  // by arrival: the first is the oldest
  std::map<uint64_t, std::unique_ptr<UvDial>> dials_;
  uint64_t last_number_ = 0;
  std::shared_ptr<int> inbound_token_ = std::make_shared<int>(0);
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

}  // namespace atozsync::protocol
