// ControlClient: a command's side of the control socket. Blocking; one thread.
#pragma once

#include <functional>
#include <string>

#include "agent/json_reports.h"
#include "agent/state_dir.h"
#include "sync/base/status.h"

namespace atozsync {

class ControlClient {
 public:
  explicit ControlClient(const StateDir& state) : state_(state) {}

  // The body of a good answer. kPeerGone: no agent is running (or it stopped meanwhile); kInvalid:
  // what was asked cannot be, with the agent's words.
  Result<Json> Call(const std::string& method, const std::string& path,
                    const Json& body = Json::object()) const;
  // Each line but the last goes to `on_line`; returns the last one.
  Result<Json> Stream(const std::string& path, const Json& body,
                      const std::function<void(const Json&)>& on_line) const;
  bool AgentIsRunning() const;

 private:
  StateDir state_;
};

}  // namespace atozsync
