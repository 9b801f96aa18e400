// UvDial: one outgoing connection being made: look the name up, connect, TLS handshake.
//
// A name with several addresses is tried one after the other. Reports once, by the executor;
// destroying it earlier cancels. Loop thread only.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "protocol/tls_connection.h"
#include "protocol/tls_stream.h"
#include "protocol/uv_socket.h"
#include "sync/base/executor.h"
#include "sync/base/transport.h"

struct addrinfo;
struct sockaddr_storage;

namespace atozsync::protocol {

class UvDial {
 public:
  UvDial(uv_loop_s* loop, Executor& executor, const TlsContext& tls, std::string address,
         const ReplicaId& expected, StreamUse use, Transport::DialDone done);
  ~UvDial();
  UvDial(const UvDial&) = delete;
  UvDial& operator=(const UvDial&) = delete;

  void Start(int64_t timeout_ms);

 private:
  struct Lookup;

  Status Resolve();
  void OnResolved(int error, const addrinfo* found);
  void TryNext();
  Status Begin(const sockaddr_storage& target);
  void OnConnected(Status status);
  void OnReady(Status status);
  void Failed(const Status& status);
  void Finish(Result<std::unique_ptr<Connection>> result);

  uv_loop_s* const loop_;
  Executor& executor_;
  const TlsContext& tls_;
  const std::string address_;
  const ReplicaId expected_;
  const StreamUse use_;
  Transport::DialDone done_;
  int64_t attempt_ms_ = 0;
  std::vector<sockaddr_storage> targets_;
  size_t next_target_ = 0;
  Lookup* lookup_ = nullptr;  // freed by its callback
  std::unique_ptr<UvSocket> socket_;
  std::unique_ptr<TlsConnection> connection_;
  Status failure_;  // the most telling one so far
  std::optional<Result<std::unique_ptr<Connection>>> result_;
  TimerId timer_ = 0;
  TimerId attempt_timer_ = 0;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

}  // namespace atozsync::protocol
