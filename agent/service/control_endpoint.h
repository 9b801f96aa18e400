// ControlEndpoint: where commands on this machine reach the agent, for bind() and connect().
//
// POSIX: STATE/control.sock, mode 0600; where its name is longer than a socket's name may be (107
// bytes), through the open state directory. Windows: a port of 127.0.0.1, and a token that each
// request has to show; both lie in STATE/control.json, which is private. So here and there those
// who may read the state directory may give commands, and nobody else.
//
// Keep it while host() is in use. Not thread-safe; MayAsk() is, after Publish().
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "agent/state_dir.h"
#include "sync/base/status.h"

namespace atozsync {

class ControlEndpoint {
 public:
  // For the agent: what an earlier one left is removed.
  static ControlEndpoint ToListen(const StateDir& state);
  // For a command. kNotFound where it can be seen that no agent is running.
  static Result<ControlEndpoint> ToConnect(const StateDir& state);
  ControlEndpoint(ControlEndpoint&& other) noexcept;
  ControlEndpoint& operator=(ControlEndpoint&&) = delete;
  ~ControlEndpoint();

  int family() const;  // AF_UNIX or AF_INET
  const std::string& host() const { return host_; }
  // 0: any that is free, to be told to Publish().
  int port() const { return port_; }
  // What goes into the header "Authorization"; empty: nothing has to.
  const std::string& authorization() const { return authorization_; }
  bool MayAsk(std::string_view authorization) const;

  // The agent listens: from here on commands find it, and only those that may.
  Status Publish(int port);
  // It does not any more.
  void Withdraw();
  // For messages.
  const std::string& file() const { return file_; }

 private:
  explicit ControlEndpoint(std::string file) : file_(std::move(file)) {}

  std::string file_;
  std::string host_;
  int port_ = 0;
  std::string authorization_;
  int dir_fd_ = -1;  // POSIX
};

}  // namespace atozsync
