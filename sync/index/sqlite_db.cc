#include "sync/index/sqlite_db.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <limits>

#include "sync/os/system_files.h"

namespace atozsync {

namespace {

namespace fs = std::filesystem;

constexpr int kBusyTimeoutMs = 500;  // an agent that is just stopping lets go of the file
constexpr size_t kHashBytes = 16;
constexpr int64_t kPageBytes = 4096;  // SQLite's own choice for a new file

Errc CodeOf(int code) {
  switch (code & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_MISMATCH:
    case SQLITE_TOOBIG:
    case SQLITE_CONSTRAINT:  // our statements break no rule: the file does
    case SQLITE_ERROR:       // a table that is not as we made it
    case SQLITE_SCHEMA: return Errc::kCorrupt;
    case SQLITE_FULL: return Errc::kNoSpace;
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_AUTH: return Errc::kPermission;
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return Errc::kBusy;
    default: return Errc::kIo;
  }
}

const char* AdviceFor(Errc code) {
  switch (code) {
    case Errc::kCorrupt: return "; the index is damaged: set it aside and let it be rebuilt";
    case Errc::kNoSpace: return "; free some space on its volume";
    case Errc::kPermission: return "; give the agent's user the right to read and write it";
    case Errc::kBusy: return "; another atozsync has it open: stop that one first";
    default: return "; check the volume and the system's log";
  }
}

// SQLite takes a file of one byte for an empty one.
bool IsThere(const std::string& file) {
  std::error_code error;
  uintmax_t bytes = fs::file_size(NativePath(file), error);
  return !error && bytes > 1;
}

// Patients' names are in file names: nobody but the agent's user reads them. SQLite gives the
// write-ahead log the mode of the file.
Status PrepareFile(const std::string& file) {
  if (!IsThere(file)) {
    // A log without its file, or beside an emptied one, belongs to something that is gone.
    RemoveFileIfThere(file + "-wal");
    RemoveFileIfThere(file + "-journal");
  }
  // Never by a descriptor of one that is there: closing it would drop the locks of whoever has the
  // file open here.
  return MakePrivateFile(file).WithContext("index");
}

}  // namespace

Result<std::unique_ptr<Database>> Database::Open(const std::string& file,
                                                 const DatabaseOptions& options) {
  TRY(PrepareFile(file));
  // Before the first use: its statistics of memory take a lock at each allocation, and nobody asks.
  // Where something else has used SQLite already they stay, which does no harm.
  static const int without_statistics = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  static_cast<void>(without_statistics);
  sqlite3* handle = nullptr;
  int code = sqlite3_open_v2(file.c_str(), &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
                             options.vfs);
  std::unique_ptr<Database> db(new Database(file, handle, options.scratch));
  if (code != SQLITE_OK) {
    db->Fail(code, "opening");
    return db->health();
  }
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, kBusyTimeoutMs);
  // Defensive means: no way to be without a journal, among others.
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, options.scratch ? 0 : 1, nullptr);
  // A file that the system lets us only read. (After the first look at its header the same answer
  // would mean a damaged header.)
  if (sqlite3_db_readonly(handle, "main") == 1) {
    db->Fail(SQLITE_READONLY, "opening for writing");
    return db->health();
  }
  db->Exec(
      "PRAGMA locking_mode = EXCLUSIVE;"  // before the first look: no -shm file, no second process
      "PRAGMA trusted_schema = OFF;"
      "PRAGMA cell_size_check = ON;"
      "PRAGMA temp_store = MEMORY;"
      "PRAGMA cache_size = -8192");  // 8 MiB
  if (options.scratch && db->AskText("PRAGMA journal_mode = OFF") != "off") {
    db->Fail(SQLITE_IOERR, "doing without a journal");
  }
  db->Exec("BEGIN EXCLUSIVE; COMMIT");
  if (db->ok() && sqlite3_db_readonly(handle, "main") == 1) db->FailCorrupt("damaged header");
  if (options.scratch) {
    db->Exec("PRAGMA synchronous = OFF; PRAGMA cache_size = -8192");  // 8 MiB
    if (!db->ok()) return db->health();
    return db;
  }
  if (db->ok() && db->AskText("PRAGMA journal_mode = WAL") != "wal") {
    db->Fail(SQLITE_IOERR, "switching to a write-ahead log");
  }
  db->Exec(
      "PRAGMA synchronous = FULL;"  // one sync of the log per commit
      "PRAGMA wal_autocheckpoint = " +
      std::to_string(options.checkpoint_pages) +
      ";PRAGMA journal_size_limit = " + std::to_string(options.checkpoint_pages * kPageBytes));
  if (!db->ok()) return db->health();
  return db;
}

