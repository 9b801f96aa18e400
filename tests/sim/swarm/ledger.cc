#include "tests/sim/swarm/ledger.h"

#include <algorithm>
#include <charconv>
#include <unordered_set>

#include "sync/engine/hasher.h"
#include "sync/engine/meta_keys.h"

namespace atozsync::swarm {

namespace {

bool IsAgents(const std::string& path) {
  return path == ".atozsync" || path.starts_with(".atozsync/");
}

AuthorId AuthorOf(SimNode& node) {
  AuthorId author = 0;
  std::string text = node.index().Meta(meta::kAuthor).value_or("0");
  std::from_chars(text.data(), text.data() + text.size(), author);
  return author;
}

uint64_t CounterIn(const IndexBatch& batch, SimNode& node) {
  auto stored = batch.meta.find(meta::kCounter);
  std::string text =
      stored != batch.meta.end() ? stored->second : node.index().Meta(meta::kCounter).value_or("0");
  uint64_t counter = 0;
  std::from_chars(text.data(), text.data() + text.size(), counter);
  return counter;
}

}  // namespace

void Ledger::Watch(SimNode& node) {
  node.files().AddListener([this, &node](const FsChange& change) { OnChange(node, change); });
  node.SetCommitHook([this, &node](MemIndex::CommitStage stage, const IndexBatch& batch) {
    if (stage == MemIndex::CommitStage::kBefore) OnCommit(node, batch);
    return Status::Ok();
  });
}

void Ledger::NoteIndexToBeSetBack(SimNode& node) {
  set_back_.insert(AuthorOf(node));
  NoteHistoryLost();
}

void Ledger::NoteIndexSetBack(SimNode& node) {
  NoteIndexToBeSetBack(node);
  witness_.NoteIndexSetBack(node);
}

bool Ledger::UserRemoved(const SimNode& node, const std::string& path) const {
  auto names = names_.find(node.name());
  if (names == names_.end()) return false;
  auto moment = [&path](const std::map<std::string, uint64_t>& moments) {
    auto at = moments.find(path);
    return at == moments.end() ? 0 : at->second;
  };
  uint64_t since = moment(names->second.placed_by_agent);
  // Made again as the folder of something that was about to come, which the power took back before
  // a row told of it: then it is gone as its user left it.
  bool taken_back = moment(names->second.committed) < since && !node.files().Exists(path);
  if (taken_back) since = moment(names->second.placed_before);
  return LatestAtOrAbove(names->second.removed_by_user, path) > since;
}

bool Ledger::AskedToGo(const std::string& node, const IndexRow& row) const {
  auto names = names_.find(node);
  return names != names_.end() && names->second.asked_to_go.contains(row.path.str()) &&
         (row.reason.starts_with("resolved") || row.reason.starts_with("undone"));
}

void Ledger::OnChange(SimNode& node, const FsChange& change) {
  witness_.OnChange(node, change);
  const std::string& path = change.path.str();
  if (IsAgents(path)) return;
  ++now_;
  bool gone = change.kind == FsChange::Kind::kRemoved || change.kind == FsChange::Kind::kMovedFrom;
  if (change.by_user) {
    if (gone) names_[node.name()].removed_by_user[path] = now_;
    bool came = change.kind == FsChange::Kind::kClosed || change.kind == FsChange::Kind::kMovedTo;
    if (came) OnPutByUser(node, change);
    return;
  }
  if (gone) {
    OnTakenAway(node, change);
  } else if (change.kind == FsChange::Kind::kMade || change.kind == FsChange::Kind::kMovedTo) {
    Names& names = names_[node.name()];
    uint64_t& placed = names.placed_by_agent[path];
    names.placed_before[path] = placed;
    placed = now_;
    if (!change.is_dir) OnPlaced(node, path);
  }
}

void Ledger::NotePut(const std::string& path, const std::string& content) {
  put_at_[content] = path;
  ++times_put_[{path, content}];
}

void Ledger::OnPutByUser(SimNode& node, const FsChange& change) {
  const std::string& path = change.path.str();
  if (!change.is_dir) {
    std::optional<std::string> content = node.files().ReadFile(path);
    if (!content) return;
    NotePut(path, *content);
    for (const Intent& intent : node.index().Intents()) {
      if (intent.path == change.path) put_in_swap_[{node.name(), path}].insert(*content);
    }
    return;
  }
  for (const auto& [at, entry] : node.files().UserTree()) {
    bool came = at.starts_with(path + "/") && entry.kind == NodeKind::kFile;
    if (came) NotePut(at, entry.content);
  }
}

// Never half a file, never what nobody wrote.
void Ledger::OnPlaced(SimNode& node, const std::string& path) {
  std::optional<std::string> content = node.files().ReadFile(path);
  if (!content) return;
  if (cluster_.written().contains(*content) || cluster_.partial().contains(*content)) return;
  cluster_.Violate("not written: " + node.name() + ": at " + path + " the agent put '" +
                   content->substr(0, 40) + "', " + std::to_string(content->size()) +
                   " bytes that nobody wrote");
}

// A reader never finds a replaced name missing: only what is to be gone may go.
void Ledger::OnTakenAway(SimNode& node, const FsChange& change) {
  if (change.is_dir) return;
  for (const Intent& intent : node.index().Intents()) {
    if (intent.path != change.path || intent.row.version.kind == VersionKind::kFile) continue;
    std::optional<IndexRow> row = node.index().Get(change.path);
    const std::vector<ContentHash>& chain = intent.row.version.chain;
    bool same_bytes = row && !chain.empty() && chain.front() == row->version.hash;
    if (same_bytes) deleted_bytes_.insert({change.path.str(), row->version.hash});
    return;
  }
  cluster_.Violate("missing: " + node.name() + ": the agent took " + change.path.str() +
                   " away although it is not to go");
}

void Ledger::NoteTakenBack(SimNode& node, const IndexBatch& batch) {
  for (const Intent& intent : node.index().Intents()) {
    const std::vector<uint64_t>& over = batch.erased_intents;
    if (std::find(over.begin(), over.end(), intent.id) == over.end()) continue;
    auto put = put_in_swap_.extract({node.name(), intent.path.str()});
    bool done = std::any_of(batch.rows.begin(), batch.rows.end(),
                            [&](const IndexRow& row) { return row.path == intent.path; });
    if (put.empty() || done) continue;
    for (const std::string& content : put.mapped()) {
      put_over_taken_back_.insert({intent.path.str(), content});
    }
  }
}

void Ledger::OnCommit(SimNode& node, const IndexBatch& batch) {
  NoteTakenBack(node, batch);
  AuthorId author = AuthorOf(node);
  witness_.OnCommit(node, author, batch);
  brake_.OnCommit(node, batch);
  if (batch.rows.empty()) return;
  if (set_back_.contains(author)) return NoteRows(node, batch);
  // What is not remembered here would be given again after a crash.
  uint64_t last = CounterIn(batch, node);
  for (const IndexRow& row : batch.rows) {
    bool found = row.reason.starts_with("only-here") || row.reason.starts_with("adopt-");
    if (found) without_history_.insert({row.path.str(), row.version.hash});
    CheckCounter(node, author, last, row);
    if (row.version.dot.author == author) CheckOwnVersion(node, row);
  }
  NoteRows(node, batch);
}

void Ledger::NoteRows(SimNode& node, const IndexBatch& batch) {
  ++now_;
  for (const IndexRow& row : batch.rows) {
    names_[node.name()].committed[row.path.str()] = now_;
    const std::vector<ContentHash>& chain = row.version.chain;
    if (!chain.empty()) replaced_bytes_.insert({row.path.str(), chain.front()});
  }
}

// By the vector: a change of the time alone has a number, but no dot of its own.
void Ledger::CheckCounter(const SimNode& node, AuthorId author, uint64_t last,
                          const IndexRow& row) {
  uint64_t own = row.version.vector.CounterOf(author);
  if (own == 0) return;
  auto [given, is_new] = given_.try_emplace(Dot{author, own}, row.path);
  if (given->second != row.path) {
    cluster_.Violate("counter: " + node.name() + " gave the number of " + given->second.str() +
                     " to " + row.path.str() + " again");
  }
  if (own <= last) return;
  cluster_.Violate("counter: " + node.name() + " does not remember " + std::to_string(own) +
                   ", of " + row.path.str());
}

void Ledger::CheckOwnVersion(const SimNode& node, const IndexRow& row) {
  const FileVersion& version = row.version;
  auto [known, is_new] = made_.try_emplace(version.dot, Made{row.path, version.kind, version.hash});
  const Made& made = known->second;
  if (!is_new) {
    if (made.path == row.path && made.kind == version.kind && made.hash == version.hash) return;
    cluster_.Violate("counter: " + node.name() + " gave the number of " + made.path.str() + " to " +
                     row.path.str() + " again");
    return;
  }
  if (version.exists() || UserRemoved(node, row.path.str())) return;
  if (AskedToGo(node.name(), row)) return;
  cluster_.Violate("tombstone: " + node.name() + " says that " + row.path.str() +
                   " was deleted, which nobody did (" + row.reason + ")");
}

// Where the records of a conflict went with the indexes of all who had them, and nobody found them
// again as long as anything is kept, its losing bytes are a kept version like others.
bool Ledger::ForgottenByAll(const std::string& content) const {
  const int64_t kept_ns = ReplicaOptions().keep_versions_ms * kMs;
  if (!history_lost_ || cluster_.scheduler().now_ns() < kept_ns) return false;
  const ContentHash hash = HashOf(SimClusterSecret(), AsBytes(content));
  for (auto& [name, node] : cluster_.nodes()) {
    for (const ConflictRecord& record : node->index().Conflicts()) {
      if (record.loser.hash == hash) return false;
    }
  }
  return true;
}

void Ledger::NoteForgotten() {
  std::unordered_set<std::string> standing;
  for (auto& [name, node] : cluster_.nodes()) {
    for (const auto& [path, entry] : node->files().UserTree()) standing.insert(entry.content);
  }
  for (const std::string& content : cluster_.written()) {
    if (!standing.contains(content) && ForgottenByAll(content)) cluster_.NoteReleased(content);
  }
}

void Ledger::CheckNothingLost() {
  std::unordered_set<std::string_view> found;
  for (auto& [name, node] : cluster_.nodes()) {
    node->files().VisitVolume(
        [&](std::string_view, ByteSpan content) { found.insert(AsText(content)); });
  }
  for (const std::string& content : cluster_.written()) {
    if (found.contains(content) || cluster_.released().contains(content)) continue;
    if (ForgottenByAll(content)) continue;
    cluster_.Violate("lost: '" + content.substr(0, 60) + "' is nowhere any more");
    return;
  }
}

bool Ledger::IsAncestor(const std::string& path, const std::string& older, const std::string& newer,
                        std::set<std::string>& seen) const {
  auto at = cluster_.overwrites().find({path, newer});
  if (at == cluster_.overwrites().end() || !seen.insert(newer).second) return false;
  if (at->second.contains(older)) return true;
  for (const std::string& between : at->second) {
    if (IsAncestor(path, older, between, seen)) return true;
  }
  return false;
}

void Ledger::CheckConflicts() {
  witness_.CheckEnd();
  if (history_lost_ || cluster_.nodes().empty()) return;
  std::map<ContentHash, const std::string*> by_hash;
  for (const std::string& content : cluster_.written()) {
    by_hash[HashOf(SimClusterSecret(), AsBytes(content))] = &content;
  }
  std::unordered_set<std::string_view> standing;
  SimNode& first = *cluster_.nodes().begin()->second;
  Tree tree = first.files().UserTree();
  for (const auto& [path, entry] : tree) standing.insert(entry.content);
  std::unordered_set<std::string_view> logged;
  for (const ConflictRecord& record : first.index().Conflicts()) {
    auto loser = by_hash.find(record.loser.hash);
    if (record.loser.kind != VersionKind::kFile || loser == by_hash.end()) continue;
    logged.insert(*loser->second);
    auto winner = by_hash.find(record.winner.hash);
    bool two_edits = record.winner.kind == VersionKind::kFile && winner != by_hash.end() &&
                     record.kind != ConflictKind::kCase && record.kind != ConflictKind::kLateWrite;
    const std::string& path = record.path.str();
    if (!two_edits || moved_.contains(path)) continue;
    // Saved over what stood there for the instant of a swap that was taken back: the agent says
    // rather too much.
    if (put_over_taken_back_.contains({path, *winner->second})) continue;
    // Also where the copy was announced before the first one's own agent had looked at its file, or
    // at what was saved over it.
    bool no_history = record.rule.starts_with("adopt-") ||
                      without_history_.contains({path, record.loser.hash}) ||
                      without_history_.contains({path, record.winner.hash});
    bool of_a_copy = copied_.contains(path) && no_history;
    if (of_a_copy) continue;
    std::set<std::string> seen;
    if (!IsAncestor(path, *loser->second, *winner->second, seen)) continue;
    cluster_.Violate("false conflict: at " + path + " '" + winner->second->substr(0, 20) +
                     "' was saved over '" + loser->second->substr(0, 20) + "'");
  }
  if (decided_) return;
  for (const std::string& content : cluster_.written()) {
    if (cluster_.released().contains(content)) continue;
    if (standing.contains(content) || logged.contains(content)) continue;
    // The chain rule takes equal bytes at one path for the same thing (docs/reconcile.md): who puts
    // there anew what somebody else has just deleted there loses it with that deletion. So he does
    // where another one, who had the same bytes there, moved them away for others, before or after
    // he himself did and put them back.
    auto put_at = put_at_.find(content);
    ContentHash hash = HashOf(SimClusterSecret(), AsBytes(content));
    if (put_at != put_at_.end()) {
      const std::string& path = put_at->second;
      bool again = times_put_.at({path, content}) > 1;
      if (deleted_bytes_.contains({path, hash})) continue;
      if (again && replaced_bytes_.contains({path, hash})) continue;
    }
    cluster_.Violate("not logged: '" + content.substr(0, 40) +
                     "' is not in the folder, nobody took it away, and no conflict tells of it");
  }
}

}  // namespace atozsync::swarm
