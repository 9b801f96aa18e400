#include "watcher/event_reducer.h"

#include <sys/inotify.h>

#include <string>
#include <unordered_map>

namespace atozsync {
namespace {

class Reducer {
 public:
  explicit Reducer(WatchTree& tree) : tree_(tree) {}

  void Apply(const InotifyEvent& event);
  void Lost() {
    effects_.lost = true;
    Say(RelPath(), HintKind::kRecursive);
  }
  WatchEffects Take() { return std::move(effects_); }

 private:
  void ApplyToSelf(const InotifyEvent& event, const WatchTree::Found& found);
  void ApplyToDirectory(const InotifyEvent& event, const RelPath& path);
  void ApplyToFile(const InotifyEvent& event, const RelPath& path);
  void Drop(const std::vector<int>& wds) {
    effects_.dropped.insert(effects_.dropped.end(), wds.begin(), wds.end());
  }
  void Say(const RelPath& path, HintKind kind);

  WatchTree& tree_;
  WatchEffects effects_;
  std::unordered_map<std::string, size_t> position_;  // path → its place in effects_.hints
};

void Reducer::Say(const RelPath& path, HintKind kind) {
  auto [it, added] = position_.try_emplace(path.str(), effects_.hints.size());
  if (added) {
    effects_.hints.push_back({path, kind});
    return;
  }
  Hint& hint = effects_.hints[it->second];
  if (hint.kind != HintKind::kRecursive) hint.kind = kind;
}

void Reducer::Apply(const InotifyEvent& event) {
  if ((event.mask & IN_Q_OVERFLOW) != 0) {
    ++effects_.overflows;
    tree_.ForgetRetired();
    Lost();
    return;
  }
  WatchTree::Found found = tree_.Find(event.wd);
  if ((event.mask & IN_IGNORED) != 0) {
    tree_.Ignored(event.wd);
    // A root that is removed has no parent to tell of it.
    if (found.state == WatchTree::State::kKnown && found.path.is_root()) {
      effects_.root_moved = true;
    }
    return;
  }
  switch (found.state) {
    // The directory that is on its way gets a recursive hint where it arrives; the retired one was
    // replaced or has left.
    case WatchTree::State::kMoving:
    case WatchTree::State::kRetired: return;
    case WatchTree::State::kUnknown: return Lost();
    case WatchTree::State::kKnown: break;
  }
  if (event.name.empty()) return ApplyToSelf(event, found);
  RelPath path = found.path.Child(event.name);
  if (IsOwnDirectory(path)) return;
  if ((event.mask & IN_ISDIR) != 0) {
    ApplyToDirectory(event, path);
  } else {
    ApplyToFile(event, path);
  }
}

void Reducer::ApplyToSelf(const InotifyEvent& event, const WatchTree::Found& found) {
  if ((event.mask & IN_UNMOUNT) != 0) {
    // The directory below the mount point shows again, without any event that says so.
    Drop(tree_.Remove(found.path));
    effects_.appeared.insert(found.path);
    Say(found.path, HintKind::kRecursive);
    return;
  }
  if ((event.mask & (IN_MOVE_SELF | IN_DELETE_SELF)) == 0) return;
  if (found.path.is_root()) {
    effects_.root_moved = true;
    Say(RelPath(), HintKind::kRecursive);
    return;
  }
  // Usually the parent has told already. A parent that is not watched could not.
  if (found.parent_watched) return;
  Drop(tree_.Remove(found.path));
  Say(found.path, HintKind::kTouched);
  if ((event.mask & IN_MOVE_SELF) != 0) {
    effects_.retry.insert(found.path.parent());
    Say(found.path.parent(), HintKind::kRecursive);
  }
}

void Reducer::ApplyToDirectory(const InotifyEvent& event, const RelPath& path) {
  if ((event.mask & IN_MOVED_FROM) != 0) {
    Drop(tree_.MoveFrom(path, event.cookie));
    Say(path, HintKind::kTouched);
  } else if ((event.mask & IN_MOVED_TO) != 0) {
    // Walked also when its watches came along: a walk of the old name may have been cut short.
    tree_.MoveTo(event.cookie, path, &effects_.dropped);
    effects_.appeared.insert(path);
  } else if ((event.mask & IN_CREATE) != 0) {
    effects_.appeared.insert(path);
  } else if ((event.mask & IN_DELETE) != 0) {
    // If a newer directory of that name is there by now, its IN_CREATE comes behind this.
    Drop(tree_.Remove(path));
    Say(path, HintKind::kTouched);
  } else {
    if (!tree_.IsWatched(path)) effects_.retry.insert(path);
    Say(path, HintKind::kTouched);
  }
}

void Reducer::ApplyToFile(const InotifyEvent& event, const RelPath& path) {
  if ((event.mask & IN_CLOSE_WRITE) != 0) return Say(path, HintKind::kClosed);
  constexpr uint32_t kAnyOther =
      IN_CREATE | IN_MODIFY | IN_ATTRIB | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE;
  if ((event.mask & kAnyOther) == 0) return;
  // Setting the times of a file after closing it does not make it incomplete again.
  auto before = position_.find(path.str());
  bool closed =
      before != position_.end() && effects_.hints[before->second].kind == HintKind::kClosed;
  if (closed && (event.mask & IN_ATTRIB) != 0) return;
  Say(path, HintKind::kTouched);
}

}  // namespace

WatchEffects ReduceEvents(const DecodedEvents& decoded, WatchTree& tree) {
  Reducer reducer(tree);
  for (const InotifyEvent& event : decoded.events) reducer.Apply(event);
  if (decoded.malformed) reducer.Lost();
  return reducer.Take();
}

}  // namespace atozsync
