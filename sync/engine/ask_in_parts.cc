#include "sync/engine/ask_in_parts.h"

#include <utility>

#include "sync/base/probe.h"

namespace atozsync {

namespace {

constexpr size_t kToAskMax = 5'000;  // folders; more are the whole root

}  // namespace

void AskInParts::AskAllAt(const RelPath& dir) {
  if (to_ask_.size() >= kToAskMax) {
    to_ask_.clear();
    to_ask_[RelPath()] = RelPath();
  } else {
    to_ask_[dir] = dir;
  }
  if (std::exchange(asking_, true)) return;
  core_.Post([this] { AskSome(); });
}

bool AskInParts::AskSomeAt(const RelPath& dir, RelPath& from, size_t& left) {
  bool over = true;
  walk_(from, [&](const RelPath& path, bool ask) {
    // "S/a b" sorts between "S/a" and "S/a/x".
    if (!path.str().starts_with(dir.str())) return false;
    if (left == 0) {
      from = path;
      over = false;
      return false;
    }
    --left;
    if (ask && path.IsAtOrBelow(dir)) questions_->Ask(path);
    return true;
  });
  return over;
}

void AskInParts::AskSome() {
  asking_ = false;
  size_t left = kAskedPerTurn;
  while (!to_ask_.empty() && left > 0) {
    auto first = to_ask_.begin();
    --left;  // a look counts, too
    if (AskSomeAt(first->first, first->second, left)) to_ask_.erase(first);
  }
  if (to_ask_.empty()) return;
  Probe(ProbeId::kGateAskedInParts);
  asking_ = true;
  core_.Post([this] { AskSome(); });
}

}  // namespace atozsync
