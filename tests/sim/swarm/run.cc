#include "tests/sim/swarm/run.h"

#include <iostream>

#include "tests/sim/checkers.h"
#include "tests/sim/swarm/watch.h"

namespace atozsync::swarm {

namespace {

constexpr int64_t kYearNs = int64_t{365} * 24 * 3600 * kSecond;

}  // namespace

std::string ViolationKind(const RunResult& result) {
  if (result.violations.empty()) return "";
  const std::string& first = result.violations.front();
  return first.substr(0, first.find_first_of(":\n"));
}

RunResult RunScenario(const Scenario& scenario, const RunOptions& options) {
  RunResult result;
  Stage stage(scenario);
  SimCluster& cluster = stage.cluster();
  cluster.SetOnViolation([&](const std::string& what) { result.violations.push_back(what); });
  if (!options.watched_path.empty()) WatchPath(cluster, options.watched_path, std::cout);
  stage.SetUp();
  stage.SetNarrator([&](const Step& step, const std::string& what) {
    if (!what.empty()) ++result.steps[static_cast<size_t>(step.kind)];
    if (options.narrator) options.narrator(step, what);
  });
  for (const Step& step : scenario.steps) {
    if (cluster.violated()) break;
    stage.Play(step);
    stage.ledger().CheckNothingLost();
  }
  if (!cluster.violated()) {
    stage.Mend();
    stage.ledger().NoteForgotten();
    ExpectConverged(cluster);
  }
  if (!cluster.violated()) stage.ledger().CheckConflicts();
  if (cluster.violated()) result.violations.push_back(cluster.Describe());
  result.trace_hash = cluster.scheduler().trace_hash();
  // The year in which all sleep is not work.
  result.simulated_ns = cluster.scheduler().now_ns() % kYearNs;
  result.events = cluster.scheduler().steps();
  return result;
}

}  // namespace atozsync::swarm
