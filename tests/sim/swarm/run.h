// One history from beginning to end: trouble first, with the ledger watching; then everything is
// mended, and the cluster has to settle into what tests/sim/checkers.h asks for.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "tests/sim/swarm/scenario.h"
#include "tests/sim/swarm/stage.h"

namespace atozsync::swarm {

struct RunResult {
  std::vector<std::string> violations;  // each begins with a word for its kind and a colon
  uint64_t trace_hash = 0;
  int64_t simulated_ns = 0;
  uint64_t events = 0;
  std::array<uint32_t, kStepKindCount> steps{};  // that made sense, by kind
};

// "lost", "trees", …: what failures are compared by when a scenario is made smaller.
std::string ViolationKind(const RunResult& result);

struct RunOptions {
  Stage::Narrator narrator;
  std::string watched_path;  // printed to stdout what becomes of it; empty = none
};
RunResult RunScenario(const Scenario& scenario, const RunOptions& options = {});

}  // namespace atozsync::swarm
