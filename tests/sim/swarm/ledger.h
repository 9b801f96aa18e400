// Ledger: the omniscient observer of one history. Sees every change of every folder and every
// commit of every index in the instant it happens, and says what must never be – while the trouble
// goes on, not only when all is over (docs/simulation.md, "Invariants").
//
// Outlived by the cluster. Single-threaded.
#pragma once

#include <map>
#include <set>
#include <string>

#include "tests/sim/sim_cluster.h"

namespace atozsync::swarm {

class Ledger {
 public:
  explicit Ledger(SimCluster& cluster) : cluster_(cluster) {}

  // From now on. Each machine once.
  void Watch(SimNode& node);
  // A person asked for this removal (decided for a deletion).
  void NoteAskedRemoval(const std::string& node, const std::string& path);
  // The index of this machine is older than it was: its counters repeat until that is noticed.
  void NoteIndexSetBack(SimNode& node);
  // History of versions was lost: what is concurrent can no longer be known by the engine.
  void NoteHistoryLost() { history_lost_ = true; }
  // A person decided what is to stand: what he passed over need not be logged.
  void NoteDecision() { decided_ = true; }
  // Contents may have come to a path by other ways than being saved there.
  void NoteMoved(const std::string& path) { moved_.insert(path); }
  bool UserRemoved(const std::string& node, const std::string& path) const;

  // At any time: everything a user saved is somewhere, whole.
  void CheckNothingLost();
  // At rest: logged are the truly concurrent edits, and all of them.
  void CheckConflicts();

 private:
  struct Names {  // of one machine: when, in events of the ledger
    std::map<std::string, uint64_t> removed_by_user;
    std::map<std::string, uint64_t> placed_by_agent;
  };

  void OnChange(SimNode& node, const FsChange& change);
  void OnPlaced(SimNode& node, const std::string& path);
  void OnTakenAway(SimNode& node, const FsChange& change);
  void OnCommit(SimNode& node, const IndexBatch& batch);
  void CheckOwnVersion(const SimNode& node, const IndexRow& row);
  bool IsAncestor(const std::string& path, const std::string& older, const std::string& newer,
                  std::set<std::string>& seen) const;

  SimCluster& cluster_;
  uint64_t now_ = 0;
  std::map<std::string, Names> names_;
  std::set<std::string> moved_;
  bool history_lost_ = false;
  bool decided_ = false;
  std::set<AuthorId> set_back_;
  struct Made {
    RelPath path;
    VersionKind kind;
    ContentHash hash;
  };
  std::map<Dot, Made> made_;
};

}  // namespace atozsync::swarm
