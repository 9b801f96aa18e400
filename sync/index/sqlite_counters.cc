#include "sync/index/sqlite_counters.h"

namespace atozsync {

void Counters::Load() {
  Statement read = db_.Use(
      "SELECT index_id, sequence, arrival, intent, files, directories, bytes, tombstones,"
      " need_paths, need_bytes, open_conflicts, chunk_sweep FROM counters WHERE id = 1");
  if (!read.Step()) {
    db_.FailCorrupt("its counters are gone");
    return;
  }
  now.index_id = read.GetU64(0);
  now.sequence = read.GetU64(1);
  now.arrival = read.GetU64(2);
  now.intent = read.GetU64(3);
  now.totals = {read.GetU64(4), read.GetU64(5), read.GetU64(6), read.GetU64(7)};
  now.needs = {read.GetU64(8), read.GetU64(9)};
  now.open_conflicts = read.GetU64(10);
  now.chunk_sweep = read.GetInt(11);
  if (now.index_id == 0 || read.GetInt(1) < 0) db_.FailCorrupt("its counters make no sense");
  Keep();
}

void Counters::Save() {
  db_.Use(
         "UPDATE counters SET index_id = ?, sequence = ?, arrival = ?, intent = ?, files = ?,"
         " directories = ?, bytes = ?, tombstones = ?, need_paths = ?, need_bytes = ?,"
         " open_conflicts = ?, chunk_sweep = ? WHERE id = 1")
      .U64(now.index_id)
      .U64(now.sequence)
      .U64(now.arrival)
      .U64(now.intent)
      .U64(now.totals.files)
      .U64(now.totals.directories)
      .U64(now.totals.bytes)
      .U64(now.totals.tombstones)
      .U64(now.needs.paths)
      .U64(now.needs.bytes)
      .U64(now.open_conflicts)
      .Int(now.chunk_sweep)
      .Run();
}

}  // namespace atozsync
