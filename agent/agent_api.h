// AgentApi: the control API (/v1/…) on top of the agent: what each request means. Loop thread only;
// the agent outlives it. docs/control-api.md lists the requests.
#pragma once

#include "agent/agent.h"
#include "agent/control_server.h"
#include "agent/verify_run.h"

namespace atozsync {

class AgentApi final : public ControlHandler {
 public:
  explicit AgentApi(Agent& agent) : agent_(agent) {}
  void OnControl(ControlRequest request, Line line, Done done) override;

 private:
  bool ServeProgram(const ControlRequest& request, Done& done);
  bool ServeReplica(Replica& replica, const ControlRequest& request, const Line& line, Done& done);
  bool ServeHeld(Replica& replica, const ControlRequest& request, Done& done);
  bool ServePath(Replica& replica, const ControlRequest& request, Done& done);
  ControlReply ServePeers(const ControlRequest& request);
  ControlReply Join(const Json& body);
  void VerifyDatabase(const ControlRequest& request, const Line& line, Done done);
  void Resync(Replica& replica, const Json& body, const Line& line, Done done);
  void Resolve(Replica& replica, const ControlRequest& request, Done done);
  Json ConflictList(Replica& replica);

  Agent& agent_;
  std::unique_ptr<VerifyRun> verify_;  // the one under way, if any
};

}  // namespace atozsync
