// The schema of index.db: its versions, and the look at a file before it is trusted.
#pragma once

#include <string>

#include "sync/index/sqlite_db.h"

namespace atozsync {

// The process that had `file` open did not close it: its write-ahead log is still there. Ask before
// opening.
bool WasLeftOpen(const std::string& file);

// Makes the tables, or brings those of an older version up to date. True: there were none.
Result<bool> PrepareSchema(Database& db, uint64_t new_index_id);

// kCorrupt where the file is damaged, as far as a quick look can tell: every table is read at both
// ends. After a crash SQLite's own check reads all of a file of at most kFullCheckBytesMax; damage
// in larger files, and all other damage, shows when its page is read.
inline constexpr uint64_t kFullCheckBytesMax = uint64_t{64} << 20;
Status Probe(Database& db, bool crashed);

}  // namespace atozsync
