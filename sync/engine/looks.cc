#include "sync/engine/looks.h"

namespace atozsync {

bool HasAtOrBelow(const std::set<RelPath>& paths, const RelPath& path) {
  if (paths.contains(path)) return true;
  // In order of bytes, all that is below stands together, from the least name on.
  auto below = paths.lower_bound(path.Child("\x01"));
  return below != paths.end() && below->IsBelow(path);
}

bool Looks::Look::PresentIsOld(const RelPath& path) const {
  if (changed_.empty()) return false;
  for (RelPath at = path; !at.is_root(); at = at.parent()) {
    if (changed_.contains(at)) return true;
  }
  return false;
}

std::shared_ptr<const Looks::Look> Looks::Begin() {
  std::erase_if(looks_, [](const std::weak_ptr<Look>& look) { return look.expired(); });
  auto look = std::make_shared<Look>();
  looks_.push_back(look);
  return look;
}

void Looks::OnChanged(const RelPath& path) {
  for (const std::weak_ptr<Look>& weak : looks_) {
    if (std::shared_ptr<Look> look = weak.lock()) look->changed_.insert(path);
  }
}

}  // namespace atozsync
