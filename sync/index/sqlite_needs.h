// Needs: table `needs`. Writing happens inside a commit of SqliteIndex.
#pragma once

#include <vector>

#include "sync/engine/index.h"
#include "sync/index/sqlite_counters.h"

namespace atozsync {

class NeedsTable {
 public:
  NeedsTable(Database& db, Counters& counters) : db_(db), counters_(counters) {}

  void Put(Need& need);  // gives need.arrival, also when it replaces one
  void Erase(const RelPath& path, const ReplicaId& peer);

  std::vector<Need> After(uint64_t after_arrival, size_t limit);
  std::vector<Need> Of(const RelPath& path);
  bool AnyBelow(const RelPath& dir);
  std::vector<Need> Below(const RelPath& dir, size_t limit);
  NeedTotals TotalsOf(const ReplicaId& peer);

 private:
  // Adds what `path` contributes to the totals, or takes it away.
  void CountPath(const RelPath& path, bool add);
  std::vector<Need> ReadAll(Statement& statement);

  Database& db_;
  Counters& counters_;
};

}  // namespace atozsync
