// WalkQueue: directories that are still to be watched and listed. One entry per directory however
// often it is asked for, so it never holds more than the tree has directories. Pure.
#pragma once

#include <map>
#include <vector>

#include "sync/base/rel_path.h"

namespace atozsync {

struct WalkItem {
  RelPath directory;
  // Go down into every subdirectory, or only into those that nobody knows yet.
  bool deep = true;
};

class WalkQueue {
 public:
  void Push(const RelPath& directory, bool deep);
  // Parents before what is below them.
  std::vector<WalkItem> Pop(size_t items_max);
  bool empty() const { return items_.empty(); }
  size_t size() const { return items_.size(); }
  std::vector<RelPath> directories() const;

 private:
  std::map<RelPath, bool> items_;
};

}  // namespace atozsync
