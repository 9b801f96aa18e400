// What must hold in a cluster that has come to rest (docs/simulation.md, "Cluster tests"). Each
// reports what is wrong by cluster.Violate(), with the whole cluster described once.
#pragma once

#include "tests/sim/sim_cluster.h"

namespace atozsync {

// All of the below. REQUIRES: all machines run and all links are up.
void ExpectConverged(SimCluster& cluster);

// The same names, kinds, contents and file times everywhere.
void ExpectEqualTrees(SimCluster& cluster);
// The same records under the same ids; the losing bytes of an open one are kept on every replica.
void ExpectEqualConflicts(SimCluster& cluster);
// Every content that a user closed is live or kept somewhere, unless a user took it away.
void ExpectNothingLost(SimCluster& cluster);
// Nothing stands in a folder that no user ever named.
void ExpectNothingOfOurs(SimCluster& cluster);
// Index and folder say the same, content hashes too.
void ExpectIndexEqualsDisk(SimCluster& cluster);
// Each kept file is in the list of kept versions with its content, and nothing else is.
void ExpectKeptListed(SimCluster& cluster);
// Names that differ in letter case only are told of.
void ExpectCaseClashesLogged(SimCluster& cluster);
// Looking at everything again makes no version and carries no content.
void ExpectSecondLookDoesNothing(SimCluster& cluster);

}  // namespace atozsync
