// RowQuestions: which rows name these paths? Collects what the rooms of the gate want to know and
// asks the database in batches, one question at a time, in order of when it is due. Loop thread
// only.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "sync/base/row_source.h"
#include "sync/engine/core.h"
#include "sync/engine/oldest_held.h"

namespace atozsync {

class RowQuestions {
 public:
  // With so many waiting paths AskIfRoom() takes no more.
  static constexpr size_t kWaitingMax = 100'000;

  RowQuestions(Core& core, RowSource& rows) : core_(core), rows_(rows) {}
  ~RowQuestions();

  // Asked `delay_ms` from now, or earlier when it was asked for already. Never dropped: nobody
  // would ask again for a file that waits. So many wait at most as the rooms hold.
  void Ask(const RelPath& path, int64_t delay_ms = 0);
  // For what is come across again by itself. False: not taken.
  bool AskIfRoom(const RelPath& path, int64_t delay_ms = 0);
  // The database is slow, or away: what was due a while ago has not been asked yet.
  bool behind() const;

  using Answers = std::vector<std::pair<RelPath, RowState>>;
  std::function<void(const Answers&)> on_answers;

 private:
  void PumpAt(int64_t due_ms);
  void Pump();
  void OnAnswer(const std::vector<RelPath>& paths, const std::vector<RowState>& states);

  Core& core_;
  RowSource& rows_;
  std::map<RelPath, int64_t> due_;
  std::set<std::pair<int64_t, RelPath>> queue_;  // the same, by time
  bool under_way_ = false;
  bool posted_ = false;
  TimerId timer_ = 0;
  int64_t timer_due_ms_ = 0;
};

}  // namespace atozsync
