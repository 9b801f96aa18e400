#include "tests/sim/swarm/brake_watch.h"

#include <algorithm>

#include "sync/engine/meta_keys.h"

namespace atozsync::swarm {

namespace {

constexpr size_t kSameMax = 100;

}  // namespace

bool BrakeWatch::Counts(SimNode& node, const IndexRow& row, const IndexBatch& batch) {
  bool deletion = !row.version.exists() && row.reason.starts_with("local-delete");
  std::optional<IndexRow> old = deletion ? node.index().Get(row.path) : std::nullopt;
  if (!old || old->version.kind != VersionKind::kFile) return false;
  for (const RelPath& same : node.index().FindContent(old->version.hash, kSameMax)) {
    if (same != row.path) return false;  // moved, or one of several
  }
  for (const Need& need : node.index().NeedsOf(row.path)) {
    if (!need.version.exists()) return false;  // deleted elsewhere, too
  }
  // A file took the place of its folder.
  return std::none_of(batch.rows.begin(), batch.rows.end(), [&row](const IndexRow& other) {
    return other.version.kind == VersionKind::kFile && row.path.IsBelow(other.path);
  });
}

void BrakeWatch::OnCommit(SimNode& node, const IndexBatch& batch) {
  if (limit_ == 0) return;
  Machine& machine = machines_[node.name()];
  std::string lives = node.index().Meta(meta::kLives).value_or("");
  if (lives != machine.lives || batch.meta.contains(meta::kBrake)) machine.announced_ms.clear();
  machine.lives = std::move(lives);
  const int64_t now_ms = node.clock().MonoMs();
  std::erase_if(machine.announced_ms,
                [&](const auto& item) { return now_ms - item.second > BrakeOptions().window_ms; });
  bool on = node.index().Meta(meta::kBrake).value_or("0") != "0";
  for (const IndexRow& row : batch.rows) {
    if (!Counts(node, row, batch) || machine.released.erase(row.path) > 0) continue;
    if (on) {
      cluster_.Violate("brake: " + node.name() + " announces that " + row.path.str() +
                       " was deleted while its brake is on");
    }
    machine.announced_ms[row.path] = now_ms;
    if (machine.announced_ms.size() > limit_) {
      cluster_.Violate("brake: " + node.name() + " announces more deletions than " +
                       std::to_string(limit_));
    }
  }
}

void BrakeWatch::NoteReleased(const SimNode& node, const std::vector<HeldFile>& files) {
  for (const HeldFile& file : files) machines_[node.name()].released.insert(file.path);
}

}  // namespace atozsync::swarm
