// Prints what becomes of one path, in the folders and in the indexes of all machines: to find out
// why a history fails.
#pragma once

#include <ostream>
#include <string>

#include "tests/sim/sim_cluster.h"

namespace atozsync::swarm {

// From now on, for as long as the cluster lives; machines that come later are not seen. `out`
// outlives the cluster.
void WatchPath(SimCluster& cluster, const std::string& path, std::ostream& out);

}  // namespace atozsync::swarm
