// Counters: the one row of table `counters`, held in memory. A commit works on `now` and writes it
// with everything else; what is undone with the commit is undone here too.
#pragma once

#include "sync/engine/index.h"
#include "sync/index/sqlite_db.h"

namespace atozsync {

struct CounterValues {
  uint64_t index_id = 0;
  Sequence sequence = 0;
  uint64_t arrival = 0;
  uint64_t intent = 0;
  IndexTotals totals;
  NeedTotals needs;
  uint64_t open_conflicts = 0;
  int64_t chunk_sweep = 0;
};

class Counters {
 public:
  explicit Counters(Database& db) : db_(db) {}

  void Load();
  void Save();  // into the open transaction
  void Keep() { committed_ = now; }
  void Undo() { now = committed_; }

  CounterValues now;

 private:
  Database& db_;
  CounterValues committed_;
};

}  // namespace atozsync
