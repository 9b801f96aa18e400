#include <fmt/core.h>

#include <memory>

#include "agent/commands/command.h"
#include "agent/config.h"
#include "agent/service/service_manager.h"
#include "sync/os/system_files.h"

namespace atozsync {

namespace {

int FailService(const Status& status) {
  return Fail(status.error().context, status.Is(Errc::kInvalid) ? kUsage : kFailed);
}

Result<ServiceSetup> SetupOf(const StateDir& state) {
  TRY(CheckInitialized(state));
  ASSIGN_OR_RETURN(Config config, LoadConfig(state.ConfigFile()));
  ServiceSetup setup;
  ASSIGN_OR_RETURN(setup.state, RealPath(state.path()));
  ASSIGN_OR_RETURN(setup.root, RealPath(config.root));
  setup.password_file = config.database.password_file;
  setup.public_network = config.allow_public;
  return setup;
}

int Install(const StateDir& state) {
  Result<ServiceSetup> setup = SetupOf(state);
  if (!setup.ok()) return Fail(setup.status());
  Result<std::vector<std::string>> written = ServiceManager::OfThisSystem()->Install(*setup);
  if (!written.ok()) return FailService(written.status());
  for (const std::string& file : *written) fmt::print("Written: {}\n", file);
  fmt::print("The service begins with the machine. Now: atozsync service start\n");
  return kDone;
}

int Uninstall(const StateDir&) {
  Status done = ServiceManager::OfThisSystem()->Uninstall();
  if (!done.ok()) return FailService(done);
  fmt::print("The service is gone. The state directory and the folder stay as they are.\n");
  return kDone;
}

int Start(const StateDir& state) {
  if (Status ready = CheckInitialized(state); !ready.ok()) return Fail(ready);
  Status done = ServiceManager::OfThisSystem()->Start();
  return done.ok() ? kDone : FailService(done);
}

int Stop(const StateDir&) {
  Status done = ServiceManager::OfThisSystem()->Stop();
  return done.ok() ? kDone : FailService(done);
}

int PrintState(bool json) {
  Result<ServiceState> state = ServiceManager::OfThisSystem()->State();
  if (!state.ok()) return FailService(state.status());
  if (json) {
    PrintJson({{"installed", state->installed},
               {"enabled", state->enabled},
               {"running", state->running},
               {"pid", state->pid == 0 ? Json() : Json(state->pid)},
               {"state", state->word},
               {"status", state->status}});
  } else if (!state->installed) {
    fmt::print("not installed: `atozsync service install` does it\n");
  } else {
    fmt::print("{}{}\n", state->word, state->status.empty() ? "" : ": " + state->status);
    fmt::print("{}\n", state->enabled
                           ? "begins with the machine"
                           : "does not begin with the machine: `atozsync service install`");
  }
  return state->running ? kDone : kNotRunning;
}

void AddAction(CLI::App& service, CommandLine& line, const char* name, const char* what,
               int (*run)(const StateDir&)) {
  AddCommand(service, name, what)->callback([&line, run] {
    line.run = run;
    line.as_owner = false;  // the service manager listens to root only
  });
}

}  // namespace

void AddService(CLI::App& app, CommandLine& line) {
  CLI::App* service =
      AddCommand(app, "service", "Run the agent in the background, from the start of the machine");
  service->require_subcommand(1);
  AddAction(*service, line, "install",
            "Register the service for the folder that the configuration names", Install);
  AddAction(*service, line, "uninstall", "Stop it and take it back; state and folder stay",
            Uninstall);
  AddAction(*service, line, "start", "Start it now", Start);
  AddAction(*service, line, "stop", "Stop it until the next start of the machine", Stop);
  auto json = std::make_shared<bool>(false);
  CLI::App* status = AddCommand(*service, "status", "Say whether it is there and runs");
  status->add_flag("--json", *json, "As JSON");
  status->callback([&line, json] {
    line.run = [json](const StateDir&) { return PrintState(*json); };
    line.as_owner = false;
  });
}

}  // namespace atozsync
