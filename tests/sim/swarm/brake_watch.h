// BrakeWatch: counts the deletions that each machine announces, and says when there are more than
// its brake may let go, or any while it is on. By the commits alone, not by what the engine counts.
//
// Outlived by the cluster. Single-threaded.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/sim/sim_cluster.h"

namespace atozsync::swarm {

class BrakeWatch {
 public:
  // `limit`: so many may go in a window; 0: there is no brake.
  BrakeWatch(SimCluster& cluster, size_t limit) : cluster_(cluster), limit_(limit) {}

  // Before the batch takes effect.
  void OnCommit(SimNode& node, const IndexBatch& batch);
  // A person lets these go on.
  void NoteReleased(const SimNode& node, const std::vector<HeldFile>& files);

 private:
  struct Machine {
    std::string lives;  // what is counted is not remembered over a restart
    // When; one that comes back and goes again is one.
    std::map<RelPath, int64_t> announced_ms;
    std::set<RelPath> released;
  };
  static bool Counts(SimNode& node, const IndexRow& row, const IndexBatch& batch);

  SimCluster& cluster_;
  const size_t limit_;
  std::map<std::string, Machine> machines_;
};

}  // namespace atozsync::swarm
