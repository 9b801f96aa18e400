#include "sync/os/stream_socket.h"

#include <chrono>

namespace atozsync {

void FinishAndClose(SocketHandle socket, size_t drain_bytes_max, int64_t drain_ms_max) {
  using Clock = std::chrono::steady_clock;
  EndSending(socket);
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

}  // namespace atozsync
