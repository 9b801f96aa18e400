#include <fmt/core.h>

#include <memory>

#include "agent/commands/command.h"
#include "agent/config.h"
#include "agent/doctor/clock_checks.h"
#include "agent/doctor/database_checks.h"
#include "agent/doctor/machine_checks.h"
#include "agent/doctor/service_checks.h"

namespace atozsync {

namespace {

Diagnosis AgentDiagnosis(const Result<Json>& status) {
  if (!status.ok()) return {Grade::kOk, "agent", "is not running at the moment", ""};
  const std::string error = TextAt(*status, "last_error");
  const std::string text = "is running: " + TextAt(*status, "state");
  if (!error.empty()) return {Grade::kProblem, "agent", text + ", " + error, ""};
  return {Grade::kOk, "agent", text, ""};
}

int Doctor(const StateDir& state, bool json) {
  if (Status ready = CheckInitialized(state); !ready.ok()) return Fail(ready);
  Result<Config> config = LoadConfig(state.ConfigFile());
  if (!config.ok()) return Fail(config.status());
  Result<Json> status = ControlClient(state).Call("GET", "/v1/status");
  Diagnoses diagnoses = {AgentDiagnosis(status)};
  auto add = [&](const Diagnoses& more) {
    diagnoses.insert(diagnoses.end(), more.begin(), more.end());
  };
  std::optional<uint64_t> directories;
  if (status.ok()) directories = NumberAt(*status, "directories");
  add(CheckMachine(state, *config, directories));
  if (status.ok()) add(CheckPeerClocks(*status));
  add(CheckService(*ServiceManager::OfThisSystem(), state, *config, status.ok()));
  ThisMachine machine;
  machine.names = {HostName()};
  add(CheckDatabase(*config, machine));
  if (json) {
    PrintJson(DiagnosesJson(diagnoses));
  } else {
    fmt::print("{}", DiagnosesText(diagnoses));
  }
  return NeedsPerson(diagnoses) ? kNeedsPerson : kDone;
}

}  // namespace

void AddDoctor(CLI::App& app, CommandLine& line) {
  auto json = std::make_shared<bool>(false);
  CLI::App* command = AddCommand(
      app, "doctor", "Check folder, machine and database, and say what to do about each problem");
  command->add_flag("--json", *json, "As JSON");
  command->callback([&line, json] {
    line.run = [json](const StateDir& state) { return Doctor(state, *json); };
    line.as_owner = false;  // it writes nothing, and sees more as root
  });
}

}  // namespace atozsync
