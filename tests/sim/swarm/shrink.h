// Makes a failing scenario small: leaves out steps (delta debugging, Zeller and Hildebrandt 2002),
// then takes back what is unusual about its world, then shortens pauses and numbers – as long as it
// goes on failing in the same way.
#pragma once

#include <functional>

#include "tests/sim/swarm/scenario.h"

namespace atozsync::swarm {

// Does this one still fail in the way that is looked for?
using StillFails = std::function<bool(const Scenario&)>;

// At most `tries_max` calls. REQUIRES: still_fails(scenario).
Scenario Shrink(Scenario scenario, const StillFails& still_fails, int tries_max);

}  // namespace atozsync::swarm
