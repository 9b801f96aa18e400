#include "sync/os/stream_socket.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>

namespace atozsync {

namespace {

bool WaitFor(SocketHandle socket, short events, int64_t wait_ms) {
  pollfd waiting{static_cast<int>(socket), events, 0};
  return ::poll(&waiting, 1, static_cast<int>(std::max<int64_t>(wait_ms, 0))) > 0;
}

}  // namespace

bool WaitReadable(SocketHandle socket, int64_t wait_ms) {
  return WaitFor(socket, POLLIN, wait_ms);
}

bool WaitWritable(SocketHandle socket, int64_t wait_ms) {
  return WaitFor(socket, POLLOUT, wait_ms);
}

ptrdiff_t ReceiveSome(SocketHandle socket, char* data, size_t size) {
  ptrdiff_t got = 0;
  do {
    got = ::recv(static_cast<int>(socket), data, size, 0);
  } while (got < 0 && errno == EINTR);
  return got;
}

ptrdiff_t SendSome(SocketHandle socket, const char* data, size_t size) {
  ptrdiff_t sent = 0;
  do {
    sent = ::send(static_cast<int>(socket), data, size, MSG_NOSIGNAL | MSG_DONTWAIT);
  } while (sent < 0 && errno == EINTR);
  if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return 0;
  return sent;
}

void FinishAndClose(SocketHandle socket, size_t drain_bytes_max, int64_t drain_ms_max) {
  using Clock = std::chrono::steady_clock;
  ::shutdown(static_cast<int>(socket), SHUT_WR);
  const auto end = Clock::now() + std::chrono::milliseconds(drain_ms_max);
  char buffer[4096];
  for (size_t drained = 0; drained < drain_bytes_max;) {
    auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now());
    if (left.count() <= 0 || !WaitReadable(socket, left.count())) break;
    ptrdiff_t got = ReceiveSome(socket, buffer, sizeof buffer);
    if (got <= 0) break;
    drained += static_cast<size_t>(got);
  }
  CloseNow(socket);
}

void CloseNow(SocketHandle socket) {
  ::close(static_cast<int>(socket));
}

}  // namespace atozsync