Database::~Database() {
  for (const auto& [sql, stmt] : statements_) sqlite3_finalize(stmt);
  sqlite3_close_v2(handle_);
}

std::string Database::Called() const {
  return (scratch_ ? "temporary file " : "index ") + Printable(file_);
}

void Database::Fail(int code, const std::string& what) {
  if (!health_.ok()) return;
  Errc errc = CodeOf(code);
  std::string reason = handle_ != nullptr && sqlite3_errcode(handle_) != SQLITE_OK
                           ? sqlite3_errmsg(handle_)
                           : sqlite3_errstr(code);
  health_ = Status(Error{errc, handle_ != nullptr ? sqlite3_system_errno(handle_) : 0,
                         Called() + ": " + what + ": " + reason +
                             (scratch_ && errc == Errc::kCorrupt ? "; try again" : AdviceFor(errc)),
                         false});
}

void Database::FailCorrupt(const std::string& what) {
  if (!health_.ok()) return;
  health_ = Status(Errc::kCorrupt, Called() + ": " + what + AdviceFor(Errc::kCorrupt));
}

void Database::Rollback() {
  if (sqlite3_get_autocommit(handle_) != 0) return;
  // Works also after an error; what it says itself cannot help any more.
  sqlite3_exec(handle_, "ROLLBACK", nullptr, nullptr, nullptr);
}

Statement Database::Use(const char* sql) {
  if (!ok()) return Statement(this, nullptr);
  sqlite3_stmt*& stmt = statements_[sql];
  if (stmt == nullptr) {
    int code = sqlite3_prepare_v3(handle_, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, nullptr);
    if (code != SQLITE_OK) Fail(code, "preparing a statement");
  }
  CHECK(stmt == nullptr || sqlite3_stmt_busy(stmt) == 0);
  return Statement(this, stmt);
}

void Database::Exec(const std::string& sql) {
  if (!ok()) return;
  int code = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) Fail(code, "reading or changing it");
}

int64_t Database::AskNumber(const std::string& sql) {
  std::string text = AskText(sql);
  return text.empty() ? 0 : std::strtoll(text.c_str(), nullptr, 10);
}

std::string Database::AskText(const std::string& sql) {
  if (!ok()) return "";
  sqlite3_stmt* stmt = nullptr;
  int code = sqlite3_prepare_v2(handle_, sql.c_str(), -1, &stmt, nullptr);
  if (code == SQLITE_OK) code = sqlite3_step(stmt);
  std::string text;
  if (code == SQLITE_ROW) {
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(stmt, 0));
    if (bytes != nullptr) text.assign(bytes, static_cast<size_t>(sqlite3_column_bytes(stmt, 0)));
  } else if (code != SQLITE_DONE) {
    Fail(code, "reading it");
  }
  sqlite3_finalize(stmt);
  return text;
}

