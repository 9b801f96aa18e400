// WatchTree: which directory a watch descriptor (wd) stands for, as a tree, so that a renamed
// directory keeps its watches under its new path.
//
// Pure bookkeeping: makes no system call. Methods that say "dropped" give back the wds that the
// caller has to remove from the kernel; until the kernel confirms with IN_IGNORED they count as
// retired and what they still say is old news. One node per directory. Not thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "sync/base/rel_path.h"

namespace atozsync {

class WatchTree {
 public:
  // Renames whose second half has not shown up. More than so many: the oldest counts as moved out.
  static constexpr size_t kMovesPendingMax = 1024;

  WatchTree();
  ~WatchTree();
  WatchTree(const WatchTree&) = delete;
  WatchTree& operator=(const WatchTree&) = delete;

  struct Added {
    bool is_new = false;  // this wd did not stand for this path before
    std::vector<int> dropped;
  };
  // The kernel says that `path` is watched as `wd`. A wd known elsewhere moves here (same
  // directory, other name); another wd at this path was of a directory that is no longer there.
  Added SetWatched(const RelPath& path, int wd);
  // `path` is a directory that cannot be watched. Returns the dropped.
  std::vector<int> SetUnwatched(const RelPath& path);
  // The directory and everything below it is gone. Returns the dropped.
  std::vector<int> Remove(const RelPath& path);

  // First and second half of a rename. MoveTo is false when nothing is known under that cookie.
  // What stood at the new path is dropped.
  std::vector<int> MoveFrom(const RelPath& path, uint32_t cookie);
  bool MoveTo(uint32_t cookie, const RelPath& path, std::vector<int>* dropped);
  // Drops the moves that were already pending at the call before this one: they left the tree.
  std::vector<int> ExpireMoves();
  bool has_pending_moves() const { return !moves_.empty(); }

  // The kernel has removed this watch (IN_IGNORED).
  void Ignored(int wd);

  enum class State { kKnown, kMoving, kRetired, kUnknown };
  struct Found {
    State state = State::kUnknown;
    RelPath path;                 // kKnown only
    bool parent_watched = false;  // kKnown only; true for the root
  };
  Found Find(int wd) const;
  bool IsKnown(const RelPath& path) const;  // watched or unwatched
  bool IsWatched(const RelPath& path) const;
  std::vector<RelPath> Unwatched() const;  // ordered by path components

  // What is not set again between the two calls is not there any more. Returns the dropped.
  void BeginSweep();
  std::vector<int> EndSweep();
  // After lost events: no confirmation can be expected any more.
  void ForgetRetired() { retired_.clear(); }

  uint64_t watched() const { return by_wd_.size(); }
  uint64_t unwatched() const { return unwatched_; }

 private:
  struct Node;
  struct Move {
    uint32_t cookie = 0;
    bool old = false;  // was pending at the last ExpireMoves()
    std::unique_ptr<Node> node;
  };

  Node* Lookup(const RelPath& path) const;
  Node* Ensure(const RelPath& path);
  std::unique_ptr<Node> Detach(Node* node);
  void Prune(Node* node);
  void ClearWatch(Node* node, std::vector<int>* dropped);
  void DropSubtree(Node* node, std::vector<int>* dropped);

  std::unique_ptr<Node> root_;
  std::vector<Move> moves_;
  std::unordered_map<int, Node*> by_wd_;
  std::set<int> retired_;
  uint64_t unwatched_ = 0;
  uint64_t epoch_ = 0;
};

}  // namespace atozsync
