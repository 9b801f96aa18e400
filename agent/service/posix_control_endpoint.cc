#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "agent/service/control_endpoint.h"
#include "sync/base/rel_path.h"

namespace atozsync {

namespace {

constexpr int kNoPort = 80;  // means nothing for a local socket, but libraries want one

// Through the open directory where the name itself is too long; the descriptor, or -1.
int ShortWayTo(const StateDir& state, std::string* path) {
  if (path->size() < sizeof(sockaddr_un::sun_path)) return -1;
  const int dir_fd = ::open(state.path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (dir_fd >= 0) *path = "/proc/self/fd/" + std::to_string(dir_fd) + "/control.sock";
  return dir_fd;
}

}  // namespace

Result<ControlEndpoint> ControlEndpoint::ToConnect(const StateDir& state) {
  ControlEndpoint endpoint(state.ControlSocket());
  endpoint.host_ = endpoint.file_;
  endpoint.port_ = kNoPort;
  endpoint.dir_fd_ = ShortWayTo(state, &endpoint.host_);
  return endpoint;
}

ControlEndpoint ControlEndpoint::ToListen(const StateDir& state) {
  ControlEndpoint endpoint = ToConnect(state).value();
  ::unlink(endpoint.file_.c_str());
  return endpoint;
}

ControlEndpoint::ControlEndpoint(ControlEndpoint&& other) noexcept
    : file_(std::move(other.file_)),
      host_(std::move(other.host_)),
      port_(other.port_),
      authorization_(std::move(other.authorization_)),
      dir_fd_(std::exchange(other.dir_fd_, -1)) {}

ControlEndpoint::~ControlEndpoint() {
  if (dir_fd_ >= 0) ::close(dir_fd_);
}

int ControlEndpoint::family() const {
  return AF_UNIX;
}

// Who could not open the socket is not here.
bool ControlEndpoint::MayAsk(std::string_view /*authorization*/) const {
  return true;
}

Status ControlEndpoint::Publish(int /*port*/) {
  if (::chmod(file_.c_str(), 0600) == 0) return Status::Ok();
  return ErrnoError(errno, Printable(file_) + ": set mode 0600");
}

void ControlEndpoint::Withdraw() {
  ::unlink(file_.c_str());
}

}  // namespace atozsync
