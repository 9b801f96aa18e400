// Stage: a cluster on which the steps of a scenario are played. Turns the numbers of a step into
// what a user or the world does to what stands there by then; remembers nothing else.
//
// One history each. Single-threaded.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/sim/sim_cluster.h"
#include "tests/sim/swarm/ledger.h"
#include "tests/sim/swarm/scenario.h"

namespace atozsync::swarm {

class Stage {
 public:
  // Told what each step really did: "B writes S/f2". Empty when it made no sense.
  using Narrator = std::function<void(const Step& step, const std::string& what)>;

  explicit Stage(const Scenario& scenario);
  void SetNarrator(Narrator narrator) { narrator_ = std::move(narrator); }
  void SetUp();
  void Play(const Step& step);
  // Phase two: no more trouble. Everything that a person would have to do is done.
  void Mend();

  SimCluster& cluster() { return cluster_; }
  Ledger& ledger() { return ledger_; }

 private:
  void Adjust(SimNodeOptions& options) const;
  SimLinkOptions LinkOptions() const;
  void SeverLinks();
  static std::vector<std::string> Names(const Scenario& scenario);
  void Narrate(const std::string& what) { what_ = what; }

  // --- stage_user.cc ---
  void UserActs(SimNode& node, const Step& step);
  void ChangesOneFile(SimNode& node, const Step& step);
  void MovesThings(SimNode& node, const Step& step);
  void Write(SimNode& node, const std::string& path, const Step& step, bool replace);
  void CopyOld(SimNode& node, const std::string& path, const Step& step);
  void SlowWrite(SimNode& node, const std::string& path, const Step& step);
  void HoldOpen(SimNode& node, const std::string& path, const Step& step);
  // The number by which SaveAtLast() knows it; 0 = it could not be opened.
  int OpenForLater(SimNode& node, const std::string& path, uint32_t size_class);
  struct OpenFile {  // of a user's program
    std::string node;
    std::string path;
    std::string content;  // what is to be in it when it is closed
    std::unique_ptr<File> file;
  };
  void WritePiece(int id, size_t at);
  void SaveAtLast(int id);
  void Closed(int id);
  void Rename(SimNode& node, const std::string& from, const std::string& to);
  void SwapNames(SimNode& node, const Step& step);
  void ChangeCase(SimNode& node, const Step& step);
  // Few names, so that everybody meets everybody; one folder and one file that differ from another
  // in letter case only.
  static std::string SomeDir(uint32_t which);
  static std::string SomePath(uint32_t which);
  // A program's own, which is not synchronized; users do nothing with it.
  static bool IsCache(const std::string& path);
  std::string NewContent(const std::string& node, uint32_t size_class);
  // A file or directory that stands there; empty when there is none.
  static std::string Standing(SimNode& node, NodeKind kind, uint32_t which);
  // Can a user make this name: is everything above it a directory?
  static bool Possible(SimNode& node, const std::string& path, NodeKind kind);

  // --- stage_decisions.cc ---
  void Resolve(SimNode& node, const Step& step);
  void Undo(SimNode& node, const Step& step);
  void ReleaseContent(const ContentHash& hash);
  void Restore(SimNode& node, const Step& step);

  // --- stage_world.cc ---
  void WorldActs(SimNode& node, const Step& step);
  void LinksChange(SimNode& node, const Step& step);
  void ProcessChanges(SimNode& node, const Step& step);
  void IndexChanges(SimNode& node, const Step& step);
  void DiskChanges(SimNode& node, const Step& step);
  void MachinesChange(SimNode& node, const Step& step);
  void EditAtRead(SimNode& node, const Step& step);
  void EditAtCalls(SimNode& node, const Step& step);
  void AtCall(SimNode& node, uint32_t calls, std::function<bool(const RelPath&)> act);
  void Storm(const std::string& node, int times);
  void LoseCommits(SimNode& node, uint32_t commits);
  void YearPasses(SimNode& node);
  void SaveAnew(SimNode& newcomer, uint32_t which);
  bool AddMachine(const std::string& copy_from, const std::string& via, uint32_t changed = 0);
  // Another machine than `node` that fits, starting at the `which`th; null when there is none.
  SimNode* Other(SimNode& node, uint32_t which, const std::function<bool(SimNode&)>& fits);

  // --- stage_rare.cc ---
  void RareActs(SimNode& node, const Step& step);
  void DeleteNamed(SimNode& node, const Step& step);
  void FileForFolder(SimNode& node, const Step& step);
  void FolderForFile(SimNode& node, const Step& step);
  void LeaveIgnored(SimNode& node, const Step& step);
  void EditLarge(SimNode& node, const Step& step);
  void RotBit(SimNode& node, const Step& step);
  void EditAndCrash(SimNode& node, const Step& step);
  void FileInTheWay(SimNode& node, const Step& step);
  // All caches go: they are nobody's, so that the folders are the same without them only.
  void ClearIgnored();
  void RepairRot();

  // --- stage_brake.cc ---
  // False: nothing is held there.
  bool ReleaseHeld(SimNode& node);
  void Decide(SimNode& node);
  void TakeBack(SimNode& node);
  void AwaitDecisions();

  // --- stage_members.cc ---
  // Does it know that one as a member?
  static bool Lists(const SimNode& node, const ReplicaId& id);
  // Would the others still learn of each other if this one were gone for good?
  bool HangTogether(const SimNode& without);
  // A member that is gone, and nobody knows it: it was let in and never heard of it, or who removed
  // it burnt down, too.
  void RemoveGhosts();
  void AwaitUnlocked();

  static bool UserCanAct(const SimNode& node) {
    return node.files().powered() && node.files().mounted();
  }

  const Scenario& scenario_;
  SimCluster cluster_;
  Ledger ledger_;
  Narrator narrator_;
  std::string what_;
  std::map<std::string, std::unique_ptr<MemIndex>> saved_;  // copies of indexes
  std::map<int, OpenFile> open_;
  int opened_ = 0;
  int contents_ = 0;
  int machines_ = 0;
  std::set<std::string> rotten_;  // machines on which a bit rotted
};

}  // namespace atozsync::swarm
