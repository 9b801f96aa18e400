#include "protocol/uv_transport.h"

#include <uv.h>

#include <utility>

#include "protocol/address.h"
#include "protocol/uv_error.h"
#include "protocol/uv_socket.h"

namespace atozsync::protocol {
namespace {

constexpr int kBacklog = 128;

}  // namespace

struct UvTransport::ListenHandle {
  uv_tcp_t tcp{};
  UvTransport* owner = nullptr;

  static void OnConnection(uv_stream_t* server, int error) noexcept {
    ListenHandle* self = static_cast<ListenHandle*>(server->data);
    if (self->owner != nullptr && error == 0) self->owner->OnInbound(self);
  }
  static void OnClosed(uv_handle_t* handle) noexcept {
    delete static_cast<ListenHandle*>(handle->data);
  }
  void Close() {
    owner = nullptr;
    uv_close(reinterpret_cast<uv_handle_t*>(&tcp), &ListenHandle::OnClosed);
  }
};

UvTransport::UvTransport(uv_loop_s* loop, Executor& executor, const Identity& identity,
                         UvTransportOptions options)
    : loop_(loop), executor_(executor), options_(options), tls_(TlsContext::Create(identity)) {}

UvTransport::~UvTransport() {
  for (ListenHandle* listener : listeners_) listener->Close();
  for (auto& [number, half_open] : half_open_) executor_.CancelTimer(half_open.timer);
}

Status UvTransport::Listen(const std::string& address) {
  TRY(tls_.status());
  ASSIGN_OR_RETURN(HostPort parsed, ParseHostPort(address));
  TRY(CheckListenHost(parsed.host, options_.allow_public));
  if (parsed.host == "localhost") parsed.host = "127.0.0.1";
  sockaddr_storage target{};
  if (uv_ip4_addr(parsed.host.c_str(), parsed.port, reinterpret_cast<sockaddr_in*>(&target)) != 0 &&
      uv_ip6_addr(parsed.host.c_str(), parsed.port, reinterpret_cast<sockaddr_in6*>(&target)) !=
          0) {
    return {Errc::kInvalid, "listening on " + address + ": not a numeric address"};
  }
  auto* listener = new ListenHandle;
  CHECK(uv_tcp_init(loop_, &listener->tcp) == 0);  // opens nothing yet
  listener->tcp.data = listener;
  listener->owner = this;
  int error = uv_tcp_bind(&listener->tcp, reinterpret_cast<const sockaddr*>(&target), 0);
  if (error == 0) {
    error = uv_listen(reinterpret_cast<uv_stream_t*>(&listener->tcp), kBacklog,
                      &ListenHandle::OnConnection);
  }
  if (error < 0) {
    listener->Close();
    return UvError(error, "listening on " + address);
  }
  listeners_.push_back(listener);
  return Status::Ok();
}

std::vector<std::string> UvTransport::bound_addresses() const {
  std::vector<std::string> addresses;
  for (const ListenHandle* listener : listeners_) {
    sockaddr_storage address{};
    int size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (uv_tcp_getsockname(&listener->tcp, generic, &size) == 0) {
      addresses.push_back(FormatSockaddr(generic));
    }
  }
  return addresses;
}

void UvTransport::Dial(const std::string& address, const ReplicaId& expected, StreamUse use,
                       int64_t timeout_ms, DialDone done) {
  if (!tls_.ok()) {
    executor_.Post([status = tls_.status(), done = std::move(done)]() mutable { done(status); });
    return;
  }
  const uint64_t number = ++last_number_;
  auto finished = [this, number,
                   done = std::move(done)](Result<std::unique_ptr<Connection>> result) mutable {
    dials_.erase(number);
    done(std::move(result));
  };
  auto dial = std::make_unique<UvDial>(loop_, executor_, *tls_, address, expected, use,
                                       std::move(finished));
  dial->Start(timeout_ms);
  dials_.emplace(number, std::move(dial));
}

void UvTransport::OnInbound(ListenHandle* listener) {
  auto socket = std::make_unique<UvSocket>(loop_);
  // Accepted in any case: what is refused is refused by closing it.
  const Status accepted = socket->Accept(reinterpret_cast<uv_stream_t*>(&listener->tcp));
  const size_t inbound = static_cast<size_t>(inbound_token_.use_count() - 1);
  if (!accepted.ok() || !acceptor_) return;
  if (half_open_.size() >= options_.half_open_max) {
    // Not the newest: silent strangers must not keep a replica out.
    DropHalfOpen(half_open_.begin()->first);
  } else if (inbound >= options_.inbound_max) {
    return;
  }
  const uint64_t number = ++last_number_;
  HalfOpen& half_open = half_open_[number];
  half_open.connection = std::make_unique<TlsConnection>(std::move(socket), executor_, *tls_,
                                                         TlsRole::kAccept, std::nullopt);
  half_open.connection->Keep(inbound_token_);
  half_open.timer = executor_.PostAfter(options_.inbound_handshake_ms,
                                        [this, number, alive = std::weak_ptr(alive_)] {
                                          if (!alive.expired()) DropHalfOpen(number);
                                        });
  half_open.connection->Start(
      [this, number](Status status) { OnHandshake(number, std::move(status)); });
}

void UvTransport::OnHandshake(uint64_t number, Status status) {
  const auto found = half_open_.find(number);
  if (found == half_open_.end()) return;
  executor_.CancelTimer(found->second.timer);
  std::unique_ptr<TlsConnection> connection = std::move(found->second.connection);
  half_open_.erase(found);
  if (status.ok() && acceptor_) acceptor_(std::move(connection));
}

void UvTransport::DropHalfOpen(uint64_t number) {
  const auto found = half_open_.find(number);
  if (found == half_open_.end()) return;
  executor_.CancelTimer(found->second.timer);
  half_open_.erase(found);
}

}  // namespace atozsync::protocol
