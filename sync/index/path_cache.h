// PathCache: what was read of a path last, so that a file that goes through the engine is not asked
// for at each of its steps.
//
// Bounded: two halves; when the young one is full it becomes the old one, and what was in that is
// forgotten. Its order never escapes. One thread.
#pragma once

#include <string>
#include <unordered_map>
#include <utility>

#include "sync/base/rel_path.h"

namespace atozsync {

template <typename Value>
class PathCache {
 public:
  // Null: not known here. Valid until the next call.
  Value* Find(const RelPath& path) {
    if (auto young = young_.find(path.str()); young != young_.end()) return &young->second;
    auto old = old_.extract(path.str());
    return old.empty() ? nullptr : &Insert(std::move(old))->second;
  }
  void Put(const RelPath& path, Value value) {
    if (Value* known = Find(path)) {
      *known = std::move(value);
      return;
    }
    MakeRoom();
    young_.emplace(path.str(), std::move(value));
  }
  void Forget(const RelPath& path) {
    young_.erase(path.str());
    old_.erase(path.str());
  }
  void Clear() {
    young_.clear();
    old_.clear();
  }

 private:
  using Map = std::unordered_map<std::string, Value>;
  // Of both halves together: more than the paths that are under way at once (puller.cc), and 2 to
  // 3 MiB of rows.
  static constexpr size_t kPathsMax = 4'096;

  typename Map::iterator Insert(typename Map::node_type node) {
    MakeRoom();
    return young_.insert(std::move(node)).position;
  }
  void MakeRoom() {
    if (young_.size() < kPathsMax / 2) return;
    old_ = std::move(young_);
    young_.clear();
  }

  Map young_;
  Map old_;
};

}  // namespace atozsync
