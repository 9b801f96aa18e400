// Queries of Entries; changes are in sqlite_entries.cc.
#include <algorithm>

#include "sync/index/codec.h"
#include "sync/index/sqlite_entries.h"

namespace atozsync {

namespace {

// What ReadRow() takes, in this order; a macro so that every statement is one literal.
#define ATOZ_ENTRY_COLUMNS                                                       \
  "directory, name, sequence, kind, unversioned, size, mtime_ns, hash, history," \
  " stamp_size, stamp_mtime_ns, stamp_ctime_ns, stamp_inode, reason"

bool IsSound(std::string_view name, int64_t kind) {
  return RelPath::IsValidName(name) && kind >= 0 && kind <= int64_t{2};
}

// False where the bytes make no sense.
bool ReadRow(const Statement& from, const RelPath& dir, IndexRow& row) {
  std::string_view name = from.GetText(1);
  int64_t kind = from.GetInt(3);
  if (!IsSound(name, kind)) return false;
  row.path = dir.Child(name);
  row.sequence = from.GetU64(2);
  row.version.kind = static_cast<VersionKind>(kind);
  row.unversioned = from.GetInt(4) != 0;
  row.version.size = from.GetU64(5);
  row.version.mtime_ns = from.GetInt(6);
  row.version.hash = from.GetHash(7);
  if (!DecodeHistory(from.GetBlob(8), row.version)) return false;
  row.stamp = {from.GetU64(9), from.GetInt(10), from.GetInt(11), from.GetU64(12)};
  row.reason = std::string(from.GetText(13));
  return true;
}

}  // namespace

std::vector<IndexRow> Entries::ReadAll(Statement& statement) {
  std::vector<IndexRow> rows;
  int64_t dir = 0;
  RelPath dir_path;
  while (statement.Step()) {
    if (statement.GetInt(0) != dir) {
      dir = statement.GetInt(0);
      dir_path = directories_.PathOf(dir);
    }
    IndexRow& row = rows.emplace_back();
    if (!ReadRow(statement, dir_path, row)) {
      rows.pop_back();
      db_.FailCorrupt("an entry makes no sense");
    }
  }
  return rows;
}

std::optional<IndexRow> Entries::Get(const RelPath& path) {
  if (path.is_root() || !db_.ok()) return std::nullopt;
  if (const std::optional<IndexRow>* known = rows_.Find(path)) return *known;
  std::optional<IndexRow> row = Read(path);
  if (db_.ok()) rows_.Put(path, row);
  return row;
}

std::optional<IndexRow> Entries::Read(const RelPath& path) {
  RelPath parent = path.parent();
  int64_t dir = directories_.Find(parent);
  if (dir == 0) return std::nullopt;
  Statement read =
      db_.Use("SELECT " ATOZ_ENTRY_COLUMNS " FROM entries WHERE directory = ? AND name = ?");
  if (!read.Int(dir).Text(path.name()).Step()) return std::nullopt;
  IndexRow row;
  if (ReadRow(read, parent, row)) return row;
  db_.FailCorrupt("the entry of " + Printable(path) + " makes no sense");
  return std::nullopt;
}

std::vector<IndexRow> Entries::Children(const RelPath& dir) {
  int64_t id = directories_.Find(dir);
  if (id == 0) return {};
  Statement read =
      db_.Use("SELECT " ATOZ_ENTRY_COLUMNS " FROM entries WHERE directory = ? ORDER BY name");
  return ReadAll(read.Int(id));
}

void Entries::KnownIn(const RelPath& dir, const Index::VisitKnown& visit) {
  const int64_t id = directories_.Find(dir);
  if (id == 0) return;
  Statement read = db_.Use(
      "SELECT name, kind, stamp_size, stamp_mtime_ns, stamp_ctime_ns, stamp_inode FROM entries"
      " WHERE directory = ? ORDER BY name");
  read.Int(id);
  while (read.Step()) {
    KnownEntry entry;
    entry.name = read.GetText(0);
    const int64_t kind = read.GetInt(1);
    if (!IsSound(entry.name, kind)) {
      db_.FailCorrupt("an entry makes no sense");
      return;
    }
    entry.kind = static_cast<VersionKind>(kind);
    entry.stamp = {read.GetU64(2), read.GetInt(3), read.GetInt(4), read.GetU64(5)};
    visit(entry);
  }
}

bool Entries::HasLiveChildren(const RelPath& dir) {
  int64_t id = directories_.Find(dir);
  if (id == 0) return false;
  Statement read = db_.Use(
      "SELECT 1 FROM entries INDEXED BY entries_by_folded_name"
      " WHERE directory = ? AND kind <> 0 LIMIT 1");
  return read.Int(id).Step();
}

std::vector<RelPath> Entries::CaseTwins(const RelPath& path) {
  RelPath parent = path.parent();
  int64_t dir = directories_.Find(parent);
  if (dir == 0 || path.is_root()) return {};
  Statement read = db_.Use(
      "SELECT name FROM entries INDEXED BY entries_by_folded_name"
      " WHERE directory = ? AND name = ? COLLATE NOCASE AND kind <> 0 AND name <> ?"
      " ORDER BY name LIMIT ?");
  read.Int(dir).Text(path.name()).Text(path.name()).Clamped(Index::kCaseTwinsMax);
  std::vector<RelPath> twins;
  while (read.Step()) {
    std::string_view name = read.GetText(0);
    if (RelPath::IsValidName(name)) {
      twins.push_back(parent.Child(name));
    } else {
      db_.FailCorrupt("a name makes no sense");
    }
  }
  return twins;
}

FoundPaths Entries::FindPaths(const PathCursor& after, const FoldedText& text, size_t rows_max) {
  Statement read = db_.Use(
      "SELECT directory, name, kind, size, mtime_ns FROM entries"
      " WHERE (directory, name) > (?, ?) ORDER BY directory, name LIMIT ?");
  read.Int(after.directory).Text(after.name).Clamped(rows_max);
  FoundPaths found;
  found.next = after;
  RelPath dir_path;
  bool dir_fits = false;
  size_t rows = 0;
  int64_t dir = 0;
  for (; read.Step(); ++rows) {
    if (read.GetInt(0) != dir) {
      dir = read.GetInt(0);
      dir_path = directories_.PathOf(dir);
      dir_fits = text.IsIn(dir_path.str());
    }
    const std::string_view name = read.GetText(1);
    found.next.directory = dir;
    found.next.name = std::string(name);
    if (read.GetInt(2) != static_cast<int64_t>(VersionKind::kFile)) continue;
    if (!RelPath::IsValidName(name)) {
      db_.FailCorrupt("a name makes no sense");
      return {};
    }
    RelPath path = dir_path.Child(name);
    if (!dir_fits && !text.IsIn(path.str())) continue;
    found.paths.push_back({std::move(path), true, read.GetU64(3), read.GetInt(4), 0});
  }
  if (rows < rows_max) found.next = {true, 0, ""};
  return found;
}

std::vector<IndexRow> Entries::After(Sequence after, size_t limit) {
  Statement read = db_.Use("SELECT " ATOZ_ENTRY_COLUMNS
                           " FROM entries WHERE sequence > ? ORDER BY sequence LIMIT ?");
  return ReadAll(read.Clamped(after).Clamped(limit));
}

std::vector<IndexRow> Entries::Tombstones(const RelPath& after, size_t limit) {
  Statement read = db_.Use("SELECT " ATOZ_ENTRY_COLUMNS
                           " FROM entries INDEXED BY entries_deleted"
                           " WHERE kind = 0 AND path > ? ORDER BY path LIMIT ?");
  return ReadAll(read.Text(after.str()).Clamped(limit));
}

std::vector<IndexRow> Entries::Unversioned(const RelPath& after, size_t limit) {
  Statement read = db_.Use("SELECT " ATOZ_ENTRY_COLUMNS
                           " FROM entries INDEXED BY entries_unversioned"
                           " WHERE unversioned = 1 AND path > ? ORDER BY path LIMIT ?");
  return ReadAll(read.Text(after.str()).Clamped(limit));
}

std::vector<RelPath> Entries::FindContent(const ContentHash& hash, size_t limit) {
  std::vector<RelPath> paths;
  if (limit == 0) return paths;
  Statement read = db_.Use(
      "SELECT directory, name FROM entries INDEXED BY entries_by_content"
      " WHERE kind = 1 AND hash = ? LIMIT ?");
  read.Hash(hash).Clamped(kCopiesMax);
  while (read.Step()) {
    RelPath dir = directories_.PathOf(read.GetInt(0));
    if (RelPath::IsValidName(read.GetText(1))) paths.push_back(dir.Child(read.GetText(1)));
  }
  std::sort(paths.begin(), paths.end());
  if (paths.size() > limit) paths.resize(limit);
  return paths;
}

#undef ATOZ_ENTRY_COLUMNS

}  // namespace atozsync
