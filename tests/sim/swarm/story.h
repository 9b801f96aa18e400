// A scenario as text for people: each step with what it really did as a comment. Still a scenario
// file that can be replayed.
#pragma once

#include <string>

#include "tests/sim/swarm/fleet.h"

namespace atozsync::swarm {

// Runs it once more, in this process – unless `verdict` says that this would end it.
std::string Story(const Scenario& scenario, const Verdict& verdict);

}  // namespace atozsync::swarm