void Database::ReadThrough() {
  Bytes buffer(size_t{1} << 16);
  for (int which : {SQLITE_FCNTL_FILE_POINTER, SQLITE_FCNTL_JOURNAL_POINTER}) {
    sqlite3_file* file = nullptr;
    if (!ok() || sqlite3_file_control(handle_, "main", which, &file) != SQLITE_OK) return;
    if (file == nullptr || file->pMethods == nullptr) continue;  // there is no log
    sqlite3_int64 size = 0;
    int code = file->pMethods->xFileSize(file, &size);
    for (sqlite3_int64 at = 0; at < size && code == SQLITE_OK;) {
      auto count = std::min(size - at, static_cast<sqlite3_int64>(buffer.size()));
      code = file->pMethods->xRead(file, buffer.data(), static_cast<int>(count), at);
      at += count;
    }
    if (code != SQLITE_OK) Fail(code, "reading it");
  }
}

Statement::~Statement() {
  if (stmt_ != nullptr) sqlite3_reset(stmt_);
}

Statement& Statement::Int(int64_t value) {
  ++bound_;
  if (stmt_ != nullptr) sqlite3_bind_int64(stmt_, bound_, value);
  return *this;
}

Statement& Statement::Text(std::string_view value) {
  ++bound_;
  // Never a null pointer: that would bind NULL.
  const char* data = value.empty() ? "" : value.data();
  if (stmt_ != nullptr) {
    sqlite3_bind_text64(stmt_, bound_, data, value.size(), SQLITE_STATIC, SQLITE_UTF8);
  }
  return *this;
}

Statement& Statement::Blob(ByteSpan value) {
  ++bound_;
  const void* data = value.empty() ? static_cast<const void*>("") : value.data();
  if (stmt_ != nullptr) {
    sqlite3_bind_blob64(stmt_, bound_, data, value.size(), SQLITE_STATIC);
  }
  return *this;
}

Statement& Statement::Hash(const ContentHash& value) {
  std::array<uint8_t, kHashBytes> bytes;
  PutU64(bytes, value.high);
  PutU64(MutableByteSpan(bytes).subspan(8), value.low);
  ++bound_;
  if (stmt_ != nullptr) {
    sqlite3_bind_blob64(stmt_, bound_, bytes.data(), bytes.size(), SQLITE_TRANSIENT);
  }
  return *this;
}

Statement& Statement::Null() {
  ++bound_;
  if (stmt_ != nullptr) sqlite3_bind_null(stmt_, bound_);
  return *this;
}

Statement& Statement::Clamped(uint64_t value) {
  constexpr uint64_t kMost = std::numeric_limits<int64_t>::max();
  return U64(std::min(value, kMost));
}

bool Statement::Step() {
  if (stmt_ == nullptr || !db_->ok()) return false;
  if (started_++ == 0) CHECK(bound_ == sqlite3_bind_parameter_count(stmt_));
  int code = sqlite3_step(stmt_);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) db_->Fail(code, "reading or changing it");
  return false;
}

void Statement::Run() {
  while (Step()) {
  }
}

std::string_view Statement::GetText(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(stmt_, column));
  if (text == nullptr) return {};
  return {text, static_cast<size_t>(sqlite3_column_bytes(stmt_, column))};
}

ByteSpan Statement::GetBlob(int column) const {
  const auto* data = static_cast<const uint8_t*>(sqlite3_column_blob(stmt_, column));
  if (data == nullptr) return {};
  return {data, static_cast<size_t>(sqlite3_column_bytes(stmt_, column))};
}

ContentHash Statement::GetHash(int column) const {
  ByteSpan bytes = GetBlob(column);
  if (bytes.empty()) return {};
  if (bytes.size() != kHashBytes) {
    db_->FailCorrupt("a hash of " + std::to_string(bytes.size()) + " bytes");
    return {};
  }
  return {atozsync::GetU64(bytes), atozsync::GetU64(bytes.subspan(8))};
}

RelPath Statement::GetPath(int column) const {
  Result<RelPath> path = RelPath::Parse(GetText(column));
  if (path.ok()) return std::move(path).value();
  db_->FailCorrupt(path.error().context);
  return {};
}

}  // namespace atozsync
