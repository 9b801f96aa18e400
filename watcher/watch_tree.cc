#include "watcher/watch_tree.h"

#include <algorithm>

#include "sync/base/check.h"

namespace atozsync {

struct WatchTree::Node {
  static constexpr int kNoWatch = -1;

  Node* parent = nullptr;  // null: the root, or the top of a pending move
  std::string name;
  int wd = kNoWatch;
  bool unwatched = false;  // a directory without a watch; neither: only on the way to one
  uint64_t epoch = 0;
  std::map<std::string, std::unique_ptr<Node>, std::less<>> children;

  bool known() const { return wd != kNoWatch || unwatched; }
};

WatchTree::WatchTree() : root_(std::make_unique<Node>()) {}
WatchTree::~WatchTree() = default;

WatchTree::Node* WatchTree::Lookup(const RelPath& path) const {
  Node* node = root_.get();
  for (std::string_view part : path.components()) {
    auto child = node->children.find(part);
    if (child == node->children.end()) return nullptr;
    node = child->second.get();
  }
  return node;
}

WatchTree::Node* WatchTree::Ensure(const RelPath& path) {
  Node* node = root_.get();
  for (std::string_view part : path.components()) {
    auto child = node->children.find(part);
    if (child == node->children.end()) {
      auto made = std::make_unique<Node>();
      made->parent = node;
      made->name = part;
      child = node->children.emplace(made->name, std::move(made)).first;
    }
    node = child->second.get();
  }
  return node;
}

// REQUIRES: `node` is not the root and not the top of a move.
std::unique_ptr<WatchTree::Node> WatchTree::Detach(Node* node) {
  Node* parent = node->parent;
  CHECK(parent != nullptr);
  auto it = parent->children.find(node->name);
  std::unique_ptr<Node> owned = std::move(it->second);
  parent->children.erase(it);
  owned->parent = nullptr;
  return owned;
}

// Removes nodes that say nothing any more, upwards.
void WatchTree::Prune(Node* node) {
  while (node != root_.get() && !node->known() && node->children.empty()) {
    Node* parent = node->parent;
    if (parent == nullptr) {
      std::erase_if(moves_, [&](const Move& move) { return move.node.get() == node; });
      return;
    }
    Detach(node).reset();
    node = parent;
  }
}

void WatchTree::ClearWatch(Node* node, std::vector<int>* dropped) {
  if (node->unwatched) --unwatched_;
  node->unwatched = false;
  if (node->wd == Node::kNoWatch) return;
  by_wd_.erase(node->wd);
  retired_.insert(node->wd);
  dropped->push_back(node->wd);
  node->wd = Node::kNoWatch;
}

void WatchTree::DropSubtree(Node* node, std::vector<int>* dropped) {
  std::vector<Node*> open = {node};
  while (!open.empty()) {
    Node* next = open.back();
    open.pop_back();
    ClearWatch(next, dropped);
    for (auto& [name, child] : next->children) open.push_back(child.get());
  }
}

WatchTree::Added WatchTree::SetWatched(const RelPath& path, int wd) {
  Added added;
  Node* node = Ensure(path);
  node->epoch = epoch_;
  if (node->wd == wd) return added;
  added.is_new = true;
  ClearWatch(node, &added.dropped);
  retired_.erase(wd);
  auto known = by_wd_.find(wd);
  Node* former = known == by_wd_.end() ? nullptr : known->second;
  node->wd = wd;
  by_wd_[wd] = node;
  if (former != nullptr) {
    former->wd = Node::kNoWatch;
    Prune(former);
  }
  return added;
}

std::vector<int> WatchTree::SetUnwatched(const RelPath& path) {
  std::vector<int> dropped;
  Node* node = Ensure(path);
  node->epoch = epoch_;
  ClearWatch(node, &dropped);
  node->unwatched = true;
  ++unwatched_;
  return dropped;
}

std::vector<int> WatchTree::Remove(const RelPath& path) {
  std::vector<int> dropped;
  Node* node = Lookup(path);
  if (node == nullptr) return dropped;
  DropSubtree(node, &dropped);
  node->children.clear();
  Prune(node);
  return dropped;
}

std::vector<int> WatchTree::MoveFrom(const RelPath& path, uint32_t cookie) {
  std::vector<int> dropped;
  Node* node = Lookup(path);
  if (node == nullptr || node == root_.get()) return dropped;
  if (moves_.size() >= kMovesPendingMax) {
    DropSubtree(moves_.front().node.get(), &dropped);
    moves_.erase(moves_.begin());
  }
  Node* parent = node->parent;
  moves_.push_back({cookie, false, Detach(node)});
  Prune(parent);
  return dropped;
}

bool WatchTree::MoveTo(uint32_t cookie, const RelPath& path, std::vector<int>* dropped) {
  auto move = std::find_if(moves_.begin(), moves_.end(),
                           [&](const Move& pending) { return pending.cookie == cookie; });
  if (move == moves_.end() || path.is_root()) return false;
  std::unique_ptr<Node> node = std::move(move->node);
  moves_.erase(move);
  for (int wd : Remove(path)) dropped->push_back(wd);
  Node* parent = Ensure(path.parent());
  node->parent = parent;
  node->name = path.name();
  parent->children[node->name] = std::move(node);
  return true;
}

std::vector<int> WatchTree::ExpireMoves() {
  std::vector<int> dropped;
  for (Move& move : moves_) {
    if (move.old) DropSubtree(move.node.get(), &dropped);
  }
  std::erase_if(moves_, [](const Move& move) { return move.old; });
  for (Move& move : moves_) move.old = true;
  return dropped;
}

void WatchTree::Ignored(int wd) {
  retired_.erase(wd);
  auto known = by_wd_.find(wd);
  if (known == by_wd_.end()) return;
  Node* node = known->second;
  by_wd_.erase(known);
  node->wd = Node::kNoWatch;
  Prune(node);
}

WatchTree::Found WatchTree::Find(int wd) const {
  Found found;
  auto known = by_wd_.find(wd);
  if (known == by_wd_.end()) {
    found.state = retired_.count(wd) != 0 ? State::kRetired : State::kUnknown;
    return found;
  }
  std::vector<const Node*> chain;
  const Node* node = known->second;
  for (; node->parent != nullptr; node = node->parent) chain.push_back(node);
  found.state = node == root_.get() ? State::kKnown : State::kMoving;
  if (found.state == State::kMoving) return found;
  found.parent_watched = chain.empty() || chain.front()->parent->wd != Node::kNoWatch;
  for (auto part = chain.rbegin(); part != chain.rend(); ++part) {
    found.path = found.path.Child((*part)->name);
  }
  return found;
}

bool WatchTree::IsKnown(const RelPath& path) const {
  const Node* node = Lookup(path);
  return node != nullptr && node->known();
}

bool WatchTree::IsWatched(const RelPath& path) const {
  const Node* node = Lookup(path);
  return node != nullptr && node->wd != Node::kNoWatch;
}

std::vector<RelPath> WatchTree::Unwatched() const {
  std::vector<RelPath> paths;
  if (unwatched_ == 0) return paths;
  std::vector<std::pair<const Node*, RelPath>> open = {{root_.get(), RelPath()}};
  while (!open.empty()) {
    auto [node, path] = std::move(open.back());
    open.pop_back();
    if (node->unwatched) paths.push_back(path);
    for (auto child = node->children.rbegin(); child != node->children.rend(); ++child) {
      open.emplace_back(child->second.get(), path.Child(child->first));
    }
  }
  return paths;
}

void WatchTree::BeginSweep() {
  ++epoch_;
}

std::vector<int> WatchTree::EndSweep() {
  std::vector<int> dropped;
  std::vector<Node*> order = {root_.get()};
  for (size_t i = 0; i < order.size(); ++i) {
    for (auto& [name, child] : order[i]->children) order.push_back(child.get());
  }
  // Children before their parents, so that a parent that has become empty goes too.
  for (auto node = order.rbegin(); node != order.rend(); ++node) {
    if ((*node)->epoch < epoch_) ClearWatch(*node, &dropped);
    if (*node != root_.get() && !(*node)->known() && (*node)->children.empty()) Detach(*node);
  }
  return dropped;
}

}  // namespace atozsync
