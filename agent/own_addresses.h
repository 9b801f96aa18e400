// The addresses under which other replicas reach this one: what invitations and members carry.
#pragma once

#include <string>
#include <vector>

#include "agent/config.h"
#include "agent/state_dir.h"

namespace atozsync {

// Without wildcards and addresses that do not have a port yet.
std::vector<std::string> Reachable(const std::vector<std::string>& addresses);
// As the running agent wrote them down (it knows the ports that were really bound); else as
// configured.
std::vector<std::string> OwnAddresses(const StateDir& state, const Config& config);

}  // namespace atozsync
