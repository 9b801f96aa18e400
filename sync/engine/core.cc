#include "sync/engine/core.h"

#include <algorithm>

#include "sync/base/planted_fault.h"
#include "sync/base/probe.h"
#include "sync/engine/meta_keys.h"
#include "sync/engine/meta_values.h"

namespace atozsync {

namespace {

// The lower bits count within one millisecond, so that the upper ones can be read as a date.

}  // namespace

Core::Core(const Replica::Parts& parts, ReplicaOptions opts)
    : clock(parts.clock),
      random(parts.random),
      executor(parts.executor),
      files(parts.files),
      index(parts.index),
      transport(parts.transport),
      hints(parts.hints),
      host(parts.host),
      options(std::move(opts)),
      ignore(options.ignore),
      secret(std::make_shared<const Bytes>(options.cluster_secret)),
      upload(parts.clock, parts.executor) {
  upload.Set(options.upload_limit);
}

Status Core::Load() {
  auto number = [&](const char* key) { return ParseNumber(index.Meta(key).value_or("0")); };
  author_ = number(meta::kAuthor);
  if (author_ == 0 || ReplicaPrefixOf(author_) != prefix()) {
    return {Errc::kCorrupt, "the index does not belong to this replica"};
  }
  counter_ = number(meta::kCounter);
  hlc_ = number(meta::kHlc);
  forgotten_.clear();
  for (auto [author, counter] : ParsePairs(index.Meta(meta::kForgotten).value_or(""))) {
    forgotten_[author] = counter;
  }
  authors_here_.clear();
  for (auto [author, unused] : ParsePairs(index.Meta(meta::kAuthorsHere).value_or(""))) {
    authors_here_.insert(author);
  }
  adopting_ = number(meta::kAdopting) != 0;
  authority_ = static_cast<Authority>(number(meta::kAuthority));
  bool kept_time = index.Meta(meta::kRetention).has_value();
  retention.Start(kept_time ? static_cast<int64_t>(number(meta::kRetention)) : clock.WallMs(),
                  clock.MonoMs());
  return Status::Ok();
}

Status Core::BeginLife(const std::vector<ReplicaId>& peers) {
  lives_.clear();
  for (auto [number, start] : ParsePairs(index.Meta(meta::kLives).value_or(""))) {
    lives_.push_back({number, start});
  }
  bool old_one_goes_on = Planted(PlantedFault::kKeepLife) && !lives_.empty();
  if (!old_one_goes_on) lives_.push_back({random.NextU64() | 1, index.last_sequence()});
  if (lives_.size() > kLivesMax) lives_.erase(lives_.begin());
  std::string text;
  for (const Life& each : lives_) AppendPair(text, each.number, each.start);
  IndexBatch batch;
  batch.meta[meta::kLives] = text;
  const std::string rules = index.Meta(meta::kIgnoreRules).value_or("");
  batch.meta.emplace(meta::kIgnoreRules, ignore.text());
  if (rules.empty() || rules == ignore.text()) return index.Commit(batch);
  for (const ReplicaId& id : peers) {
    PeerPosition position = index.Peer(id);
    if (position.received == 0) continue;
    Probe(ProbeId::kRulesChanged);
    position.received = 0;
    batch.peers[id] = position;
  }
  return index.Commit(batch);
}

bool Core::Remembers(uint64_t life_number, Sequence sequence) const {
  if (Planted(PlantedFault::kAcceptOldIndex)) return true;
  if (sequence > index.last_sequence()) return false;
  if (life_number == 0) return true;
  for (size_t i = 0; i < lives_.size(); ++i) {
    if (lives_[i].number != life_number) continue;
    return i + 1 == lives_.size() || sequence <= lives_[i + 1].start;
  }
  return lives_.size() >= kLivesMax;
}

Task Core::Guard(Task task) {
  return [alive = std::weak_ptr<int>(alive_), task = std::move(task)]() mutable {
    if (!alive.expired()) task();
  };
}

uint64_t Core::NextHlc() {
  int64_t wall_ms = clock.WallMs();
  uint64_t wall = wall_ms > 0 ? static_cast<uint64_t>(wall_ms) << kHlcShift : 0;
  hlc_ = std::max(hlc_ + 1, wall);
  return hlc_;
}

Status Core::CommitHlc() {
  IndexBatch batch;
  batch.meta[meta::kHlc] = std::to_string(hlc_);
  return Commit(batch);
}

void Core::ObserveHlc(uint64_t hlc) {
  hlc_ = std::max(hlc_, std::min(hlc, kHlcSeenMax));
}

uint64_t Core::NextCounter([[maybe_unused]] const IndexRow* row) {
  // Only so that these faults do harm instead of stopping the program.
  bool behind = Planted(PlantedFault::kForgetCounter) || Planted(PlantedFault::kAcceptOldIndex);
  if (behind && row != nullptr) {
    counter_ = std::max(counter_, row->version.vector.CounterOf(author_));
  }
  return ++counter_;
}

FileVersion Core::NextVersion(const IndexRow* row, VersionKind kind, uint64_t size,
                              const ContentHash& hash, int64_t mtime_ns) {
  FileVersion next;
  next.kind = kind;
  next.size = size;
  next.hash = hash;
  next.mtime_ns = mtime_ns;
  next.hlc = NextHlc();
  next.dot = {author_, NextCounter(row)};
  VersionVector seen;
  if (row != nullptr) {
    seen = row->version.vector;
    next.chain = row->version.SameContent(next) ? row->version.chain : ChainAfter(row->version);
  }
  next.vector = seen.With(author_, counter_);
  if (kind == VersionKind::kTombstone) next.known_by = {prefix()};
  return next;
}

void Core::BeginIncarnationIfTaken(const VersionVector& seen, IndexBatch& batch) {
  if (seen.CounterOf(author_) <= counter_) return;
  while (seen.CounterOf(author_) != 0) {
    author_ = MakeAuthorId(options.id, static_cast<uint32_t>(random.NextU64()));
  }
  counter_ = 0;
  Log(LogLevel::kWarning,
      "a peer knows changes of this replica that it never made: its next ones are counted anew");
  batch.meta[meta::kAuthor] = std::to_string(author_);
  batch.meta[meta::kCounter] = "0";
  if (authors_here_.empty()) return;
  authors_here_.insert(author_);
  if (authors_here_.size() > kAuthorsHereMax) authors_here_.clear();
  std::string text;
  for (AuthorId author : authors_here_) AppendPair(text, author, 0);
  batch.meta[meta::kAuthorsHere] = text;
}

bool Core::MadeChangesHere(AuthorId author) const {
  return ReplicaPrefixOf(author) == prefix() &&
         (authors_here_.empty() || authors_here_.contains(author));
}

void Core::NoteForgotten(const FileVersion& tombstone, IndexBatch& batch) {
  bool grown = false;
  for (const VersionVector::Entry& entry : tombstone.vector.entries()) {
    if (ReplicaPrefixOf(entry.author) != prefix()) continue;
    bool known = forgotten_.contains(entry.author);
    if (!known && forgotten_.size() >= kForgottenMax) continue;
    uint64_t& up_to = forgotten_[entry.author];
    grown = grown || entry.counter > up_to;
    up_to = std::max(up_to, entry.counter);
  }
  if (!grown) return;
  std::string text;
  for (const auto& [author, counter] : forgotten_) AppendPair(text, author, counter);
  batch.meta[meta::kForgotten] = text;
}

uint64_t Core::ForgottenUpTo(AuthorId author) const {
  auto at = forgotten_.find(author);
  return at == forgotten_.end() ? 0 : at->second;
}

FileVersion Core::Versioned(const IndexRow& row) {
  FileVersion version = row.version;
  version.hlc = NextHlc();
  version.dot = {author_, NextCounter(&row)};
  version.vector = version.vector.With(author_, counter_);
  return version;
}

void Core::FinishAdopting(IndexBatch& batch) {
  adopting_ = false;
  batch.meta[meta::kAdopting] = "0";
}

Status Core::Commit(IndexBatch& batch) {
  if (failed()) return {Errc::kCancelled, failure_};
  if (batch.empty()) return Status::Ok();
  if (before_commit) before_commit(batch);
  // An intent's row may be a version made here: after a crash it is committed by the next life,
  // which must not give its number away again.
  if (!batch.rows.empty() || !batch.conflicts.empty() || !batch.intents.empty()) {
    if (!Planted(PlantedFault::kForgetCounter)) {
      batch.meta[meta::kCounter] = std::to_string(counter_);
    }
    batch.meta[meta::kHlc] = std::to_string(hlc_);
  }
  if (!batch.rows.empty() && !names_to_compare) {
    batch.meta[meta::kNamesCompared] = std::to_string(index.last_sequence());
  }
  Status status = index.Commit(batch);
  if (!status.ok()) {
    Probe(ProbeId::kCommitFailed);
    Fail("the index cannot be written: " + status.ToString());
    if (status.Is(Errc::kCorrupt)) {
      host.OnRestartNeeded(RestartReason::kIndexUnusable, status.ToString());
    }
    return status;
  }
  if (after_commit) after_commit(batch);
  if (on_committed && (!batch.rows.empty() || !batch.conflicts.empty())) on_committed(batch);
  return status;
}

void Core::PutConflict(const ConflictRecord& record, IndexBatch& batch) {
  auto joins = [&](const ConflictRecord& other) {
    return CheckJoin(other.winner, record.winner).ok() && CheckJoin(other.loser, record.loser).ok();
  };
  for (ConflictRecord& other : batch.conflicts) {
    if (other.id != record.id) continue;
    if (joins(other)) other = MergeConflicts(other, record);
    return;
  }
  std::optional<ConflictRecord> known = index.Conflict(record.id);
  if (!known) {
    batch.conflicts.push_back(record);
    return;
  }
  if (!joins(*known)) return;
  ConflictRecord merged = MergeConflicts(*known, record);
  if (merged != *known) batch.conflicts.push_back(std::move(merged));
}

void Core::SetConflictState(const ContentHash& id, ConflictState state) {
  std::optional<ConflictRecord> record = index.Conflict(id);
  if (!record) return;
  record->state = state;
  record->state_hlc = NextHlc();
  IndexBatch batch;
  batch.conflicts.push_back(std::move(*record));
  Commit(batch).IgnoreError();
}

void Core::DiscardStaged(const RelPath& staged) {
  if (staged.is_root()) return;
  Async<Status>(
      Lane::kWrite, [fs = &files, staged] { return fs->RemoveFile(staged); },
      [](Status) {});  // what is left is removed at the next start
}

void Core::AddProblem(const RelPath& path, const std::string& text) {
  auto [at, added] = problems_.insert_or_assign(path, text);
  if (!added) return;
  problem_order_.push_back(path);
  Log(LogLevel::kWarning, Printable(path) + ": " + text);
  if (problem_order_.size() > kProblemsMax) {
    problems_.erase(problem_order_.front());
    problem_order_.pop_front();
  }
}

void Core::ClearProblem(const RelPath& path) {
  if (problems_.erase(path) > 0) std::erase(problem_order_, path);
}

void Core::Fail(const std::string& why) {
  if (failed()) return;
  failure_ = why;
  Log(LogLevel::kError, why);
}

void Core::RootMissing() {
  if (root_missing) return;
  root_missing = true;
  Probe(ProbeId::kRootMissing);
  Log(LogLevel::kError, "the marker " + Printable(layout::Marker()) +
                            " is missing from the folder: nothing is announced or changed until "
                            "the volume is back");
  if (on_root_missing) on_root_missing();
}

}  // namespace atozsync
