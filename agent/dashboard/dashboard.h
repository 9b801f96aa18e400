// Dashboard: whether there is a DashboardServer and where, following the configuration. A port that
// is in use does not stop the agent: it is said, and tried again. Loop thread only.
#pragma once

#include <memory>
#include <string>

#include "agent/agent.h"
#include "agent/dashboard/dashboard_server.h"

namespace atozsync {

class Dashboard {
 public:
  static constexpr int64_t kRetryMs = 30'000;

  // Both outlive it.
  Dashboard(Agent& agent, DashboardServer::Parts parts);
  ~Dashboard();

  // Listens as the configuration says now; closes what it does not say any more.
  void Apply();
  // {address, problem} of `status --json`; null: none is configured.
  Json ToJson() const;

 private:
  void Start();

  Agent& agent_;
  const DashboardServer::Parts parts_;
  DashboardServer::Settings wanted_;
  std::string problem_;
  std::unique_ptr<DashboardServer> server_;
  TimerId retry_timer_ = 0;
};

}  // namespace atozsync
