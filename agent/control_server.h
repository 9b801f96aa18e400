// ControlServer: HTTP and JSON for the commands on this machine, at the ControlEndpoint.
//
// Its threads only parse and wait: each request is handed to the loop thread, and the answer comes
// back through a ControlBridge. Nobody waits longer than kAnswerWaitMs for an answer (a stream:
// for its next line). The caller holds the state's lock, so that a socket found there is a dead
// one. Destroying the server answers what is open with 503 and ends its threads; the executor
// behind `post` must still be there then.
#pragma once

#include <memory>

#include "agent/control_bridge.h"
#include "agent/service/control_endpoint.h"

namespace atozsync {

class ControlServer {
 public:
  static constexpr size_t kThreads = 8;  // requests under way at once

  using PostToLoop = ControlBridge::PostToLoop;
  // `handler` outlives the server.
  static Result<std::unique_ptr<ControlServer>> Start(const StateDir& state, PostToLoop post,
                                                      ControlHandler* handler);
  ~ControlServer();

 private:
  class Impl;
  explicit ControlServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace atozsync
