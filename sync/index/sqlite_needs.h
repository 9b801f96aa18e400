// Needs: table `needs`. Writing happens inside a commit of SqliteIndex.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "sync/engine/index.h"
#include "sync/index/path_cache.h"
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
  using Sizes = std::map<ReplicaId, uint64_t>;  // what each peer's version of a path comes to
  using ByPeer = std::map<ReplicaId, NeedTotals>;
  Sizes SizesOf(const RelPath& path);
  std::vector<Need> Read(const RelPath& path);
  // Is there no need of anybody but this peer?
  bool OnlyOf(const ReplicaId& peer);
  ByPeer& Counted();
  // The first need of a path that nobody else has one of. False: it was not put.
  bool PutFirst(const Need& need);
  void Replace(const Need& need);
  // Adds what a path contributes to the totals, or takes it away.
  void CountPath(const Sizes& sizes, bool add);
  void CountPeer(const ReplicaId& peer, uint64_t size, bool add);
  bool CheckPeer(ByteSpan bytes, ReplicaId& peer);
  std::vector<Need> ReadAll(Statement& statement);

  Database& db_;
  Counters& counters_;
  // Counted when first asked for, then kept: a hundred thousand rows are no matter of one look.
  // After a commit that failed nothing is read any more, so that it need not be undone.
  std::optional<ByPeer> by_peer_;
  PathCache<std::vector<Need>> of_;  // as they are stored; also where there is none
};

}  // namespace atozsync
