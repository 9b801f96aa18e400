// HintQueue: hints that wait to be looked at, each path once.
//
// Bounded: when many paths wait below one directory they are replaced by one hint for that
// directory, in the end for the root. Promise: what is popped covers everything that was pushed
// (Covers() below). Roughly first in, first out. Pure; not thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "sync/base/hint.h"

namespace atozsync {

// Whoever looks at `done` has seen to `asked`.
bool Covers(const Hint& done, const Hint& asked);

class HintQueue {
 public:
  struct Limits {
    size_t per_directory_max = 512;  // waiting directly in one directory
    size_t total_max = 16384;
  };

  HintQueue() : HintQueue(Limits()) {}
  explicit HintQueue(Limits limits);

  void Push(const Hint& hint);
  std::optional<Hint> Pop();
  bool empty() const { return entries_.empty(); }
  size_t size() const { return entries_.size(); }

 private:
  // What waits for one path. A name and its list are two things to look at.
  struct Entry {
    uint64_t order = 0;
    std::optional<HintKind> name;  // kTouched or kClosed
    bool list = false;             // kDir
    bool all = false;              // kRecursive
  };
  using Entries = std::map<RelPath, Entry>;

  bool CoveredByAncestor(const Hint& hint) const;
  Entry& At(const RelPath& path);
  Entries::iterator Erase(Entries::iterator it);
  void Merge(const Hint& hint);
  void EraseBelow(const RelPath& directory);
  void EraseNamesIn(const RelPath& directory);
  void CollapseDirectory(const RelPath& directory);
  void CollapseLargestBranch();

  const Limits limits_;
  Entries entries_;
  std::map<uint64_t, RelPath> order_;
  std::map<RelPath, size_t> waiting_in_;  // directory → entries directly in it
  uint64_t next_order_ = 1;
};

}  // namespace atozsync
