#include "watcher/walk_queue.h"

namespace atozsync {

void WalkQueue::Push(const RelPath& directory, bool deep) {
  bool& entry = items_.try_emplace(directory, false).first->second;
  entry = entry || deep;
}

std::vector<WalkItem> WalkQueue::Pop(size_t items_max) {
  std::vector<WalkItem> popped;
  while (!items_.empty() && popped.size() < items_max) {
    popped.push_back({items_.begin()->first, items_.begin()->second});
    items_.erase(items_.begin());
  }
  return popped;
}

std::vector<RelPath> WalkQueue::directories() const {
  std::vector<RelPath> directories;
  for (const auto& [directory, deep] : items_) directories.push_back(directory);
  return directories;
}

}  // namespace atozsync
