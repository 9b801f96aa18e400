#include "agent/control_socket.h"

#include <fcntl.h>
#include <sys/un.h>
#include <unistd.h>

namespace atozsync {

ControlSocket::ControlSocket(const StateDir& state) : path_(state.ControlSocket()) {
  if (path_.size() < sizeof(sockaddr_un::sun_path)) return;
  dir_fd_ = ::open(state.path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (dir_fd_ >= 0) path_ = "/proc/self/fd/" + std::to_string(dir_fd_) + "/control.sock";
}

ControlSocket::~ControlSocket() {
  if (dir_fd_ >= 0) ::close(dir_fd_);
}

}  // namespace atozsync
