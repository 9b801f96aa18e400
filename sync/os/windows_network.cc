#include <winsock2.h>

// Behind the header that it needs.
#include <ws2tcpip.h>

#include "sync/os/network.h"

namespace atozsync {

// Port 0: the configured one may be taken, by the agent itself.
bool IsOwnAddress(const std::string& host) {
  WSADATA started{};
  if (::WSAStartup(MAKEWORD(2, 2), &started) != 0) return false;
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST | AI_PASSIVE;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  bool own = false;
  if (::getaddrinfo(host.c_str(), "0", &hints, &found) == 0) {
    const SOCKET socket = ::socket(found->ai_family, SOCK_STREAM, 0);
    own = socket != INVALID_SOCKET &&
          ::bind(socket, found->ai_addr, static_cast<int>(found->ai_addrlen)) == 0;
    if (socket != INVALID_SOCKET) ::closesocket(socket);
    ::freeaddrinfo(found);
  }
  ::WSACleanup();
  return own;
}

}  // namespace atozsync
