#include "tests/sim/swarm/witness.h"

#include <algorithm>

#include "sync/engine/hasher.h"

namespace atozsync::swarm {

namespace {

constexpr int64_t kSleptNs = 3'600 * kSecond;  // no history is that long without a year in it

bool IsAgents(std::string_view path) {
  return path.starts_with(".atozsync/");
}
bool IsKept(std::string_view path) {
  return path.starts_with(".atozsync/versions/") || path.starts_with(".atozsync/conflicts/");
}

ContentHash HashOfText(const std::string& content) {
  return HashOf(SimClusterSecret(), AsBytes(content));
}

bool ByUser(const IndexRow& row) {
  return row.reason.starts_with("local-");
}

// A person chose what is to stand, and had before him what stands there.
bool ByDecision(const IndexRow& row) {
  return row.reason.starts_with("restored") || row.reason.starts_with("resolved") ||
         row.reason.starts_with("undone");
}

bool Covers(const VersionVector& vector, const Dot& dot) {
  return vector.CounterOf(dot.author) >= dot.counter;
}

bool Within(const FileVersion& version, const VersionVector& vector) {
  return vector.Merged(version.vector) == vector;
}

// Where a deletion is heard of and nothing was known to stand, nothing is taken away: what a user
// has there by then is still to be found.
bool ChangesFolder(const std::optional<IndexRow>& old, const FileVersion& version) {
  if (!old || !old->version.exists()) return version.exists();
  return !old->version.SameContent(version) || old->version.mtime_ns != version.mtime_ns;
}

// The agent learned by this row what stands there, by looking or by a swap. Where versions only
// merge, it goes on believing what it believed, whatever its user has done since.
bool SaysWhatStands(const std::optional<IndexRow>& old, const IndexRow& row) {
  return !old || ChangesFolder(old, row.version) || !(old->stamp == row.stamp);
}

uint64_t At(const std::map<std::string, uint64_t>& moments, const std::string& path) {
  auto found = moments.find(path);
  return found == moments.end() ? 0 : found->second;
}

}  // namespace

uint64_t LatestAtOrAbove(const std::map<std::string, uint64_t>& moments, const std::string& path) {
  uint64_t latest = 0;
  for (size_t end = path.size();;) {
    latest = std::max(latest, At(moments, path.substr(0, end)));
    size_t slash = end == 0 ? std::string::npos : path.rfind('/', end - 1);
    if (slash == std::string::npos) return latest;
    end = slash;
  }
}

void Witness::OnChange(SimNode& node, const FsChange& change) {
  if (!change.by_user) return;
  Machine& machine = machines_[node.name()];
  const std::string& path = change.path.str();
  machine.acted[path] = ++now_;
  machine.kept_written = machine.kept_written || IsAgents(path);
  if (!change.is_dir) {
    NoteOpen(node, machine, change);
    return NoteMade(node, machine, path);
  }
  if (change.kind != FsChange::Kind::kMovedTo) return;
  for (const auto& [below, entry] : node.files().UserTree()) {
    if (below.starts_with(path + "/")) NoteMade(node, machine, below);
  }
}

void Witness::NoteOpen(SimNode& node, Machine& machine, const FsChange& change) {
  const std::string& path = change.path.str();
  std::optional<TreeNode> file = node.files().Look(path);
  int64_t wall_ns = node.clock().WallNs();
  // A time that was set, or that is coarse, does not tell when the file was written.
  bool written = change.kind == FsChange::Kind::kWritten && file && file->mtime_ns == wall_ns;
  int64_t now_ns = cluster_.scheduler().now_ns();
  if (change.kind != FsChange::Kind::kWritten) machine.closed_ns = now_ns;
  int64_t since_ns = now_ns - machine.closed_ns;
  // Where all slept in between, what came before is still on its way.
  bool late = machine.closed_ns >= 0 && (since_ns < close_late_ms_ * kMs || since_ns > kSleptNs);
  if (written && !late) {
    machine.writing[path] = wall_ns;
  } else {
    machine.writing.erase(path);
  }
}

void Witness::NoteMade(SimNode& node, Machine& machine, const std::string& path) {
  std::optional<TreeNode> file = node.files().Look(path);
  if (!file || file->kind != NodeKind::kFile) return;
  machine.made.emplace(HashOfText(file->content), file->mtime_ns);
}

void Witness::LookAtIndex(SimNode& node, Machine& machine, const IndexBatch& batch) {
  uint64_t id = node.index().index_id();
  Sequence sequence = node.index().last_sequence();
  bool another = machine.index_id != 0 && machine.index_id != id;
  machine.index_lost = machine.index_lost || another || sequence < machine.sequence;
  machine.index_id = id;
  machine.sequence = sequence + batch.rows.size() + batch.conflicts.size();
}

void Witness::OnCommit(SimNode& node, AuthorId author, const IndexBatch& batch) {
  Machine& machine = machines_[node.name()];
  LookAtIndex(node, machine, batch);
  ++now_;
  if (machine.joined == 0) machine.joined = now_;
  for (const Intent& intent : batch.intents) {
    const std::string& path = intent.path.str();
    machine.begun[path] = now_;
    if (intent.staged.is_root()) {
      machine.times_set[path].insert(node.files().TimeAsKept(intent.row.version.mtime_ns));
    }
  }
  for (const IndexRow& row : batch.rows) {
    const std::string& path = row.path.str();
    const FileVersion& version = row.version;
    std::optional<IndexRow> old = node.index().Get(row.path);
    VersionVector& known = machine.known[path];
    known = known.Merged(version.vector);
    // A change of the time alone has a number, but no dot of its own.
    Dot change{author, version.vector.CounterOf(author)};
    bool made_now = change.counter != 0 && !changes_.contains(change);
    if (!version.complete_by.empty()) complete_[path] = complete_[path].Merged(version.vector);
    if (made_now && (ByUser(row) || ByDecision(row))) {
      changes_.insert(change);
      if (version.dot == change) knowledge_[change] = ByUser(row) ? known : version.vector;
      acts_[path].push_back({node.name(), version, now_, complete_[path], known, ByDecision(row)});
    }
    if (made_now && ByUser(row) && version.kind == VersionKind::kFile) {
      CheckOwnEdit(node, machine, row);
      CheckStill(node, machine, row);
    }
    if (made_now && row.reason.starts_with("only-here")) NoteGiven(node, row);
    if (!ByUser(row) && !row.unversioned && old) CheckKept(node, machine, *old, row);
    // That a folder goes brings no file: one that stands there was made by a user, maybe before.
    bool folder_goes = old && old->version.kind == VersionKind::kDir && !version.exists();
    if (!ByUser(row) && !folder_goes && ChangesFolder(old, version)) {
      machine.got[path] = At(machine.begun, path);
    }
    if (SaysWhatStands(old, row)) machine.committed[path] = now_;
  }
}

// A version is what a user of this machine really made there, and nothing else is one.
void Witness::CheckOwnEdit(SimNode& node, const Machine& machine, const IndexRow& row) {
  if (machine.index_lost || machine.away) return;
  const std::string& path = row.path.str();
  bool made = machine.made.contains({row.version.hash, row.version.mtime_ns});
  // Where a program wrote to what a swap had just taken out, recovery may give it back its name.
  bool since = LatestAtOrAbove(machine.acted, path) > At(machine.got, path) || machine.kept_written;
  // In the very instant in which the agent sets a time, a program's bytes get that time.
  auto set = machine.times_set.find(path);
  bool in_that_instant =
      set != machine.times_set.end() && set->second.contains(row.version.mtime_ns);
  if ((made || in_that_instant) && since) return;
  cluster_.Violate("edit: " + node.name() + " says that " + path + " was changed there (" +
                   row.reason + "), which nobody did" +
                   (made ? " since it came from elsewhere" : ""));
}

// Not in the middle of being written, as far as one can know.
void Witness::CheckStill(SimNode& node, const Machine& machine, const IndexRow& row) {
  auto writing = machine.writing.find(row.path.str());
  if (writing == machine.writing.end() || row.version.mtime_ns != writing->second) return;
  // A program that was cut short by a power loss has closed it, too.
  if (!node.files().IsOpenForWriting(row.path.str())) return;
  int64_t still_ms = (node.clock().WallNs() - writing->second) / kMs;
  if (still_ms < 0 || still_ms >= still_ms_) return;
  cluster_.Violate("being written: " + node.name() + " announces " + row.path.str() + " " +
                   std::to_string(still_ms) + " ms after a write to it, and it is still open");
}

// What was replaced or deleted in the folder is in the kept versions.
void Witness::CheckKept(SimNode& node, const Machine& machine, const IndexRow& old,
                        const IndexRow& row) {
  if (machine.index_lost || machine.kept_written) return;
  bool replaced = old.version.kind == VersionKind::kFile && !old.version.SameContent(row.version);
  if (!replaced) return;
  const std::string& path = row.path.str();
  // Its user was faster, so that there was something else to keep, or nothing.
  if (LatestAtOrAbove(machine.acted, path) > At(machine.committed, path)) return;
  bool found = false;
  node.files().VisitVolume([&](std::string_view at, ByteSpan bytes) {
    found = found || (IsKept(at) && HashOf(SimClusterSecret(), bytes) == old.version.hash);
  });
  if (found) return;
  cluster_.Violate("not kept: " + node.name() + ": what stood at " + path +
                   " is not in the kept versions (" + row.reason + ")");
}

void Witness::NoteGiven(SimNode& node, const IndexRow& row) {
  for (const Need& need : node.index().NeedsOf(row.path)) {
    given_too_early_.emplace(row.version.dot, need.version.dot);
  }
}

bool Witness::Knew(const Dot& later, const Dot& earlier) const {
  auto known = knowledge_.find(later);
  return known != knowledge_.end() && later != earlier && Covers(known->second, earlier);
}

void Witness::CheckEnd() {
  if (cluster_.nodes().empty()) return;
  std::set<std::string> logged;
  bool index_lost = false;
  for (const auto& [name, machine] : machines_) index_lost = index_lost || machine.index_lost;
  for (const ConflictRecord& record : cluster_.nodes().begin()->second->index().Conflicts()) {
    logged.insert(record.path.str());
    if (given_too_early_.contains({record.winner.dot, record.loser.dot})) {
      cluster_.Violate("old copy: at " + record.path.str() +
                       " content without history won against what was announced by then (" +
                       record.rule + ")");
    }
    if (!index_lost) CheckRecord(record);
  }
  if (!index_lost) CheckDeletions(logged);
}

// A deletion that all had forgotten but one, whose power went in that moment: it joined a later one
// there. Nobody can tell it from news, and one question too many is asked.
bool Witness::JoinedForgotten(const ConflictRecord& record) const {
  const std::string& path = record.path.str();
  auto acts = acts_.find(path);
  auto complete = complete_.find(path);
  if (record.loser.exists() || acts == acts_.end() || complete == complete_.end()) return false;
  // As it was made: the record has what it was joined to.
  return std::any_of(acts->second.begin(), acts->second.end(), [&](const Act& act) {
    const VersionVector& made = act.version.vector;
    return act.version.dot == record.winner.dot && !Within(record.loser, made) &&
           Within(record.loser, made.Merged(complete->second));
  });
}

// A conflict is between two who did not know of each other, and the later seen edit has won it.
void Witness::CheckRecord(const ConflictRecord& record) {
  bool compared = record.kind == ConflictKind::kEditEdit ||
                  record.kind == ConflictKind::kCreateCreate ||
                  record.kind == ConflictKind::kEditDelete;
  if (!compared) return;
  if (record.kind == ConflictKind::kEditDelete && !record.winner.exists()) {
    cluster_.Violate("deletion won: at " + record.path.str() + ", against an edit (" + record.rule +
                     ")");
  }
  if (JoinedForgotten(record)) return;
  auto knew = knowledge_.find(record.winner.dot);
  bool knew_all = knew != knowledge_.end() && knowledge_.contains(record.loser.dot) &&
                  Within(record.loser, knew->second);
  if (knew_all) {
    cluster_.Violate("false conflict: at " + record.path.str() + ": who made the winner had the " +
                     "loser " + record.loser.vector.ToString() + " before him (" + record.rule +
                     ")");
  }
  if (record.rule.starts_with("edit-edit") && record.winner.hlc < record.loser.hlc) {
    cluster_.Violate("rank: at " + record.path.str() + " the earlier seen edit won (" +
                     record.rule + ")");
  }
}

// Who joins after a deletion that all members have acknowledged need not hear of it any more, and
// who makes a file for a decision does not remember it.
bool Witness::CameTooLate(const Act& edit, const Act& deletion) const {
  return (edit.decided || machines_.at(edit.machine).joined > deletion.at) &&
         Covers(edit.complete, deletion.version.dot);
}

// Was the act passed over by somebody who had it, or the very bytes that it left, before him?
bool Witness::PassedOver(const Act& act, const std::vector<Act>& acts) const {
  return std::any_of(acts.begin(), acts.end(), [&](const Act& other) {
    bool same_bytes = !other.version.exists() && act.version.kind == VersionKind::kFile &&
                      other.version.ChainHas(act.version.hash);
    // The dot is of who made the content: nobody made here what one had before he joined, and whose
    // time alone was set.
    bool knew = knowledge_.contains(other.version.dot) ? Knew(other.version.dot, act.version.dot)
                                                       : Covers(other.known, act.version.dot);
    return same_bytes || knew;
  });
}

// Where one deleted what another one edited without knowing of it, a person is asked.
void Witness::CheckDeletions(const std::set<std::string>& logged) {
  for (const auto& [path, acts] : acts_) {
    std::vector<const Act*> last;
    for (const Act& act : acts) {
      bool there = cluster_.nodes().contains(act.machine);
      if (there && !PassedOver(act, acts)) last.push_back(&act);
    }
    for (const Act* deletion : last) {
      for (const Act* edit : last) {
        bool against = !deletion->version.exists() && edit->version.kind == VersionKind::kFile;
        if (!against || CameTooLate(*edit, *deletion) || logged.contains(path)) continue;
        cluster_.Violate("not reviewed: " + path + " was deleted on " + deletion->machine +
                         " and edited on " + edit->machine + ", and no conflict tells of it");
        return;
      }
    }
  }
}

}  // namespace atozsync::swarm
