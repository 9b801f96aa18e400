// Database and Statement: SQLite as the index needs it, and the only place that calls it.
//
// The first error sticks: it is kept in health(), and every statement after it does nothing and
// yields no rows. So code that reads or writes needs no error path of its own; the commit asks
// health() once before it says that something is durable. One thread. Not a general wrapper.
#pragma once

#include <sqlite3.h>

#include <memory>
#include <string>
#include <unordered_map>

#include "sync/base/bytes.h"
#include "sync/base/ids.h"
#include "sync/base/rel_path.h"
#include "sync/base/status.h"

namespace atozsync {

// What tests change to see how the index bears a bad disk; the agent leaves it as it is.
struct DatabaseOptions {
  const char* vfs = nullptr;  // name of a registered VFS; null = the system's
  // When the log is moved into the file, and to what length a longer log is cut: 64 MiB.
  int checkpoint_pages = 16384;
  // Not an index: a file that is thrown away after use. No log, nothing is synced, a small cache.
  bool scratch = false;
};

class Database;

// One use of a prepared statement: bind every parameter in order, then Step() or Run(). What is
// bound is not copied: it must live until the last step. Columns are valid until the next step.
class Statement {
 public:
  Statement(Statement&& other) noexcept : db_(other.db_), stmt_(other.stmt_) {
    other.stmt_ = nullptr;
  }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  Statement& operator=(Statement&&) = delete;
  ~Statement();

  Statement& Int(int64_t value);
  // Keeps the bits: numbers above 2^63 come back as they were, but do not sort as numbers.
  Statement& U64(uint64_t value) { return Int(static_cast<int64_t>(value)); }
  Statement& Text(std::string_view value);
  Statement& Blob(ByteSpan value);
  Statement& Hash(const ContentHash& value);  // copied
  Statement& Null();
  // For LIMIT and for what is compared with stored numbers: no more than SQLite can count.
  Statement& Clamped(uint64_t value);

  // True: there is a row. False: no more rows, or an error, which is in the database's health().
  bool Step();
  void Run();

  int64_t GetInt(int column) const { return sqlite3_column_int64(stmt_, column); }
  uint64_t GetU64(int column) const { return static_cast<uint64_t>(GetInt(column)); }
  std::string_view GetText(int column) const;
  ByteSpan GetBlob(int column) const;
  bool IsNull(int column) const { return sqlite3_column_type(stmt_, column) == SQLITE_NULL; }
  // Zero where it is NULL; any other length but 16 is corruption.
  ContentHash GetHash(int column) const;
  // A path that cannot be is corruption; the root is given instead.
  RelPath GetPath(int column) const;

 private:
  friend class Database;
  Statement(Database* db, sqlite3_stmt* stmt) : db_(db), stmt_(stmt) {}

  Database* db_;
  sqlite3_stmt* stmt_;  // null after an error: nothing happens
  int bound_ = 0;
  int started_ = 0;
};

class Database {
 public:
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database();

  // Opens the file, or makes it with mode 0600; takes the lock that keeps every other process out
  // until this object is destroyed. kBusy when another one has it.
  static Result<std::unique_ptr<Database>> Open(const std::string& file,
                                                const DatabaseOptions& options = {});

  // REQUIRES: `sql` is a literal, and no other use of it is alive. Prepared once, then kept (there
  // are as many as there are literals).
  Statement Use(const char* sql);
  // Statements without parameters and rows; not cached.
  void Exec(const std::string& sql);
  // One number that a pragma or query gives; 0 after an error.
  int64_t AskNumber(const std::string& sql);
  std::string AskText(const std::string& sql);

  const std::string& file() const { return file_; }
  const Status& health() const { return health_; }
  bool ok() const { return health_.ok(); }
  // Records that stored bytes do not make sense.
  void FailCorrupt(const std::string& what);
  void Rollback();
  // Everything that was committed into the file itself, durably; the log is empty after it.
  void EmptyLog() { AskNumber("PRAGMA wal_checkpoint(TRUNCATE)"); }
  // Reads every byte of the file and of the log once, past SQLite: do they come at all? Where they
  // do not, that is what health() says.
  void ReadThrough();
  uint64_t pages() { return static_cast<uint64_t>(AskNumber("PRAGMA page_count")); }

 private:
  friend class Statement;
  Database(std::string file, sqlite3* handle, bool scratch)
      : file_(std::move(file)), handle_(handle), scratch_(scratch) {}
  std::string Called() const;  // "index FILE"
  void Fail(int code, const std::string& what);

  std::string file_;
  sqlite3* handle_;
  const bool scratch_;
  std::unordered_map<const char*, sqlite3_stmt*> statements_;  // by address of the literal
  Status health_;
};

}  // namespace atozsync
