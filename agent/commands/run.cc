#include <fmt/core.h>

#include <memory>

#include "agent/agent.h"
#include "agent/agent_api.h"
#include "agent/alert/alerts.h"
#include "agent/commands/command.h"
#include "agent/control_server.h"
#include "agent/dashboard/dashboard.h"
#include "agent/health/health_monitor.h"
#include "agent/service/requests.h"
#include "agent/service/service_process.h"
#include "agent/service/watchdog.h"
#include "sync/os/os_random.h"
#include "sync/os/process.h"

namespace atozsync {

namespace {

// Builds every part, from the bottom up; they end in the opposite order.
Status RunAgent(const StateDir& state, Config config) {
  ASSIGN_OR_RETURN(protocol::Identity identity, protocol::LoadIdentity(state.path()));
  ASSIGN_OR_RETURN(std::unique_ptr<Logger> logger, Logger::Open(config.log, state.LogFile()));
  IgnoreBrokenPipes();
  OsRandom random;
  UvExecutor executor;
  Agent agent({executor, random, state, identity, *logger}, std::move(config));
  Sessions sessions(random, [&executor] { return executor.clock().MonoMs(); });
  OnStopRequest(executor, [&] { agent.Stop(); });
  OnReloadRequest(executor, [&] {
    Status reloaded = agent.Reload();
    if (!reloaded.ok()) agent.Log(LogLevel::kError, "nothing was changed: " + reloaded.ToString());
  });
  agent.Log(LogLevel::kInfo, std::string("atozsync ") + kProgramVersion + " starts");
  TRY(agent.Start());
  HealthMonitor health(agent);
  AgentApi api(agent, health, sessions);
  auto post = [&](Task task) { executor.PostFromAnyThread(std::move(task)); };
  ASSIGN_OR_RETURN(std::unique_ptr<ControlServer> control, ControlServer::Start(state, post, &api));
  Dashboard dashboard(agent, {post, &api, &sessions, WebFiles()});
  health.dashboard_state = [&] { return dashboard.ToJson(); };
  Alerts alerts(agent);
  health.on_look = [&](const std::vector<Trouble>& troubles) { alerts.Look(troubles); };
  agent.on_config = [&] { dashboard.Apply(); };
  dashboard.Apply();
  NotifyServiceManager("READY=1");
  FeedWatchdog(executor, WatchdogIntervalMs());
  executor.Run();
  return Status::Ok();
}

// A service's own words go where nobody looks; its manager shows this.
int FailAsService(int code, const Status& status) {
  NotifyServiceManager("STATUS=" + Printable(status.error().context));
  return code;
}

int RunHere(const StateDir& state) {
  Status ready = CheckInitialized(state);
  if (!ready.ok()) return FailAsService(Fail(ready), ready);
  Result<Config> config = LoadConfig(state.ConfigFile());
  if (!config.ok()) return FailAsService(Fail(config.status()), config.status());
  Result<StateLock> lock = StateLock::Acquire(state);
  if (!lock.ok()) return FailAsService(Fail(lock.status()), lock.status());
  Status done = RunAgent(state, std::move(*config));
  return done.ok() ? kDone : FailAsService(Fail(done.error().context, kFailed), done);
}

int Run(const StateDir& state) {
  return RunForServiceManager([&state] { return RunHere(state); });
}

}  // namespace

void AddRun(CLI::App& app, CommandLine& line) {
  AddCommand(app, "run", "Run the agent in the foreground")->callback([&line] { line.run = Run; });
}

}  // namespace atozsync
