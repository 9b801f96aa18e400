// What people decide about versions: which side of a conflict stands, that they have changed their
// mind, and that an older version is to come back.
#include "sync/engine/hasher.h"
#include "tests/sim/swarm/stage.h"

namespace atozsync::swarm {

void Stage::Resolve(SimNode& node, const Step& step) {
  if (!node.running()) return;
  std::vector<ConflictRecord> open;
  for (const ConflictRecord& record : node.replica().Conflicts()) {
    if (record.state == ConflictState::kOpen) open.push_back(record);
  }
  if (open.empty()) return;
  const ConflictRecord& record = open[step.x % open.size()];
  Keep keep = static_cast<Keep>(step.y % 3);
  const std::string& path = record.path.str();
  ledger_.NoteMoved(path);
  ledger_.NoteDecision();
  if (keep == Keep::kBoth) cluster_.AllowPrefix(path + " (");
  // He knows what he gives up, also where the record is here before the bytes are.
  if (keep == Keep::kWinner) ReleaseContent(record.loser.hash);
  if (keep == Keep::kLoser) ReleaseContent(record.winner.hash);
  if (keep == Keep::kLoser) cluster_.Release(node.name(), path);
  bool to_go = keep == Keep::kLoser && record.loser.kind == VersionKind::kTombstone;
  if (to_go) ledger_.NoteAskedRemoval(node.name(), path);
  static constexpr const char* kWords[] = {"winner", "loser", "both"};
  Narrate(node.name() + " keeps the " + kWords[step.y % 3] + " of the conflict at " + path);
  node.replica().ResolveConflict(
      record.id, keep, [this, to_go, who = node.name(), path = record.path.str()](const Status&) {
        if (to_go) ledger_.NoteAnsweredRemoval(who, path);
      });
}

// Whoever decided, and wherever.
void Stage::Undo(SimNode& node, const Step& step) {
  if (!node.running()) return;
  std::vector<ConflictRecord> decided;
  for (const ConflictRecord& record : node.replica().Conflicts()) {
    bool open = record.state == ConflictState::kOpen || record.state == ConflictState::kGone;
    if (!open) decided.push_back(record);
  }
  if (decided.empty()) return;
  const ConflictRecord& record = decided[step.x % decided.size()];
  const std::string& path = record.path.str();
  ledger_.NoteMoved(path);
  ledger_.NoteDecision();
  std::vector<std::string> to_go;
  if (record.state == ConflictState::kKeptBoth) {
    // Also one that its user has deleted meanwhile: it may be coming back.
    for (const IndexRow& row : node.index().Children(record.path.parent())) {
      if (row.path.str().starts_with(path + " (")) to_go.push_back(row.path.str());
    }
  } else {
    cluster_.Release(node.name(), path);
  }
  for (const std::string& at : to_go) ledger_.NoteAskedRemoval(node.name(), at);
  Narrate(node.name() + " takes back the decision about the conflict at " + path);
  node.replica().UndoDecision(record.id, [this, to_go, who = node.name()](const Status&) {
    for (const std::string& at : to_go) ledger_.NoteAnsweredRemoval(who, at);
  });
}

void Stage::ReleaseContent(const ContentHash& hash) {
  for (const std::string& content : cluster_.written()) {
    if (HashOf(SimClusterSecret(), AsBytes(content)) == hash) cluster_.NoteReleased(content);
  }
}

void Stage::Restore(SimNode& node, const Step& step) {
  std::string path = Standing(node, NodeKind::kFile, step.x);
  if (path.empty() || !node.running()) return;
  std::vector<HistoryEntry> history = node.replica().History(RelPath::Trusted(path));
  std::erase_if(history, [](const HistoryEntry& entry) { return entry.id == "live"; });
  if (history.empty()) return;
  const HistoryEntry& entry = history[step.y % history.size()];
  cluster_.Release(node.name(), path);
  ledger_.NoteMoved(path);
  ledger_.NoteDecision();
  Narrate(node.name() + " restores " + path + " as of " + entry.id);
  node.replica().Restore(RelPath::Trusted(path), entry.id, [](const Status&) {});
}

}  // namespace atozsync::swarm
