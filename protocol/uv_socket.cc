#include "protocol/uv_socket.h"

#include <uv.h>

#include <utility>

#include "protocol/address.h"
#include "protocol/uv_error.h"

namespace atozsync::protocol {
namespace {

constexpr unsigned kKeepaliveS = 30;

struct WriteRequest {
  uv_write_t request{};
  Bytes bytes;
};

}  // namespace

struct UvSocket::Handle {
  uv_tcp_t tcp{};
  UvSocket* owner = nullptr;  // null: closing
  Bytes buffer;
  size_t buffer_bytes = 0;

  uv_stream_t* stream() { return reinterpret_cast<uv_stream_t*>(&tcp); }
  static Handle* Of(uv_stream_t* stream) { return static_cast<Handle*>(stream->data); }

  static void OnAlloc(uv_handle_t* handle, size_t, uv_buf_t* out) noexcept {
    Handle* self = static_cast<Handle*>(handle->data);
    // One per socket: on some systems the read is under way while other sockets read too.
    if (self->buffer.size() != self->buffer_bytes) {
      self->buffer.resize(self->buffer_bytes);
      self->buffer.shrink_to_fit();
    }
    *out = uv_buf_init(reinterpret_cast<char*>(self->buffer.data()),
                       static_cast<unsigned>(self->buffer.size()));
  }

  static void OnRead(uv_stream_t* stream, ssize_t count, const uv_buf_t*) noexcept {
    Handle* self = Of(stream);
    if (self->owner == nullptr || count == 0) return;
    SocketListener* listener = self->owner->listener_;
    if (count > 0) {
      const ByteSpan bytes(self->buffer.data(), static_cast<size_t>(count));
      if (listener != nullptr) listener->OnSocketBytes(bytes);
      return;  // the owner may be gone
    }
    self->owner->StopReading();
    const int error = static_cast<int>(count);
    if (listener == nullptr) return;
    listener->OnSocketEnd(error == UV_EOF ? Status::Ok() : UvError(error, "read"));
  }

  static void OnConnect(uv_connect_t* request, int error) noexcept {
    Handle* self = Of(request->handle);
    delete request;
    if (self->owner == nullptr) return;
    UniqueFunction<void(Status)> done = std::move(self->owner->connect_done_);
    if (error < 0) {
      done(UvError(error, "connect"));
      return;
    }
    self->owner->OnConnected();
    done(Status::Ok());
  }

  static void OnWritten(uv_write_t* request, int error) noexcept {
    Handle* self = Of(request->handle);
    delete static_cast<WriteRequest*>(request->data);
    if (self->owner == nullptr || self->owner->listener_ == nullptr) return;
    self->owner->listener_->OnSocketWritten(error < 0 ? UvError(error, "write") : Status::Ok());
  }

  static void OnShutdown(uv_shutdown_t* request, int) noexcept { delete request; }
  static void OnClosed(uv_handle_t* handle) noexcept { delete static_cast<Handle*>(handle->data); }
};

UvSocket::UvSocket(uv_loop_s* loop) : handle_(new Handle) {
  // No socket of the system is opened yet: this cannot fail.
  CHECK(uv_tcp_init(loop, &handle_->tcp) == 0);
  handle_->tcp.data = handle_;
  handle_->owner = this;
}

UvSocket::~UvSocket() {
  handle_->owner = nullptr;
  uv_close(reinterpret_cast<uv_handle_t*>(&handle_->tcp), &Handle::OnClosed);
}

Status UvSocket::Accept(uv_stream_s* server) {
  const int error = uv_accept(server, handle_->stream());
  if (error < 0) return UvError(error, "accept");
  OnConnected();
  return Status::Ok();
}

Status UvSocket::Connect(const sockaddr* address, UniqueFunction<void(Status)> done) {
  auto* request = new uv_connect_t;
  const int error = uv_tcp_connect(request, &handle_->tcp, address, &Handle::OnConnect);
  if (error < 0) {
    delete request;
    return UvError(error, "connect");
  }
  connect_done_ = std::move(done);
  return Status::Ok();
}

void UvSocket::OnConnected() {
  // Both only make things better: a system that cannot do them is no reason to stop.
  uv_tcp_nodelay(&handle_->tcp, 1);
  uv_tcp_keepalive(&handle_->tcp, 1, kKeepaliveS);
  sockaddr_storage address{};
  int size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (uv_tcp_getpeername(&handle_->tcp, generic, &size) == 0) {
    remote_address_ = FormatSockaddr(generic);
  }
}

void UvSocket::StartReading(size_t buffer_bytes) {
  handle_->buffer_bytes = buffer_bytes;
  if (reading_) return;
  // Fails for a stream that is not connected only; then the write side reports it.
  reading_ = uv_read_start(handle_->stream(), &Handle::OnAlloc, &Handle::OnRead) == 0;
}

void UvSocket::StopReading() {
  reading_ = false;
  uv_read_stop(handle_->stream());
}

Status UvSocket::Write(Bytes bytes) {
  auto* write = new WriteRequest;
  write->request.data = write;
  write->bytes = std::move(bytes);
  const uv_buf_t buffer = uv_buf_init(reinterpret_cast<char*>(write->bytes.data()),
                                      static_cast<unsigned>(write->bytes.size()));
  const int error = uv_write(&write->request, handle_->stream(), &buffer, 1, &Handle::OnWritten);
  if (error == 0) return Status::Ok();
  delete write;
  return UvError(error, "write");
}

void UvSocket::Shutdown() {
  auto* request = new uv_shutdown_t;
  if (uv_shutdown(request, handle_->stream(), &Handle::OnShutdown) != 0) delete request;
}

size_t UvSocket::unwritten_bytes() const {
  return uv_stream_get_write_queue_size(handle_->stream());
}

std::string FormatSockaddr(const sockaddr* address) {
  char name[64] = "";
  if (address->sa_family == AF_INET) {
    const auto* v4 = reinterpret_cast<const sockaddr_in*>(address);
    uv_ip4_name(v4, name, sizeof name);
    return FormatHostPort({name, ntohs(v4->sin_port)});
  }
  if (address->sa_family == AF_INET6) {
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(address);
    uv_ip6_name(v6, name, sizeof name);
    return FormatHostPort({name, ntohs(v6->sin6_port)});
  }
  return {};
}

}  // namespace atozsync::protocol
