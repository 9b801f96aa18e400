// Draws one history from a seed: a world, and the steps of users and of trouble in it.
//
// Each history leaves out most kinds of trouble (Groce et al., "Swarm Testing", ISSTA 2012): what
// is left meets each other more often than when everything happens everywhere. Pure.
#pragma once

#include "tests/sim/swarm/scenario.h"

namespace atozsync::swarm {

Scenario DrawScenario(uint64_t seed);

}  // namespace atozsync::swarm
