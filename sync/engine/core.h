// Core: what the rooms of the engine share – the seam, the options, the making of versions,
// commits, problems. Owns no work of its own. Loop thread only.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "sync/engine/ignore.h"
#include "sync/engine/layout.h"
#include "sync/engine/looks.h"
#include "sync/engine/replaced_chunks.h"
#include "sync/engine/replica.h"
#include "sync/engine/retention_clock.h"
#include "sync/engine/upload_limit.h"

namespace atozsync {

class Core {
 public:
  Core(const Replica::Parts& parts, ReplicaOptions options);
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;

  const Clock& clock;
  Random& random;
  Executor& executor;
  FileSystem& files;
  Index& index;
  Transport& transport;
  HintSource& hints;
  ReplicaHost& host;
  const ReplicaOptions options;
  const IgnoreRules ignore;
  const std::shared_ptr<const Bytes> secret;  // shared with jobs on workers
  UploadLimit upload;                         // of all that goes to peers

  // Reads author, counters and adoption from the index. kCorrupt when it was never initialized.
  Status Load();

  // --- lives: an index that was rolled back does not remember the latest ---
  // Commits a new one. After Load(). Where other paths are ignored than in the last one, `peers`
  // are to tell all they have once more: what they said of a path that was ignored was not kept.
  Status BeginLife(const std::vector<ReplicaId>& peers);
  uint64_t life() const { return lives_.empty() ? 0 : lives_.back().number; }
  // For streams to name a link by: none of two between a pair of replicas is the same.
  uint64_t NextLinkId() { return life() + ++links_; }
  // Can this replica have said its change `sequence` up to the end of that life?
  bool Remembers(uint64_t life_number, Sequence sequence) const;

  // --- work that outlives a turn: dropped when the core is gone ---
  Task Guard(Task task);
  template <typename T>
  UniqueFunction<void(T)> GuardWith(UniqueFunction<void(T)> task) {
    return [alive = std::weak_ptr<int>(alive_), task = std::move(task)](T value) mutable {
      if (!alive.expired()) task(std::move(value));
    };
  }
  void Post(Task task) { executor.Post(Guard(std::move(task))); }
  TimerId PostAfter(int64_t delay_ms, Task task) {
    return executor.PostAfter(delay_ms, Guard(std::move(task)));
  }
  // `work` runs on a worker and must not touch the core; `done` gets its value on the loop.
  template <typename T>
  void Async(Lane lane, UniqueFunction<T()> work, UniqueFunction<void(T)> done) {
    auto slot = std::make_shared<std::optional<T>>();
    executor.Run(
        lane, [slot, work = std::move(work)]() mutable { slot->emplace(work()); },
        Guard([slot, done = std::move(done)]() mutable { done(std::move(**slot)); }));
  }

  // --- versions ---
  AuthorId author() const { return author_; }
  bool adopting() const { return adopting_; }
  Authority authority() const { return authority_; }
  void FinishAdopting(IndexBatch& batch);
  // The next version of a path whose last known one is `row` (nullptr: none), made here and now.
  FileVersion NextVersion(const IndexRow* row, VersionKind kind, uint64_t size,
                          const ContentHash& hash, int64_t mtime_ns);
  // A peer speaks of changes of ours that we never made: this index was rolled back, or the peer
  // lies. Either way these counters mean something else to others: a new incarnation begins.
  void BeginIncarnationIfTaken(const VersionVector& seen, IndexBatch& batch);
  // A deletion goes that everyone has: that versions made over it still tell of changes of ours of
  // that time, and rows here do not, is no sign of an index that was rolled back. Had it been, the
  // members would have told before all of them knew of the deletion.
  void NoteForgotten(const FileVersion& tombstone, IndexBatch& batch);
  uint64_t ForgottenUpTo(AuthorId author) const;
  // May this index hold changes that this incarnation of ours made itself?
  bool MadeChangesHere(AuthorId author) const;
  // An unversioned row's content as a version of its own, so that it can win or lose.
  FileVersion Versioned(const IndexRow& row);
  // Later than everything seen here that is not after kHlcSeenMax.
  uint64_t NextHlc();
  void ObserveHlc(uint64_t hlc);
  // For times that others learn of without a row: none is given out again after a power loss.
  Status CommitHlc();
  // Of the year 6429. What peers say may be later still; but it must not use up the room in which
  // our own times grow.
  // Its part that is wall time.
  static int64_t MsOfHlc(uint64_t hlc) { return static_cast<int64_t>(hlc >> kHlcShift); }
  static constexpr int kHlcShift = 16;  // below it a counter
  static constexpr uint64_t kHlcSeenMax = uint64_t{1} << 63;

