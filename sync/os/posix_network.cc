#include <netdb.h>
#include <sys/socket.h>

#include "sync/os/network.h"
#include "sync/os/unique_fd.h"

namespace atozsync {

// Port 0: the configured one may be taken, by the agent itself.
bool IsOwnAddress(const std::string& host) {
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST | AI_PASSIVE;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), "0", &hints, &found) != 0) return false;
  UniqueFd fd(::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const bool own = fd.valid() && ::bind(fd.get(), found->ai_addr, found->ai_addrlen) == 0;
  ::freeaddrinfo(found);
  return own;
}

}  // namespace atozsync
