// Keeper: what was replaced, deleted or lost a conflict, and what people do with it – history,
// restore, resolving. Also looks at kept files again: a program may still have been writing to one
// (late write), and none is purged before that look. Loop thread only.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "sync/engine/applier.h"
#include "sync/engine/case_clashes.h"
#include "sync/engine/core.h"
#include "sync/engine/peers.h"
#include "sync/engine/purger.h"
#include "sync/engine/scanner.h"

namespace atozsync {

// All files below versions and conflicts, by their names: nothing is read. On a worker lane.
std::vector<KeptVersion> ListKeptFiles(FileSystem& files, int64_t wall_ms);

class Keeper {
 public:
  using Done = UniqueFunction<void(Status)>;

  Keeper(Core& core, Peers& peers, Scanner& scanner);
  ~Keeper();
  // `on_disk`: ListKeptFiles(), from before anything was put aside in this life.
  void Start(std::vector<KeptVersion> on_disk);

  // Follows every commit: late writes of what was kept, names that differ in case only.
  void OnCommitted(const IndexBatch& batch);
  CaseClashes& clashes() { return clashes_; }
  const CaseClashes& clashes() const { return clashes_; }
  // Nothing that a person asked for is still to be done.
  bool idle() const { return writes_ == 0; }
  std::function<void()> on_progress;
  // Bytes that came out of a swap unexpectedly and could not be put back.
  void OnLateWrite(const RelPath& path, const RelPath& kept_at);

  std::optional<RelPath> ConflictKeptAt(const ConflictRecord& record);
  // Where these bytes are here: live, kept or in a copy of another name.
  std::optional<RelPath> ContentPlace(const RelPath& path, const FileVersion& version);
  void Resolve(const ContentHash& id, Keep keep, Done done);
  DecisionPreview Preview(const ContentHash& id, Keep keep);
  // Puts back what a decision replaced, as a new version, and opens the conflict again.
  void Undo(const ContentHash& id, Done done);
  Status CheckUndo(const ConflictRecord& record);
  std::vector<HistoryEntry> History(const RelPath& path);
  Result<RelPath> VersionFile(const RelPath& path, const std::string& version_id);
  void Restore(const RelPath& path, const std::string& version_id, Done done);
  // Moves the file to the kept versions, as a deletion made here. kInvalid: it was saved meanwhile.
  void Remove(const RelPath& path, const std::string& reason, Done done);

 private:
  // One change of the folder that a person asked for: made like any other, as a local version.
  struct LocalWrite {
    RelPath path;
    bool remove = false;
    bool hurried = false;
    RelPath source;       // bytes to place, below .atozsync/
    FileVersion content;  // what they are
    std::string reason;
    std::optional<FileVersion> over;         // what stood there when he asked
    std::vector<FileVersion> decided_about;  // at this path, though they may never have stood here
    int attempts = 0;
    Done done;
  };
  struct Recent {
    int64_t due_ms = 0;
    int looks = 0;
    KeptVersion kept;
  };
  // Files on disk and those of them without a row: some 300 bytes for each that is kept.
  struct FoundList {
    std::shared_ptr<const Looks::Look> look;
    std::vector<KeptVersion> found;
    std::vector<KeptVersion> unknown;
    bool index_was_lost = false;
  };

  void BeginWrite(std::shared_ptr<LocalWrite> write);
  void Write(std::shared_ptr<LocalWrite> write);
  void Swap(const std::shared_ptr<LocalWrite>& write, const RelPath& staged);
  void RetryWrite(const std::shared_ptr<LocalWrite>& write, const Status& why);
  void OnApplied(ApplyItem item, SwapResult result);

  Status CheckDecision(const ConflictRecord& record, Keep keep);
  void ResolveWith(const ConflictRecord& record, Keep keep, Done done);
  RelPath NameForBoth(const ConflictRecord& record);
  RelPath NameForBoth(const ConflictRecord& record, int number);
  std::optional<IndexRow> MadeForBoth(const ConflictRecord& record);
  std::optional<KeptVersion> ReplacedByDecision(const ConflictRecord& record);

  void WatchForLateWrites(const std::vector<KeptVersion>& added);
  void LookAtRecent();
  void ForgetKept(const KeptVersion& kept);
  void LookAgain(const KeptVersion& kept, UniqueFunction<void(LateLook)> done);
  void LookUntilKnown(const KeptVersion& kept);
  // Nothing: it was found on disk, and the conflict that it belongs to has not come yet.
  std::optional<RelPath> WhereItStood(const KeptVersion& kept);
  void WatchThoseWithAPathNow();
  void ListAnew(const KeptVersion& kept, const FileStat& stat, const HashedFile& hashed);
  void LogLateWrite(const KeptVersion& kept, const FileStat& stat, const HashedFile& hashed);
  void ListWhatHasNoRow(std::vector<KeptVersion> on_disk, bool index_was_lost);
  void LookUpFound(const std::shared_ptr<FoundList>& list);
  void AddFound(FoundList& list);
  void ListAgain(std::vector<KeptVersion> found, bool index_was_lost);
  void AsLeftBehind(KeptVersion& kept);
  bool IsKnown(const KeptVersion& found);

  Core& core_;
  Peers& peers_;
  Scanner& scanner_;
  Applier applier_;
  Purger purger_;
  CaseClashes clashes_;
  std::map<RelPath, std::shared_ptr<LocalWrite>> writing_;
  bool started_ = false;  // recovery is over
  size_t writes_ = 0;     // asked for and not answered
  std::deque<Recent> recent_;
  // By id: written to late, but not yet known where they stood. As many as recent_ at most.
  std::map<std::string, KeptVersion> late_without_path_;
  TimerId recent_timer_ = 0;
  TimerId found_timer_ = 0;
};

}  // namespace atozsync
