// Scanner: finds out what people changed in the folder and commits it as versions of this replica.
//
// Hints and scans say where to look; worker lanes list and hash; only what the disk then shows is
// committed. Deletions are committed last, after a second look, so that a rename's new name is
// announced before its old one goes. A file that is being written is left alone until it is still.
// Loop thread only.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "sync/engine/check_job.h"
#include "sync/engine/core.h"
#include "sync/engine/list_job.h"
#include "sync/engine/oldest_held.h"

namespace atozsync {

class Scanner {
 public:
  explicit Scanner(Core& core);

  void OnHint(const Hint& hint);
  // Lists `dir` and everything below. `verify`: reads every byte whatever the stamps say.
  void ScanTree(const RelPath& dir, bool verify = false);
  // Look at this name now (and, if it is a directory, list it).
  void CheckSoon(const RelPath& path, int64_t delay_ms = 0);
  // Reads the bytes of this file, whatever its stamp says.
  void VerifySoon(const RelPath& path);
  // Is it still not there? Then it is announced as deleted, and what above it went with it.
  void LookForGone(const RelPath& path);
  // Looks once more for directories that are gone and waited for what was in them.
  void OnCommitted(const IndexBatch& batch);
  // Something happened to it that is not in the index yet: perhaps it is gone.
  bool Unsure(const RelPath& path) const;
  // Nothing is announced while it is paused (root missing).
  void SetStopped(bool stopped);

  // Nothing waits to be listed, read or committed (files that are locked do not count).
  bool idle() const;
  uint64_t directories_waiting() const { return dirs_.size() + listing_; }
  uint64_t files_waiting() const;
  uint64_t files_locked() const { return locked_; }
  // Files that could not be read at the last try: all of them, or this one.
  void ListLocked(OldestHeld& out) const;
  std::optional<HeldFile> LockedAt(const RelPath& path) const;
  bool AnyLocked(const RelPath& path) const;  // at or below it
  // Tries all of them at or below `path` again now. False: there is none.
  bool TryLocked(const RelPath& path);
  uint64_t hashed_files() const { return hashed_files_; }
  uint64_t hashed_bytes() const { return hashed_bytes_; }

  // Called (posted) whenever idle() may have become true.
  std::function<void()> on_progress;
  // Each difference between folder and index, as it is found: for `resync`.
  std::function<void(const RelPath&, const std::string& what)> on_found;
  // This file is not there any more, it seems; nothing is decided about it yet.
  std::function<void(const IndexRow&)> on_missed;
  // May this file that is gone be announced as deleted? Whoever says no calls LookForGone() later.
  std::function<bool(const IndexRow&)> may_leave;
  // These were not there at the second look: may_leave() is asked about each of them next, and
  // later about others, `missing` of all.
  std::function<void(const std::vector<RelPath>& gone, size_t missing)> on_gone;
  // May the other content of this file be announced? Whoever says no calls CheckSoon() later.
  std::function<bool(const IndexRow&, const CheckResult&)> may_change;
  // It stands there as its row says, or as held_stamp() does.
  std::function<void(const RelPath&, const FileStat&)> on_stands;
  // Of a content that may_change() said no to: it need not be read again.
  std::function<std::optional<FileStamp>(const RelPath&)> held_stamp;
  // Damage: bytes changed, stamp did not. The row stays as it is.
  std::function<void(const IndexRow&)> on_damage;

 private:
  struct DirTask {
    bool recursive = false;
    bool verify = false;
    bool hinted = false;  // nobody else finds out that the directory itself is there
    int attempts = 0;     // that failed
  };
  struct Check {
    int64_t due_ms = 0;
    int attempts = 0;
    bool settled = false;
    bool verify = false;
    bool background = false;  // a second look at a racy or locked file: does not keep us busy
    bool locked = false;      // could not be opened at the last try
    int64_t locked_since_ms = 0;
    bool in_flight = false;
    bool again = false;  // touched while in flight
  };
  struct DirToList {
    RelPath dir;
    DirTask task;
  };
  enum class Match : uint8_t { kNew, kAsKnown, kDiffers };  // an entry, and its row
  static constexpr int64_t kSwappedPauseMs = 100;  // a batch of swaps takes about that long

