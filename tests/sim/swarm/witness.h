// Witness: knows what the users of each machine really did to their files, and what each of them
// had before him when he did it. Says whether the agents announce, keep and log accordingly – by
// what happened, not by what an index believes.
//
// Where an index was lost or set back, its machine is believed less. Fed by Ledger; outlived by the
// cluster. Single-threaded.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/sim/sim_cluster.h"

namespace atozsync::swarm {

class Witness {
 public:
  explicit Witness(SimCluster& cluster) : cluster_(cluster) {}

  // The volume goes away, or comes back: what programs with open files do meanwhile is not seen.
  void NoteAway(SimNode& node) { machines_[node.name()].away = true; }
  // It may have lost no row, so that nobody notices, but the intent of a swap: the agent finds then
  // what it placed itself, and cannot know that it was not its user.
  void NoteIndexSetBack(SimNode& node) { machines_[node.name()].index_lost = true; }
  // Bytes changed on the medium: what is kept is not what stood there.
  void NoteRot(SimNode& node) { machines_[node.name()].kept_written = true; }
  // What its user did there is not in the row yet: a brake holds it, and he takes it back.
  void NoteHeldTakenBack(const SimNode& node, const std::string& path) {
    machines_[node.name()].acted[path] = ++now_;
  }
  void OnChange(SimNode& node, const FsChange& change);
  // So long nobody may have written to a file that is open before it is announced; a close before
  // that may be heard of so much later, and says that the file is whole.
  void SetStill(int64_t still_ms, int64_t close_late_ms) {
    still_ms_ = still_ms;
    close_late_ms_ = close_late_ms;
  }
  // Before the batch takes effect. `author`: the machine's present one.
  void OnCommit(SimNode& node, AuthorId author, const IndexBatch& batch);
  // At rest: the conflicts are those that there were.
  void CheckEnd();

 private:
  using Made = std::pair<ContentHash, int64_t>;  // content and file time
  using Moments = std::map<std::string, uint64_t>;
  struct Machine {
    uint64_t joined = 0;
    uint64_t index_id = 0;
    Sequence sequence = 0;
    bool index_lost = false;  // or set back
    bool away = false;
    bool kept_written = false;               // a program wrote to what a swap had taken out
    std::set<Made> made;                     // what users of this machine gave its files
    std::map<std::string, int64_t> writing;  // wall time of the last write to what is still open
    int64_t closed_ns = -1;                  // when one was closed or moved, in simulated time
    Moments acted;                           // the last time that a user did something to a path
    Moments begun;                           // … that an intent was committed
    std::map<std::string, std::set<int64_t>> times_set;  // by the agent, on a file that stands
    Moments got;                                 // … that began what brought a row from elsewhere
    Moments committed;                           // … that a row said what stands there
    std::map<std::string, VersionVector> known;  // all that was ever in a row
  };
  struct Act {  // a version that a user made or chose
    std::string machine;
    FileVersion version;
    uint64_t at = 0;
    VersionVector complete;  // deletions of this path that all members had by then
    VersionVector known;     // what this machine had heard of the path by then
    bool decided = false;    // by a person, about a conflict or an older version
  };

  void LookAtIndex(SimNode& node, Machine& machine, const IndexBatch& batch);
  void NoteMade(SimNode& node, Machine& machine, const std::string& path);
  void CheckOwnEdit(SimNode& node, const Machine& machine, const IndexRow& row);
  void NoteOpen(SimNode& node, Machine& machine, const FsChange& change);
  void CheckStill(SimNode& node, const Machine& machine, const IndexRow& row);
  void CheckKept(SimNode& node, const Machine& machine, const IndexRow& old, const IndexRow& row);
  void NoteGiven(SimNode& node, const IndexRow& row);
  bool Knew(const Dot& later, const Dot& earlier) const;
  bool JoinedForgotten(const ConflictRecord& record) const;
  void CheckRecord(const ConflictRecord& record);
  bool CameTooLate(const Act& edit, const Act& deletion) const;
  bool PassedOver(const Act& act, const std::vector<Act>& acts) const;
  void CheckDeletions(const std::set<std::string>& logged);

  SimCluster& cluster_;
  int64_t still_ms_ = 0;
  int64_t close_late_ms_ = 0;
  uint64_t now_ = 0;  // events of the witness
  std::map<std::string, Machine> machines_;
  // What the maker of a version had seen of its path by then.
  std::map<Dot, VersionVector> knowledge_;
  std::set<Dot> changes_;  // made by users, each as the number that its machine gave it
  std::map<std::string, std::vector<Act>> acts_;
  std::map<std::string, VersionVector> complete_;
  // Versions given to content without history, with what was known to be waiting elsewhere.
  std::set<std::pair<Dot, Dot>> given_too_early_;
};

// The moment of `path` or of a directory above it, whichever is later; 0 = never.
uint64_t LatestAtOrAbove(const std::map<std::string, uint64_t>& moments, const std::string& path);

}  // namespace atozsync::swarm
