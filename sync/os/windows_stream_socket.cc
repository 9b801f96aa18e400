#include <winsock2.h>

#include <algorithm>

#include "sync/os/stream_socket.h"

namespace atozsync {

namespace {

SOCKET Native(SocketHandle socket) {
  return static_cast<SOCKET>(socket);
}

bool WaitFor(SocketHandle socket, short events, int64_t wait_ms) {
  WSAPOLLFD waiting{Native(socket), events, 0};
  return ::WSAPoll(&waiting, 1, static_cast<int>(std::max<int64_t>(wait_ms, 0))) > 0;
}

}  // namespace

// Not SO_REUSEADDR, which lets any program here take the port over from one that listens.
void SetListenerOptions(SocketHandle socket) {
  const BOOL yes = TRUE;
  ::setsockopt(Native(socket), SOL_SOCKET, SO_EXCLUSIVEADDRUSE, reinterpret_cast<const char*>(&yes),
               sizeof yes);
}

bool WaitReadable(SocketHandle socket, int64_t wait_ms) {
  return WaitFor(socket, POLLRDNORM, wait_ms);
}

bool WaitWritable(SocketHandle socket, int64_t wait_ms) {
  return WaitFor(socket, POLLWRNORM, wait_ms);
}

ptrdiff_t ReceiveSome(SocketHandle socket, char* data, size_t size) {
  return ::recv(Native(socket), data, static_cast<int>(std::min<size_t>(size, 1u << 20)), 0);
}

// There is no flag for one call that does not wait.
ptrdiff_t SendSome(SocketHandle socket, const char* data, size_t size) {
  u_long no_waiting = 1;
  ::ioctlsocket(Native(socket), FIONBIO, &no_waiting);
  const int sent =
      ::send(Native(socket), data, static_cast<int>(std::min<size_t>(size, 1u << 20)), 0);
  const bool full = sent < 0 && ::WSAGetLastError() == WSAEWOULDBLOCK;
  no_waiting = 0;
  ::ioctlsocket(Native(socket), FIONBIO, &no_waiting);
  return full ? 0 : sent;
}

void EndSending(SocketHandle socket) {
  ::shutdown(Native(socket), SD_SEND);
}

void CloseNow(SocketHandle socket) {
  ::closesocket(Native(socket));
}

}  // namespace atozsync
