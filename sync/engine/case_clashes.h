// CaseClashes: names that differ in letter case only, which a folder on another system could not
// hold beside each other. Each pair is a conflict as long as both are there.
//
// They are compared when the replica has come to rest: a rename that changes only the case shows
// both names for a moment. Waits for as many names as there are clashing ones. Loop thread only.
#pragma once

#include <functional>
#include <map>
#include <set>

#include "sync/engine/core.h"

namespace atozsync {

class CaseClashes {
 public:
  explicit CaseClashes(Core& core) : core_(core) {}
  void Start();
  // Follows every commit.
  void OnCommitted(const IndexBatch& batch);
  // New names that may clash with others.
  bool to_check() const { return core_.names_to_compare; }
  void Check();

  // Some of what is to_check() may be looked at now.
  std::function<void()> on_due;

 private:
  void CompareNamesAfter(Sequence after);
  void Note(const RelPath& path);
  void Find(const RelPath& path);
  void Close(const std::set<RelPath>& gone);

  Core& core_;
  std::map<RelPath, int64_t> maybe_clashing_;  // path → not before
  bool old_names_compared_ = false;            // those that were committed before this start
};

}  // namespace atozsync
