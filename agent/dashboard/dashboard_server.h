// DashboardServer: the front end and the control API on a loopback port, for browsers of this
// machine (docs/dashboard.md). Threads and hand-over as the control socket's server has them;
// sessions, the checks of the head and the files are its own.
//
// Destroying it answers what is open with 503 and ends its threads; the executor behind `post` must
// still be there then.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "agent/control_bridge.h"
#include "agent/dashboard/sessions.h"
#include "web/files.h"

namespace atozsync {

class DashboardServer {
 public:
  static constexpr int64_t kReadMs = 15'000;

  // All outlive the server.
  struct Parts {
    ControlBridge::PostToLoop post;
    ControlHandler* handler = nullptr;
    Sessions* sessions = nullptr;
    std::span<const WebFile> files;
  };

  struct Settings {
    std::string address;  // "HOST:PORT" on loopback; port 0: any that is free
    std::string replica_name;
    bool metrics = false;       // at /metrics, without a session
    int64_t read_ms = kReadMs;  // for a whole request; then the connection is closed
    bool operator==(const Settings&) const = default;
  };

  // kBusy: the port is in use.
  static Result<std::unique_ptr<DashboardServer>> Start(const Settings& settings, Parts parts);
  ~DashboardServer();
  const std::string& address() const;  // with the port that was bound

 private:
  class Impl;
  explicit DashboardServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace atozsync
