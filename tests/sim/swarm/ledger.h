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
#include "tests/sim/swarm/brake_watch.h"
#include "tests/sim/swarm/witness.h"

namespace atozsync::swarm {

class Ledger {
 public:
  // `brake_files`: so many deletions may go without a person; 0: any number.
  Ledger(SimCluster& cluster, size_t brake_files)
      : cluster_(cluster), witness_(cluster), brake_(cluster, brake_files) {}

  // From now on. Each machine once.
  void Watch(SimNode& node);
  // A person asked for this removal (decided for a deletion). Done when the agent comes to it,
  // which may place there first what it is about to – or be finished after a crash.
  void NoteAskedRemoval(const std::string& node, const std::string& path) {
    names_[node].asked_to_go.insert(path);
  }
  // He was told that it is done, or why not.
  void NoteAnsweredRemoval(const std::string& node, const std::string& path) {
    names_[node].asked_to_go.erase(path);
  }
  // The index of this machine is going to be older than it was, or it is: its counters repeat until
  // that is noticed.
  void NoteIndexToBeSetBack(SimNode& node);
  void NoteIndexSetBack(SimNode& node);
  void SetStill(int64_t still_ms, int64_t close_late_ms) {
    witness_.SetStill(still_ms, close_late_ms);
  }
  // A person lets these go on.
  void NoteReleased(SimNode& node, const std::vector<HeldFile>& files) {
    brake_.NoteReleased(node, files);
  }
  // A person takes back what happened to it, which no row tells of.
  void NoteHeldTakenBack(const SimNode& node, const std::string& path) {
    NoteMoved(path);
    witness_.NoteHeldTakenBack(node, path);
  }
  // Its volume is away at times: what programs write to it then is not seen.
  void NoteAway(SimNode& node) { witness_.NoteAway(node); }
  // A bit rots there. Who saves over it passes over what stands elsewhere.
  void NoteRot(SimNode& node) {
    witness_.NoteRot(node);
    NoteDecision();
  }
  // History of versions was lost: what is concurrent can no longer be known by the engine.
  void NoteHistoryLost() { history_lost_ = true; }
  // A person decided what is to stand: what he passed over need not be logged.
  void NoteDecision() { decided_ = true; }
  // Contents may have come to a path by other ways than being saved there.
  void NoteMoved(const std::string& path) { moved_.insert(path); }
  // A machine was given a copy of this before it joined: whatever its engine compares that with,
  // it cannot know what was saved over what.
  void NoteCopied(const std::string& path) { copied_.insert(path); }

  // At any time: everything a user saved is somewhere, whole.
  void CheckNothingLost();
  // Before the last checks: what may be purged at any time by now, though nobody took it away.
  void NoteForgotten();
  // At rest: logged are the truly concurrent edits, and all of them.
  void CheckConflicts();

 private:
  struct Names {  // of one machine: when, in events of the ledger
    std::map<std::string, uint64_t> removed_by_user;
    std::map<std::string, uint64_t> placed_by_agent;
    std::map<std::string, uint64_t> placed_before;  // the time before that
    std::map<std::string, uint64_t> committed;      // a row of it
    std::set<std::string> asked_to_go;
  };

  void OnChange(SimNode& node, const FsChange& change);
  void NotePut(const std::string& path, const std::string& content);
  void NoteRows(SimNode& node, const IndexBatch& batch);
  void OnPutByUser(SimNode& node, const FsChange& change);
  void OnPlaced(SimNode& node, const std::string& path);
  void NoteTakenBack(SimNode& node, const IndexBatch& batch);
  void OnTakenAway(SimNode& node, const FsChange& change);
  void OnCommit(SimNode& node, const IndexBatch& batch);
  bool ForgottenByAll(const std::string& content) const;
  bool UserRemoved(const SimNode& node, const std::string& path) const;
  bool AskedToGo(const std::string& node, const IndexRow& row) const;
  void CheckCounter(const SimNode& node, AuthorId author, uint64_t last, const IndexRow& row);
  void CheckOwnVersion(const SimNode& node, const IndexRow& row);
  bool IsAncestor(const std::string& path, const std::string& older, const std::string& newer,
                  std::set<std::string>& seen) const;

  SimCluster& cluster_;
  Witness witness_;
  BrakeWatch brake_;
  uint64_t now_ = 0;
  std::map<std::string, Names> names_;
  std::set<std::string> moved_;
  std::set<std::string> copied_;
  std::map<std::string, std::string> put_at_;  // content → the path at which a user last put it
  std::set<std::pair<std::string, ContentHash>>
      deleted_bytes_;  // by a deletion of these very bytes
  // Path, content → how often users put it there.
  std::map<std::pair<std::string, std::string>, int> times_put_;
  std::set<std::pair<std::string, ContentHash>> replaced_bytes_;  // by a version of that path
  bool history_lost_ = false;
  bool decided_ = false;
  std::set<AuthorId> set_back_;
  struct Made {
    RelPath path;
    VersionKind kind;
    ContentHash hash;
  };
  std::map<Dot, Made> made_;
  std::map<Dot, RelPath> given_;  // each number, and the path of the change it was given to
  // What users put there while a swap of the agent was under way, and where that was taken back.
  std::map<std::pair<std::string, std::string>, std::set<std::string>> put_in_swap_;
  std::set<std::pair<std::string, std::string>> put_over_taken_back_;  // path, content
  // What came of content that was there before its machine joined: path, content.
  std::set<std::pair<std::string, ContentHash>> without_history_;
};

}  // namespace atozsync::swarm
