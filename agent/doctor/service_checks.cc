#include "agent/doctor/service_checks.h"

#include "sync/base/rel_path.h"
#include "sync/os/system_files.h"

namespace atozsync {

namespace {

Diagnosis JudgeService(const ServiceManager& manager, const ServiceState& service,
                       bool agent_answers) {
  const std::string check = "service";
  const std::string install = manager.HowTo("atozsync service install");
  const std::string start = manager.HowTo("atozsync service start");
  if (!service.installed) {
    return {Grade::kWarning, check, "is not installed: nothing starts the agent with the machine",
            install};
  }
  if (!service.running) {
    return {Grade::kProblem, check, "is not running: " + service.word,
            agent_answers ? "stop the agent that was started by hand, then: " + start
                          : start + "; what it said last: " + manager.HowToReadLog()};
  }
  if (!agent_answers) {
    return {Grade::kProblem, check, "runs, but not for this state directory",
            "give the same --state, or: " + install};
  }
  if (!service.enabled) {
    return {Grade::kWarning, check, "runs, but does not begin with the machine", install};
  }
  return {Grade::kOk, check, "runs, and begins with the machine", ""};
}

}  // namespace

Diagnoses CheckService(ServiceManager& manager, const StateDir& state, const Config& config,
                       bool agent_answers) {
  Result<ServiceState> service = manager.State();
  if (service.Is(Errc::kUnsupported)) return {};
  if (!service.ok()) return {{Grade::kWarning, "service", service.error().context, ""}};
  Diagnoses diagnoses = {JudgeService(manager, *service, agent_answers)};
  if (!service->installed) return diagnoses;
  std::vector<std::string> needed;
  for (const std::string& dir : {state.path(), config.root}) {
    Result<std::string> real = RealPath(dir);
    needed.push_back(real.ok() ? *real : dir);
  }
  std::vector<std::string> missing = manager.OutOfReach(needed);
  for (std::string& dir : missing) dir = Printable(dir);
  if (missing.empty()) {
    diagnoses.push_back({Grade::kOk, "service reach", "it reaches the folder and its state", ""});
  } else {
    diagnoses.push_back({Grade::kProblem, "service reach",
                         "it is not allowed to reach " + Joined(missing, " and "),
                         manager.HowTo("atozsync service install") + ", then " +
                             manager.HowTo("atozsync service stop") + " and start it again"});
  }
  return diagnoses;
}

}  // namespace atozsync
