#include "agent/dashboard/dashboard.h"

namespace atozsync {

Dashboard::Dashboard(Agent& agent, DashboardServer::Parts parts)
    : agent_(agent), parts_(std::move(parts)) {}

Dashboard::~Dashboard() {
  agent_.executor().CancelTimer(retry_timer_);
}

Json Dashboard::ToJson() const {
  if (wanted_.address.empty()) return nullptr;
  return {{"address", server_ == nullptr ? Json() : Json(server_->address())},
          {"problem", problem_.empty() ? Json() : Json(problem_)}};
}

void Dashboard::Apply() {
  const Config& config = agent_.config();
  DashboardServer::Settings wanted{config.dashboard.listen, config.name, config.dashboard.metrics};
  if (wanted == wanted_ && (server_ != nullptr || wanted.address.empty())) return;
  wanted_ = std::move(wanted);
  problem_.clear();
  server_.reset();
  Start();
}

void Dashboard::Start() {
  agent_.executor().CancelTimer(retry_timer_);
  retry_timer_ = 0;
  if (wanted_.address.empty()) return;
  Result<std::unique_ptr<DashboardServer>> server = DashboardServer::Start(wanted_, parts_);
  if (server.ok()) {
    server_ = std::move(*server);
    problem_.clear();
    agent_.Log(LogLevel::kInfo, "the dashboard listens on " + server_->address());
    return;
  }
  if (problem_ != server.error().context) agent_.Log(LogLevel::kError, server.error().context);
  problem_ = server.error().context;
  retry_timer_ = agent_.executor().PostAfter(kRetryMs, [this] {
    retry_timer_ = 0;
    Start();
  });
}

}  // namespace atozsync
