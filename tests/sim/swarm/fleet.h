// Many histories on several processes, and one history in a process of its own: a program that
// stops itself (CHECK), crashes or hangs is a finding like any other.
//
// Forks; not to be used where other threads run.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "sync/base/probe.h"
#include "tests/sim/swarm/run.h"

namespace atozsync::swarm {

struct FleetOptions {
  uint64_t first_seed = 1;
  uint64_t runs = 1;
  int jobs = 1;                 // processes, at most kJobsMax
  uint64_t repeat_every = 100;  // so many histories are run twice and compared; 0 = none
  bool progress = false;        // a line on stderr now and then
  static constexpr int kJobsMax = 64;
};

struct Tally {
  uint64_t runs = 0;
  uint64_t repeated = 0;
  uint64_t simulated_s = 0;
  uint64_t events = 0;
  std::array<uint64_t, kStepKindCount> steps{};
  std::array<uint64_t, kProbeCount> probes{};
  uint64_t failed_seed = 0;  // the lowest that failed; 0 = none
  void Add(const Tally& other);
};

Tally RunFleet(const FleetOptions& options);

struct Verdict {
  std::string kind;  // empty: nothing wrong; "crash" and "hang" beside ViolationKind()
  std::string text;
};

// In a child process.
Verdict RunApart(const Scenario& scenario);

}  // namespace atozsync::swarm
