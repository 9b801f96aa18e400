// Gate: keeps files in step with the rows of the practice's database (docs/database.md). Three
// rooms: what arrives waits for its row, what vanishes is asked about, what loses its row goes; and
// an early word between the replicas.
// Without a database everything passes. Loop thread only.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "sync/engine/early_word.h"
#include "sync/engine/gate_arriving.h"
#include "sync/engine/gate_leaving.h"
#include "sync/engine/rows_gone.h"

namespace atozsync {

class Gate {
 public:
  Gate(Core& core, RowSource* rows);

  ArrivingGate& arriving() { return arriving_; }
  const ArrivingGate& arriving() const { return arriving_; }
  LeavingGate& leaving() { return leaving_; }
  const LeavingGate& leaving() const { return leaving_; }
  RowsGone& rows_gone() { return rows_gone_; }
  const RowsGone& rows_gone() const { return rows_gone_; }
  EarlyWord& early_word() { return early_word_; }

  // Before needs are worked off; `done` when what waited before is known again.
  void Start(UniqueFunction<void()> done);
  // Files below `dir` will be looked at soon.
  std::function<void(const RelPath& dir)> on_urgent;

  bool idle() const { return leaving_.idle() && rows_gone_.idle(); }
  RowsHealth health() const;
  void List(OldestHeld& out) const;
  // Of what waits at or below `path`. False: nothing does.
  bool Release(const RelPath& path);
  // kNotFound: nothing waits there; kInvalid: it waits for its row.
  Status Revert(const RelPath& path);

 private:
  // Before each commit: what its rows change in the notes goes with it.
  void AddNotes(IndexBatch& batch);
  void OnCommitted(const IndexBatch& batch);
  void OnAnswers(const RowQuestions::Answers& answers);
  void OnHint(const RowHint& hint);
  void MakeLetterFolders();
  void SetUrgent(const RelPath& dir);
  void HurryUrgentNeeds(const std::vector<Need>& needs);
  void NoteOf(const RelPath& path, const IndexRow* row, IndexBatch& batch);

  Core& core_;
  RowSource* const rows_;
  std::unique_ptr<RowQuestions> questions_;  // null without a database
  ArrivingGate arriving_;
  LeavingGate leaving_;
  RowsGone rows_gone_;
  EarlyWord early_word_;
  // Folders of patients that are wanted soon → until when, MonoMs(). At most kUrgentMax.
  std::map<RelPath, int64_t> urgent_;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);  // the source outlives this
};

}  // namespace atozsync
