// Looks: which paths the agent itself has changed while workers were looking at the folder.
//
// A worker's look is older than its answer. What the agent placed or removed in between the index
// knows already, and an old answer would be taken for a person's change: a file just placed for
// deleted, one just removed for made anew. Bookkeeping only; a look is forgotten when its owner
// lets go of it, and remembers at most what was changed during one job. Loop thread only.
#pragma once

#include <memory>
#include <set>
#include <vector>

#include "sync/base/rel_path.h"

namespace atozsync {

bool HasAtOrBelow(const std::set<RelPath>& paths, const RelPath& path);

class Looks {
 public:
  class Look {
   public:
    // May what was seen at `path` be gone, or be another, by now: did the agent change it, or a
    // directory above it?
    bool PresentIsOld(const RelPath& path) const;
    // May what was missing stand there by now: did the agent place it, or something below it?
    bool AbsentIsOld(const RelPath& path) const { return HasAtOrBelow(changed_, path); }

   private:
    friend class Looks;
    std::set<RelPath> changed_;
  };

  // Before the job is given to a worker. The answer's handler holds on to it.
  std::shared_ptr<const Look> Begin();
  // A change of this path by the agent is over.
  void OnChanged(const RelPath& path);

 private:
  std::vector<std::weak_ptr<Look>> looks_;  // as many as there are jobs under way
};

}  // namespace atozsync
