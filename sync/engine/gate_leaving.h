// LeavingGate: a file that vanished from the folder while its row stands. Open Dental removes the
// file first and the row some milliseconds after it: then it is a deletion, and is announced. A row
// that still stands when the time is up says that nobody deleted the document: the file was lost –
// an antivirus program, a hand in Explorer – and is brought back instead. Loop thread only.
#pragma once

#include <functional>
#include <map>
#include <vector>

#include "sync/engine/ask_in_parts.h"

namespace atozsync {

class LeavingGate {
 public:
  LeavingGate(Core& core, RowSource* rows, RowQuestions* questions);

  enum class Leave : uint8_t {
    kNo,  // this room has it now; it calls on_may_leave, or the file comes back
    kYes,
    kRowWent,  // yes: it had a row, which went, too
  };
  // May the deletion of `row` be announced?
  Leave MayLeave(const IndexRow& row);
  // A person says so, of all at or below `path`.
  bool Release(const RelPath& path);
  bool Revert(const RelPath& path);

  std::function<void(const RelPath&)> on_may_leave;
  // Brings the file back; answers with OnBrought(). False: it is busy, try again.
  std::function<bool(const IndexRow&)> bring_back;
  void OnBrought(const RelPath& path, const Status& status);

  // True: it is one of these.
  bool OnRowState(const RelPath& path, RowState state);
  // Rows of files below `dir` may have gone: they are asked for in later turns.
  void OnRowsChanged(const RelPath& dir);
  void OnCommitted(const IndexBatch& batch);

  // Nothing waits for its row's going.
  bool idle() const { return leaving_.empty(); }
  size_t waiting() const { return leaving_.size(); }
  void List(OldestHeld& out) const;

 private:
  struct Leaving {
    int64_t since_ms = 0;       // MonoMs()
    int64_t since_kept_ms = 0;  // KeptMs()
    int attempts = 0;
    bool row_seen = false;
    bool bringing = false;
    bool time_was_up = false;    // when its row was last asked for
    bool nobody_has_it = false;  // by the last try to bring it back
    RowState last = RowState::kUnknown;
  };
  using Entry = std::map<RelPath, Leaving>::iterator;

  std::vector<RelPath> LeavingAt(const RelPath& path) const;
  void AskAgain(Entry at, int64_t min_ms, int64_t max_ms);
  void Approve(Entry at, Leave how = Leave::kYes);
  void BringBack(Entry at);
  bool TimeUp(const RelPath& path, const Leaving& leaving) const;

  Core& core_;
  RowSource* const rows_;
  RowQuestions* const questions_;
  std::map<RelPath, Leaving> leaving_;
  struct Approved {
    int64_t until_ms = 0;  // MonoMs()
    Leave how = Leave::kYes;
  };
  std::map<RelPath, Approved> approved_;  // no more than went within some seconds
  int64_t approved_pruned_ms_ = 0;
  AskInParts parts_;
};

}  // namespace atozsync
