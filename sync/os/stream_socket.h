// What a server with limits needs of a connected TCP socket: waits that end, and a close that does
// not throw the answer away. Blocking; one thread per socket. POSIX and Windows differ in the .cc
// of their name.
#pragma once

#include <cstddef>
#include <cstdint>

namespace atozsync {

using SocketHandle = intptr_t;

// Before bind(): a second program cannot listen on the same port, and an agent that is started anew
// can.
void SetListenerOptions(SocketHandle socket);

// False: not within `wait_ms`. An error or the end counts as readable and as writable.
bool WaitReadable(SocketHandle socket, int64_t wait_ms);
bool WaitWritable(SocketHandle socket, int64_t wait_ms);
// As recv() and send(); never a signal. 0 at the end, -1 for an error.
ptrdiff_t ReceiveSome(SocketHandle socket, char* data, size_t size);
ptrdiff_t SendSome(SocketHandle socket, const char* data, size_t size);
// Says that nothing more will be sent.
void EndSending(SocketHandle socket);
// Does so, then takes what the other side has still under way (so much,
// so long) – a close with bytes unread would take the answer with it –, then closes.
void FinishAndClose(SocketHandle socket, size_t drain_bytes_max, int64_t drain_ms_max);
void CloseNow(SocketHandle socket);

}  // namespace atozsync