  HeldFile LockedFile(const RelPath& path, const Check& check) const;
  void Pump();
  void PumpLater(int64_t delay_ms);
  void StartListings();
  std::vector<DirToList> TakeDirs();
  void OnListed(const std::vector<DirToList>& taken, ListAnswer answer, const Looks::Look& look);
  void OnDirListed(const RelPath& dir, DirTask task, DirListing listing, const Looks::Look& look);
  void AddListing(const RelPath& dir, const DirTask& task);
  void ListAgain(const RelPath& dir, DirTask task);
  void ListAfter(int64_t pause_ms, const RelPath& dir, const DirTask& task, bool busy);
  // Is the agent changing it right now? What a worker would see of it is old when it answers.
  bool BeingSwapped(const RelPath& path) const;
  // `entries` are ordered by name.
  void CompareListing(const RelPath& dir, const DirTask& task, const std::vector<DirEntry>& entries,
                      const Looks::Look& look);
  // One for each entry. Looks for what has a row and no entry.
  std::vector<Match> MatchRows(const RelPath& dir, const std::vector<DirEntry>& entries);
  // Adds to `batch` what is new.
  void CompareEntry(const RelPath& path, const DirEntry& entry, Match match, const DirTask& task,
                    const Looks::Look& look, IndexBatch& batch);
  // A directory where the index has none.
  void OnUnknownDir(const RelPath& path, IndexBatch& batch);
  void ForgetIgnored(const RelPath& path, IndexBatch& batch);
  void ForgetIgnoredRow(const IndexRow& row, IndexBatch& batch);
  using LookPtr = std::shared_ptr<const Looks::Look>;
  void AddCheck(const RelPath& path, Check wanted);
  void StartChecks();
  std::vector<CheckItem> TakeDueChecks();
  void AfterCheck(const CheckResult& result, const Looks::Look& look, IndexBatch& batch);
  void OnChecked(CheckAnswer answer, const LookPtr& look);
  // Has the agent changed it since, or does it right now?
  bool Outdated(const CheckResult& result, const Looks::Look& look) const;
  void OnResult(const CheckResult& result, IndexBatch& batch);
  void OnHashed(const CheckResult& result, const Check& check, const IndexRow* row,
                IndexBatch& batch);
  void OnPresentDir(const RelPath& path, const IndexRow* row, IndexBatch& batch);
  // REQUIRES: the check is in flight or new. Puts it (back) into the queue.
  void Enqueue(const RelPath& path, Check check);
  // Directories above `path` that the index does not know yet, outermost first.
  void AddParents(const RelPath& path, IndexBatch& batch);
  IndexRow NewRow(const RelPath& path, const IndexRow* old, VersionKind kind,
                  const CheckResult* content);

  void StartMissing();
  void OnMissingConfirmed(bool root_present, const std::vector<RelPath>& absent,
                          const Looks::Look& look);
  // False: something in it may not be announced as deleted yet. Nobody is asked where another thing
  // stands in its place.
  bool AddTombstones(const RelPath& path, IndexBatch& batch, bool ask = true);
  void AddTombstone(const IndexRow& row, IndexBatch& batch);
  void CommitBatch(IndexBatch& batch);

  Core& core_;
  std::map<RelPath, DirTask> dirs_;
  std::map<RelPath, Check> checks_;
  std::set<std::pair<int64_t, RelPath>> due_;  // of the checks that are not in flight
  std::set<RelPath> in_batch_;                 // paths with a new row in the batch being made
  std::map<RelPath, int64_t> missing_;         // path → when it was first missed
  std::set<RelPath> gone_in_part_;             // directories: something in them may not leave yet
  size_t list_jobs_ = 0;                       // in flight
  size_t listing_ = 0;                         // directories in them
  int listings_retried_ = 0;                   // soon; one that keeps failing does not keep us busy
  int checking_ = 0;
  bool confirming_ = false;
  bool confirm_now_ = false;  // a deletion that waited for something else
  bool stopped_ = true;       // until recovery is done
  bool pump_posted_ = false;
  uint64_t background_ = 0;
  uint64_t locked_ = 0;
  uint64_t hashed_files_ = 0;
  uint64_t hashed_bytes_ = 0;
  TimerId timer_ = 0;
  int64_t timer_due_ms_ = 0;
};

}  // namespace atozsync
