// ConflictsTable: table `conflicts`. Writing happens inside a commit of SqliteIndex.
#pragma once

#include <optional>
#include <vector>

#include "sync/engine/index.h"
#include "sync/index/sqlite_counters.h"

namespace atozsync {

class ConflictsTable {
 public:
  ConflictsTable(Database& db, Counters& counters) : db_(db), counters_(counters) {}

  void Put(const ConflictRecord& record);

  std::optional<ConflictRecord> Get(const ContentHash& id);
  std::vector<ConflictRecord> All();
  ConflictPage Find(const ConflictFilter& filter);
  std::vector<ConflictRow> After(Sequence after, size_t limit);

 private:
  bool IsOpen(const ContentHash& id);
  bool ReadRow(const Statement& from, ConflictRow& row);

  Database& db_;
  Counters& counters_;
};

}  // namespace atozsync
