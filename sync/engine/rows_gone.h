// RowsGone: a row that vanishes here takes its file out of the folder at once, into the kept
// versions – before somebody opens that patient and Open Dental makes a new row for it: the deleted
// document would be back at every office. Knows which files had a row (GateNote::row_seen), learns
// of new ones, and goes round all of them slowly, so that nothing depends on a hint.
//
// Frozen while replication has stopped, or an update is under way. A brake: more than kBrakeFiles
// within kBrakeWindowMs whose files stood everywhere are more than people delete; they stay until a
// person says what to do.
// Loop thread only.
#pragma once

#include <deque>
#include <functional>
#include <set>
#include <utility>
#include <vector>

#include "sync/engine/row_questions.h"

namespace atozsync {

class RowsGone {
 public:
  static constexpr size_t kBrakeFiles = 100;
  static constexpr int64_t kBrakeWindowMs = 3'600'000;

  RowsGone(Core& core, RowSource* rows, RowQuestions* questions);
  void Start();

  // Moves the file to the kept versions, unless somebody saves it meanwhile (kInvalid).
  using Done = UniqueFunction<void(Status)>;
  std::function<void(const RelPath& path, Done done)> take_out;

  // Has something happened to the file that is not known yet? Perhaps it went first: to take it
  // out, too, would only keep its path busy while its deletion is to be announced.
  std::function<bool(const RelPath& path)> unsure;
  // Does somebody delete this document right now? It is none of those that the brake counts.
  std::function<bool(const RelPath& path)> expected;

  void OnCommitted(const IndexBatch& batch);
  void OnRowState(const RelPath& path, RowState state, IndexBatch& batch);
  void OnRowsChanged(const RelPath& dir);
  // Somebody deletes it, as we hear now: it is not counted any more, if its row went before the
  // word came – the word is late, or a merge of patients takes each row before its file.
  void OnExpected(const RelPath& path);

  bool Release(const RelPath& path);
  bool Revert(const RelPath& path);
  void List(OldestHeld& out) const;
  size_t braked() const { return braked_.size(); }
  bool idle() const { return taking_out_.empty(); }

 private:
  void Sweep();
  bool NextFolder();
  void BeginRound();
  size_t AskFolder(const RelPath& dir);  // how many files
  void OnVanished(const RelPath& path);
  void TakeOut(const RelPath& path);
  void SetBrake(bool on);
  // They are braked no more; with the last of them the brake comes off.
  std::vector<RelPath> TakeBrakedAt(const RelPath& path);

  Core& core_;
  RowSource* const rows_;
  RowQuestions* const questions_;
  std::vector<RelPath> letters_;  // of this round, still to be walked, in reverse order
  std::vector<RelPath> folders_;  // of this letter, in reverse order
  int64_t round_due_ms_ = 0;      // of the next one, MonoMs()
  // When a row was seen to be gone, MonoMs(), and of which file; kBrakeFiles + 1 at most.
  std::deque<std::pair<int64_t, RelPath>> recent_;
  std::set<RelPath> braked_;  // at most kBrakedMax; the walk finds the others later
  bool brake_on_ = false;
  bool round_tells_ = false;  // the round began here, and each of its files was judged
  std::set<RelPath> taking_out_;
};

}  // namespace atozsync
