#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "sync/os/stream_socket.h"

namespace atozsync {

namespace {

bool WaitFor(SocketHandle socket, short events, int64_t wait_ms) {
  pollfd waiting{static_cast<int>(socket), events, 0};
  return ::poll(&waiting, 1, static_cast<int>(std::max<int64_t>(wait_ms, 0))) > 0;
}

}  // namespace

// The port of a connection that ended a minute ago is free; one that is listened on is not.
void SetListenerOptions(SocketHandle socket) {
  const int yes = 1;
  ::setsockopt(static_cast<int>(socket), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
}

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

void EndSending(SocketHandle socket) {
  ::shutdown(static_cast<int>(socket), SHUT_WR);
}

void CloseNow(SocketHandle socket) {
  ::close(static_cast<int>(socket));
}

}  // namespace atozsync
