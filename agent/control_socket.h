// ControlSocket: how to reach STATE/control.sock, also where its name is longer than a socket's
// name may be (107 bytes): then through the open state directory. Keep it while the path is in use.
#pragma once

#include <string>

#include "agent/state_dir.h"

namespace atozsync {

class ControlSocket {
 public:
  explicit ControlSocket(const StateDir& state);
  ~ControlSocket();
  ControlSocket(const ControlSocket&) = delete;
  ControlSocket& operator=(const ControlSocket&) = delete;

  // For bind() and connect().
  const std::string& path() const { return path_; }

 private:
  int dir_fd_ = -1;
  std::string path_;
};

}  // namespace atozsync
