#include "sync/index/sqlite_schema.h"

#include <filesystem>

#include "sync/index/schema_sql.h"
#include "sync/os/system_files.h"

namespace atozsync {

namespace {

constexpr int64_t kApplicationId = 0x41746F5A;  // "AtoZ": what kind of SQLite file this is

Status NewerVersion(const Database& db, int64_t version) {
  return {Errc::kUnsupported,
          "index " + Printable(db.file()) + " was written by a newer atozsync (format " +
              std::to_string(version) + ", this one knows " + std::to_string(SchemaSteps().size()) +
              "); install that version again, or set the file aside to start anew"};
}

void FillNew(Database& db, uint64_t index_id) {
  db.Use("INSERT INTO counters VALUES (1, ?, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)").U64(index_id).Run();
  db.Exec("PRAGMA application_id = " + std::to_string(kApplicationId));
}

}  // namespace

bool WasLeftOpen(const std::string& file) {
  std::error_code error;
  uintmax_t bytes = std::filesystem::file_size(NativePath(file + "-wal"), error);
  return !error && bytes > 0;
}

Result<bool> PrepareSchema(Database& db, uint64_t new_index_id) {
  int64_t tables = db.AskNumber("SELECT count(*) FROM sqlite_schema");
  int64_t application = db.AskNumber("PRAGMA application_id");
  int64_t version = db.AskNumber("PRAGMA user_version");
  TRY(db.health());
  bool is_new = tables == 0 && application == 0 && version == 0;
  if (!is_new && application != kApplicationId) {
    db.FailCorrupt("this is not an index of atozsync");
    return db.health();
  }
  auto newest = static_cast<int64_t>(SchemaSteps().size());
  if (version > newest) return NewerVersion(db, version);
  if (version < 0 || (version == 0 && !is_new)) {
    db.FailCorrupt("its format number makes no sense");
    return db.health();
  }
  if (version == newest) return false;

  // One transaction: a crash in between leaves the version that was there.
  db.Exec("BEGIN IMMEDIATE");
  for (int64_t step = version; step < newest; ++step) {
    db.Exec(std::string(SchemaSteps()[static_cast<size_t>(step)]));
  }
  if (is_new) FillNew(db, new_index_id);
  db.Exec("PRAGMA user_version = " + std::to_string(newest));
  db.Exec("COMMIT");
  // Into the file itself: from now on an empty file can only mean that there is no index.
  db.EmptyLog();
  if (!db.ok()) db.Rollback();
  TRY(db.health());
  return is_new;
}

Status Probe(Database& db, bool crashed) {
  static constexpr const char* kTables[] = {"counters",  "directories", "entries", "needs",
                                            "conflicts", "kept",        "intents", "peers",
                                            "meta",      "chunk_lists", "chunks",  "gate"};
  static constexpr const char* kKeys[] = {"id", "id", "directory", "path", "id",   "id",
                                          "id", "id", "key",       "id",   "list", "path"};
  static_assert(std::size(kTables) == std::size(kKeys));
  for (size_t i = 0; i < std::size(kTables); ++i) {
    // MIN and MAX of the key: the pages from the root to either end.
    std::string key = kKeys[i];
    db.AskText("SELECT (SELECT min(" + key + ") FROM " + kTables[i] + "), (SELECT max(" + key +
               ") FROM " + kTables[i] + ")");
  }
  if (db.AskNumber("SELECT count(*) FROM directories WHERE id = 1 AND parent = 0") != 1) {
    db.FailCorrupt("its root directory is gone");
  }
  uint64_t bytes = db.pages() * static_cast<uint64_t>(db.AskNumber("PRAGMA page_size"));
  if (db.ok() && crashed && bytes <= kFullCheckBytesMax) {
    std::string verdict = db.AskText("PRAGMA quick_check(1)");
    if (verdict != "ok") {
      // SQLite says the same of a page that is wrong and of one that the disk did not give. The
      // second is no reason to throw an index away: see whether the disk gives everything, ask
      // again.
      db.ReadThrough();
      verdict = db.AskText("PRAGMA quick_check(1)");
    }
    if (verdict != "ok") db.FailCorrupt("the check after a crash found: " + Printable(verdict));
  }
  return db.health();
}

}  // namespace atozsync
