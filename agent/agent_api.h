// AgentApi: the control API (/v1/…) on top of the agent: what each request means. Loop thread only;
// the agent outlives it. docs/control-api.md lists the requests.
#pragma once

#include "agent/agent.h"
#include "agent/control_handler.h"
#include "agent/dashboard/sessions.h"
#include "agent/health/health_monitor.h"
#include "agent/review/conflict_review.h"
#include "agent/review/path_search.h"
#include "agent/verify_run.h"

namespace atozsync {

class AgentApi final : public ControlHandler {
 public:
  // All outlive it.
  AgentApi(Agent& agent, HealthMonitor& health, Sessions& sessions)
      : agent_(agent), health_(health), sessions_(sessions), review_(agent), search_(agent) {}
  void OnControl(ControlRequest request, Line line, Done done) override;

 private:
  bool ServeProgram(const ControlRequest& request, Done& done);
  bool ServeHealth(ControlRequest& request, Line& line, Done& done);
  bool ServeReplica(Replica& replica, const ControlRequest& request, const Line& line, Done& done);
  bool ServeHeld(Replica& replica, const ControlRequest& request, Done& done);
  bool ServePath(Replica& replica, const ControlRequest& request, Done& done);
  ControlReply ServePeers(const ControlRequest& request);
  ControlReply Join(const Json& body);
  void VerifyDatabase(const ControlRequest& request, const Line& line, Done done);
  void Resync(Replica& replica, const Json& body, const Line& line, Done done);
  void VersionContent(Replica& replica, const RelPath& path, const ControlRequest& request,
                      Done done);
  ControlReply UiToken();

  Agent& agent_;
  HealthMonitor& health_;
  Sessions& sessions_;
  ConflictReview review_;
  PathSearch search_;
  std::unique_ptr<VerifyRun> verify_;  // the one under way, if any
};

}  // namespace atozsync
