#include "database/report_store.h"

#include <cstdio>

#include "database/name_rules.h"
#include "sync/model/patient_path.h"

namespace atozsync {

namespace {

// fold: the path as FoldCase() gives it. place: FilePlace. slot: what keeps rows of one file apart:
// the key where a file has one row; elsewhere rows that say the same are counted only.
constexpr const char* kSchema = R"sql(
CREATE TABLE file (
  fold BLOB NOT NULL, path BLOB NOT NULL, place INTEGER NOT NULL, source TEXT NOT NULL,
  PRIMARY KEY (fold, path)) WITHOUT ROWID;
CREATE TABLE named (
  fold BLOB NOT NULL, path BLOB NOT NULL, tbl INTEGER NOT NULL, slot INTEGER NOT NULL,
  key INTEGER NOT NULL, pat_num INTEGER NOT NULL, count INTEGER NOT NULL, owned INTEGER NOT NULL,
  other BLOB NOT NULL, name BLOB NOT NULL, forgiven INTEGER NOT NULL, trouble TEXT NOT NULL,
  PRIMARY KEY (fold, path, tbl, slot)) WITHOUT ROWID;
CREATE TABLE folder (
  path BLOB NOT NULL, pat_num INTEGER NOT NULL, PRIMARY KEY (path, pat_num)) WITHOUT ROWID;
CREATE TABLE stray (
  path BLOB PRIMARY KEY, name BLOB NOT NULL, pat_num INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX stray_name ON stray (name, pat_num);
BEGIN;
)sql";

constexpr const char* kAddFile =
    "INSERT INTO file VALUES (?, ?, ?, ?) ON CONFLICT (fold, path) DO UPDATE SET "
    // What is held tells more than that it is here or coming; what is here is not coming.
    "place = excluded.place, source = excluded.source WHERE excluded.place = 3";
constexpr const char* kAddRow =
    "INSERT INTO named VALUES (?, ?, ?, ?, ?, ?, 1, ?, ?, ?, ?, ?) "
    "ON CONFLICT (fold, path, tbl, slot) DO UPDATE SET count = count + 1";
constexpr const char* kMissing =
    "SELECT n.tbl, n.key, n.pat_num, n.count, n.path, n.other, n.name, n.forgiven, n.trouble, "
    "f.place, f.source FROM named n LEFT JOIN file f ON f.fold = n.fold AND f.path = n.path "
    "WHERE f.path IS NULL OR f.place <> 1 ORDER BY n.fold, n.path";
// The second part: a row means this file but for letter case, and has no other.
constexpr const char* kStrays =
    "SELECT f.path FROM file f WHERE f.place = 1 "
    "AND NOT EXISTS (SELECT 1 FROM named n WHERE n.fold = f.fold AND n.path = f.path) "
    "AND NOT EXISTS (SELECT 1 FROM named n LEFT JOIN file g ON g.fold = n.fold AND "
    "g.path = n.path AND g.place = 1 WHERE n.fold = f.fold AND g.path IS NULL)";
constexpr const char* kShared =
    "SELECT fold, path, COUNT(*) FROM named WHERE owned = 1 AND path <> x'' GROUP BY fold, path "
    "HAVING COUNT(*) > 1";
constexpr const char* kRowsOf =
    "SELECT tbl, key, pat_num FROM named WHERE fold = ? AND path = ? AND owned = 1 LIMIT ?";
constexpr const char* kTwins =
    "SELECT COUNT(*), MIN(path), MAX(path) FROM file WHERE place = 1 GROUP BY fold "
    "HAVING COUNT(*) > 1";
constexpr const char* kCaseTwin =
    "SELECT path FROM file WHERE fold = ? AND path <> ? AND place = 1 LIMIT 1";
constexpr const char* kStrayOfPatient =
    "SELECT path, pat_num FROM stray WHERE name = ? AND pat_num = ? LIMIT 1";
constexpr const char* kStrayOfName = "SELECT path, pat_num FROM stray WHERE name = ? LIMIT 1";
constexpr const char* kOwner = "SELECT pat_num FROM folder WHERE path = ? LIMIT 1";
constexpr const char* kAllStrays = "SELECT path, pat_num FROM stray ORDER BY path";

ByteSpan Span(const RelPath& path) {
  return AsBytes(path.str());
}

RelPath PathAt(const Statement& statement, int column) {
  Result<RelPath> path = RelPath::Parse(AsText(statement.GetBlob(column)));
  return path.ok() ? *path : RelPath();
}

}  // namespace

Result<std::unique_ptr<ReportStore>> ReportStore::Open(const std::string& file) {
  std::remove(file.c_str());  // of a run that was cut off
  DatabaseOptions options;
  options.scratch = true;
  ASSIGN_OR_RETURN(std::unique_ptr<Database> db, Database::Open(file, options));
  std::unique_ptr<ReportStore> store(new ReportStore(file, std::move(db)));
  store->db_->Exec(kSchema);
  TRY(store->health());
  return store;
}

ReportStore::~ReportStore() {
  db_.reset();
  std::remove(file_.c_str());
}

void ReportStore::AddFile(const ListedFile& file) {
  std::string fold = FoldCase(file.path.str());
  db_->Use(kAddFile)
      .Blob(AsBytes(fold))
      .Blob(Span(file.path))
      .Int(static_cast<int64_t>(file.place))
      .Text(file.from)
      .Run();
}

void ReportStore::AddPatient(int64_t pat_num, const RelPath& folder) {
  db_->Use("INSERT OR IGNORE INTO folder VALUES (?, ?)").Blob(Span(folder)).Int(pat_num).Run();
}

void ReportStore::AddRow(size_t table, const FileRow& row) {
  bool owned = NamingTables()[table].one_row_per_file;
  std::string fold = FoldCase(row.path.str());
  int64_t slot = row.key;
  // Rows with another place for the file are told apart by that.
  if (!owned && !row.path.is_root()) {
    slot = row.other_path.is_root()
               ? 0
               : static_cast<int64_t>(std::hash<std::string>{}(row.other_path.str()));
  }
  db_->Use(kAddRow)
      .Blob(AsBytes(fold))
      .Blob(Span(row.path))
      .Int(static_cast<int64_t>(table))
      .Int(slot)
      .Int(row.key)
      .Int(row.pat_num)
      .Int(owned ? 1 : 0)
      .Blob(Span(row.other_path))
      .Blob(AsBytes(row.name))
      .Int(static_cast<int64_t>(row.forgiven))
      .Text(row.trouble)
      .Run();
}

void ReportStore::CollectStrays() {
  Statement unnamed = db_->Use(kStrays);
  while (unnamed.Step()) {
    RelPath path = PathAt(unnamed, 0);
    if (!FilesNeedRows(path)) continue;
    int64_t pat_num = OwnerOf(path);
    std::string name(path.name());
    db_->Use("INSERT OR IGNORE INTO stray VALUES (?, ?, ?)")
        .Blob(Span(path))
        .Blob(AsBytes(name))
        .Int(pat_num)
        .Run();
  }
}

void ReportStore::ForEachMissing(const TakeRow& take) {
  Statement missing = db_->Use(kMissing);
  while (missing.Step()) {
    StoredRow row;
    row.table = static_cast<size_t>(missing.GetInt(0));
    row.key = missing.GetInt(1);
    row.pat_num = missing.GetInt(2);
    row.count = missing.GetU64(3);
    row.path = PathAt(missing, 4);
    row.other_path = PathAt(missing, 5);
    row.name = AsText(missing.GetBlob(6));
    row.forgiven = static_cast<NoFile>(missing.GetInt(7));
    row.trouble = missing.GetText(8);
    row.place = static_cast<FilePlace>(missing.GetInt(9));  // NULL: 0, nowhere
    row.from = missing.GetText(10);
    if (!take(std::move(row))) return;
  }
}

void ReportStore::ForEachStray(const TakeFile& take) {
  Statement strays = db_->Use(kAllStrays);
  while (strays.Step()) {
    if (!take({PathAt(strays, 0), strays.GetInt(1)})) return;
  }
}

void ReportStore::ForEachShared(size_t rows_max, const TakeRows& take) {
  Statement shared = db_->Use(kShared);
  while (shared.Step()) {
    std::vector<StoredRow> rows;
    Statement each = db_->Use(kRowsOf);
    each.Blob(shared.GetBlob(0)).Blob(shared.GetBlob(1)).Clamped(rows_max);
    while (each.Step()) {
      StoredRow row;
      row.table = static_cast<size_t>(each.GetInt(0));
      row.key = each.GetInt(1);
      row.pat_num = each.GetInt(2);
      row.path = PathAt(shared, 1);
      rows.push_back(std::move(row));
    }
    if (!rows.empty() && !take(rows, shared.GetU64(2))) return;
  }
}

void ReportStore::ForEachTwins(const TakeTwins& take) {
  Statement twins = db_->Use(kTwins);
  while (twins.Step()) {
    if (!take(PathAt(twins, 1), PathAt(twins, 2), twins.GetU64(0))) return;
  }
}

RelPath ReportStore::CaseTwin(const RelPath& path) {
  if (path.is_root()) return {};
  std::string fold = FoldCase(path.str());
  Statement twin = db_->Use(kCaseTwin);
  twin.Blob(AsBytes(fold)).Blob(Span(path));
  return twin.Step() ? PathAt(twin, 0) : RelPath();
}

StoredFile ReportStore::TakeStray(const std::string& name, int64_t pat_num) {
  StoredFile found;
  {
    Statement own = db_->Use(kStrayOfPatient);
    own.Blob(AsBytes(name)).Int(pat_num);
    if (own.Step()) found = {PathAt(own, 0), own.GetInt(1)};
  }
  if (found.path.is_root()) {
    Statement any = db_->Use(kStrayOfName);
    any.Blob(AsBytes(name));
    if (any.Step()) found = {PathAt(any, 0), any.GetInt(1)};
  }
  if (!found.path.is_root()) {
    db_->Use("DELETE FROM stray WHERE path = ?").Blob(Span(found.path)).Run();
  }
  return found;
}

int64_t ReportStore::OwnerOf(const RelPath& file) {
  if (!InPatientFolder(file)) return 0;
  RelPath folder = file.parent();
  Statement owner = db_->Use(kOwner);
  owner.Blob(Span(folder));
  if (owner.Step()) return owner.GetInt(0);
  return PatNumOf(folder.name()).value_or(0);
}

}  // namespace atozsync
