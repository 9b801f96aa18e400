// Hunt: are the tests any good? Plants the faults of sync/base/planted_fault_list.h one by one and
// looks for a history that fails with the fault and holds without it – a failure that comes without
// it, too, says nothing.
//
// Found histories are made small and kept as files (tests/sim/faults/NAME.txt), which CheckFaults()
// replays: a scenario lives longer than the seed that it was drawn from. Forks, as the fleet does;
// needs a build with test points. Ends with no fault planted.
#pragma once

#include <string>
#include <vector>

#include "sync/base/planted_fault.h"
#include "tests/sim/swarm/fleet.h"

namespace atozsync::swarm {

struct Find {
  PlantedFault fault = PlantedFault::kNone;
  uint64_t seed = 0;  // 0 = not found
  Verdict verdict;
  uint64_t others = 0;  // seeds on the way that fail without the fault, too
};

// From options.first_seed on, at most options.runs of them.
Find HuntFault(PlantedFault fault, const FleetOptions& options);

// Does `scenario` fail with the fault, in the same way, and hold without it?
bool ShowsFault(const Scenario& scenario, PlantedFault fault, const std::string& kind);

// Prints a table of all `faults` to stdout. Where `save_dir` is not empty, a scenario of each is
// made small and written there. Says how many were not found.
size_t Hunt(const std::vector<PlantedFault>& faults, const FleetOptions& options,
            const std::string& save_dir);

// Replays the file of each fault in `dir` with and without it. Prints what is wrong; says how many
// are: no file, not found any more, or failing without the fault.
size_t CheckFaults(const std::string& dir);

}  // namespace atozsync::swarm
