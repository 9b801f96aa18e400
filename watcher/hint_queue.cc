#include "watcher/hint_queue.h"

#include <algorithm>
#include <utility>

namespace atozsync {
namespace {

bool IsName(HintKind kind) {
  return kind == HintKind::kTouched || kind == HintKind::kClosed;
}

// The first path that sorts behind everything below `directory`: '0' follows '/'.
std::string EndOfBranch(const RelPath& directory) {
  return directory.str() + "0";
}

}  // namespace

bool Covers(const Hint& done, const Hint& asked) {
  if (done.kind == HintKind::kRecursive) {
    return asked.path == done.path || asked.path.IsBelow(done.path);
  }
  if (done.kind == HintKind::kDir) {
    if (asked.kind == HintKind::kDir) return asked.path == done.path;
    return IsName(asked.kind) && !asked.path.is_root() && asked.path.parent() == done.path;
  }
  return IsName(asked.kind) && asked.path == done.path;
}

HintQueue::HintQueue(Limits limits) : limits_(limits) {}

void HintQueue::Push(const Hint& hint) {
  if (CoveredByAncestor(hint)) return;
  Merge(hint);
  if (!hint.path.is_root()) {
    RelPath parent = hint.path.parent();
    auto waiting = waiting_in_.find(parent);
    if (waiting != waiting_in_.end() && waiting->second > limits_.per_directory_max) {
      CollapseDirectory(parent);
    }
  }
  if (entries_.size() > limits_.total_max) CollapseLargestBranch();
}

std::optional<Hint> HintQueue::Pop() {
  if (order_.empty()) return std::nullopt;
  auto it = entries_.find(order_.begin()->second);
  Hint hint{it->first, HintKind::kRecursive};
  Entry& entry = it->second;
  if (entry.all) {
    Erase(it);
  } else if (entry.name.has_value()) {
    hint.kind = *std::exchange(entry.name, std::nullopt);
    if (!entry.list) Erase(it);
  } else {
    hint.kind = HintKind::kDir;
    Erase(it);
  }
  return hint;
}

bool HintQueue::CoveredByAncestor(const Hint& hint) const {
  for (RelPath path = hint.path; !path.is_root();) {
    path = path.parent();
    auto it = entries_.find(path);
    if (it == entries_.end()) continue;
    bool lists_name = it->second.list && IsName(hint.kind) && path == hint.path.parent();
    if (it->second.all || lists_name) return true;
  }
  return false;
}

HintQueue::Entry& HintQueue::At(const RelPath& path) {
  auto [it, added] = entries_.try_emplace(path);
  if (added) {
    it->second.order = next_order_++;
    order_.emplace(it->second.order, path);
    if (!path.is_root()) ++waiting_in_[path.parent()];
  }
  return it->second;
}

HintQueue::Entries::iterator HintQueue::Erase(Entries::iterator it) {
  order_.erase(it->second.order);
  if (!it->first.is_root()) {
    auto waiting = waiting_in_.find(it->first.parent());
    if (--waiting->second == 0) waiting_in_.erase(waiting);
  }
  return entries_.erase(it);
}

void HintQueue::Merge(const Hint& hint) {
  Entry& entry = At(hint.path);
  if (entry.all) return;
  switch (hint.kind) {
    // The later of the two says whether somebody writes now.
    case HintKind::kTouched:
    case HintKind::kClosed: entry.name = hint.kind; return;
    case HintKind::kDir:
      entry.list = true;
      EraseNamesIn(hint.path);
      return;
    case HintKind::kRecursive:
      entry.all = true;
      EraseBelow(hint.path);
      return;
  }
}

void HintQueue::EraseBelow(const RelPath& directory) {
  auto it = entries_.upper_bound(directory);
  while (it != entries_.end() &&
         (directory.is_root() || it->first.str() < EndOfBranch(directory))) {
    // "a b" sorts between "a" and "a/x" and is not below "a".
    it = it->first.IsBelow(directory) ? Erase(it) : std::next(it);
  }
}

// Listing `directory` finds the names in it; what waits for their insides stays.
void HintQueue::EraseNamesIn(const RelPath& directory) {
  if (waiting_in_.count(directory) == 0) return;
  auto it = entries_.upper_bound(directory);
  while (it != entries_.end() &&
         (directory.is_root() || it->first.str() < EndOfBranch(directory))) {
    Entry& entry = it->second;
    bool direct = !it->first.is_root() && it->first.parent() == directory;
    if (!direct || entry.all || !entry.name.has_value()) {
      ++it;
    } else if (entry.list) {
      entry.name.reset();
      ++it;
    } else {
      it = Erase(it);
    }
  }
}

void HintQueue::CollapseDirectory(const RelPath& directory) {
  Push({directory, HintKind::kDir});
  // Still too many: they are not names but directories.
  auto waiting = waiting_in_.find(directory);
  if (waiting != waiting_in_.end() && waiting->second > limits_.per_directory_max / 2) {
    Push({directory, HintKind::kRecursive});
  }
}

void HintQueue::CollapseLargestBranch() {
  std::map<std::string_view, size_t> branches;  // first component → entries in it
  for (const auto& [path, entry] : entries_) {
    if (!path.is_root()) ++branches[path.components().front()];
  }
  auto largest = std::max_element(branches.begin(), branches.end(),
                                  [](auto& a, auto& b) { return a.second < b.second; });
  // Too little to gain: counting branches again at every push would cost more than one full look.
  bool worth_it = largest != branches.end() && largest->second > limits_.total_max / 64 + 1;
  Push({worth_it ? RelPath::Trusted(largest->first) : RelPath(), HintKind::kRecursive});
}

}  // namespace atozsync