  // --- commits ---
  // Adds the counters to the batch; on failure the engine stops (Fail).
  Status Commit(IndexBatch& batch);
  // Adds the record, merged with what is known under its id; nothing when that changes nothing, or
  // when the two cannot be joined within bounds.
  void PutConflict(const ConflictRecord& record, IndexBatch& batch);
  // Decided, closed or open again, here and now. Commits; a failure has stopped the engine.
  void SetConflictState(const ContentHash& id, ConflictState state);
  // Some rows were not compared with names that differ in letter case only: they are again after a
  // restart. Kept by the keeper.
  bool names_to_compare = true;
  // Called before each commit; may add to it.
  std::function<void(IndexBatch&)> before_commit;
  // Called after each commit.
  std::function<void(const IndexBatch&)> after_commit;
  // Called after each commit that made new sequences, with the rows and records it holds.
  std::function<void(const IndexBatch&)> on_committed;

  // --- how old kept versions are; started by Load() ---
  RetentionClock retention;
  int64_t KeptMs() const { return retention.KeptMs(clock.WallMs()); }

  // --- paths being swapped right now: the scanner keeps its hands off ---
  std::set<RelPath> busy_paths;
  Looks looks;
  // The swap is over, whether it went well or not.
  void NotBusy(const RelPath& path) {
    busy_paths.erase(path);
    looks.OnChanged(path);
  }

  // Removes a staged file that is not wanted any more; root: there is none.
  void DiscardStaged(const RelPath& staged);

  ReplacedChunks replaced_chunks;

  // --- what a person should know ---
  void AddProblem(const RelPath& path, const std::string& text);
  void ClearProblem(const RelPath& path);
  const std::map<RelPath, std::string>& problems() const { return problems_; }
  void Log(LogLevel level, const std::string& text) { host.Log(level, text); }
  // Sticky: nothing works any more until a restart.
  void Fail(const std::string& why);
  const std::string& failure() const { return failure_; }
  bool failed() const { return !failure_.empty(); }

  // --- root ---
  bool root_missing = false;
  std::function<void()> on_root_missing;
  void RootMissing();

  uint32_t prefix() const { return options.id.prefix(); }

 private:
  static constexpr size_t kProblemsMax = 100;
  static constexpr size_t kLivesMax = 200;  // older ones are taken on trust
  // Authors of ours whose forgotten changes are known. Of more, a person gets a conflict too many.
  static constexpr size_t kForgottenMax = 50;
  static constexpr size_t kAuthorsHereMax = 50;  // of more, all count
  struct Life {
    uint64_t number = 0;
    Sequence start = 0;
  };

  // The next of this author's own numbers, for a version of that path.
  uint64_t NextCounter(const IndexRow* row);

  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
  AuthorId author_ = 0;
  uint64_t counter_ = 0;
  uint64_t hlc_ = 0;
  std::vector<Life> lives_;
  uint64_t links_ = 0;  // made in this life
  std::map<AuthorId, uint64_t> forgotten_;
  std::set<AuthorId> authors_here_;  // empty: an older program made the index, all may have
  bool adopting_ = false;
  Authority authority_ = Authority::kNewest;
  std::map<RelPath, std::string> problems_;
  std::deque<RelPath> problem_order_;
  std::string failure_;
};

}  // namespace atozsync
