// Changes of Entries; queries are in sqlite_entries_read.cc.
#include "sync/index/sqlite_entries.h"

#include "sync/index/codec.h"

namespace atozsync {

namespace {

// Whole paths are stored only where a list is ordered by them.
bool IsListedByPath(const FileVersion& version, bool unversioned) {
  return !version.exists() || unversioned;
}

// Sequence to path: the columns that both INSERT and UPDATE set, in the same order. `history` lives
// until the statement has run.
void BindValues(Statement& to, const IndexRow& row, const Bytes& history) {
  const FileVersion& version = row.version;
  to.U64(row.sequence)
      .Int(static_cast<int64_t>(version.kind))
      .Int(row.unversioned ? 1 : 0)
      .U64(version.size)
      .Int(version.mtime_ns);
  if (version.kind == VersionKind::kFile || !version.hash.is_zero()) {
    to.Hash(version.hash);
  } else {
    to.Null();
  }
  to.Blob(history)
      .U64(row.stamp.size)
      .Int(row.stamp.mtime_ns)
      .Int(row.stamp.ctime_ns)
      .U64(row.stamp.inode)
      .Text(row.reason);
  if (IsListedByPath(version, row.unversioned)) {
    to.Text(row.path.str());
  } else {
    to.Null();
  }
}

}  // namespace

void Entries::Put(IndexRow& row, std::vector<ContentHash>& displaced) {
  row.sequence = ++counters_.now.sequence;
  int64_t dir = directories_.FindOrMake(row.path.parent());
  std::optional<FileVersion> old = VersionBefore(dir, row.path);
  if (old) {
    Discount(dir, row.path, *old);
    if (old->kind == VersionKind::kFile && !old->SameContent(row.version)) {
      displaced.push_back(old->hash);
    }
    Update(dir, row);
  } else {
    Insert(dir, row);
  }
  Count(dir, row.path, row.version);
  if (rows_.Find(row.path) != nullptr) rows_.Put(row.path, row);
}

std::optional<FileVersion> Entries::VersionBefore(int64_t dir, const RelPath& path) {
  const std::optional<IndexRow>* known = rows_.Find(path);
  if (known == nullptr) return VersionAt(dir, path.name());
  if (!*known) return std::nullopt;
  return (*known)->version;
}

void Entries::Insert(int64_t dir, const IndexRow& row) {
  Bytes history;
  EncodeHistory(row.version, history);
  Statement insert = db_.Use(
      "INSERT INTO entries (directory, name, sequence, kind, unversioned, size, mtime_ns, hash,"
      " history, stamp_size, stamp_mtime_ns, stamp_ctime_ns, stamp_inode, reason, path)"
      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  insert.Int(dir).Text(row.path.name());
  BindValues(insert, row, history);
  insert.Run();
}

void Entries::Update(int64_t dir, const IndexRow& row) {
  Bytes history;
  EncodeHistory(row.version, history);
  Statement update = db_.Use(
      "UPDATE entries SET sequence = ?, kind = ?, unversioned = ?, size = ?, mtime_ns = ?,"
      " hash = ?, history = ?, stamp_size = ?, stamp_mtime_ns = ?, stamp_ctime_ns = ?,"
      " stamp_inode = ?, reason = ?, path = ? WHERE directory = ? AND name = ?");
  BindValues(update, row, history);
  update.Int(dir).Text(row.path.name()).Run();
}

void Entries::PutLocalOnly(const IndexRow& row) {
  int64_t dir = directories_.Find(row.path.parent());
  if (dir == 0) return;
  rows_.Forget(row.path);
  Statement update = db_.Use(
      "UPDATE entries SET stamp_size = ?, stamp_mtime_ns = ?, stamp_ctime_ns = ?,"
      " stamp_inode = ?, reason = ?, unversioned = ?,"
      " path = CASE WHEN kind = 0 OR ? THEN ? ELSE NULL END WHERE directory = ? AND name = ?");
  int64_t unversioned = row.unversioned ? 1 : 0;
  update.U64(row.stamp.size)
      .Int(row.stamp.mtime_ns)
      .Int(row.stamp.ctime_ns)
      .U64(row.stamp.inode)
      .Text(row.reason)
      .Int(unversioned)
      .Int(unversioned)
      .Text(row.path.str())
      .Int(dir)
      .Text(row.path.name())
      .Run();
}

void Entries::Erase(const RelPath& path, std::vector<ContentHash>& displaced) {
  int64_t dir = directories_.Find(path.parent());
  if (dir == 0) return;
  std::optional<FileVersion> old = VersionBefore(dir, path);
  if (!old) return;
  rows_.Forget(path);
  Discount(dir, path, *old);
  if (old->kind == VersionKind::kFile) displaced.push_back(old->hash);
  db_.Use("DELETE FROM entries WHERE directory = ? AND name = ?").Int(dir).Text(path.name()).Run();
  maybe_empty_.push_back(dir);
}

void Entries::Finish() {
  directories_.WriteDigests();
  for (int64_t dir : maybe_empty_) directories_.Prune(dir);
  maybe_empty_.clear();
}

void Entries::Undo() {
  maybe_empty_.clear();
  rows_.Clear();
  directories_.Undo();
}

std::optional<FileVersion> Entries::VersionAt(int64_t dir, std::string_view name) {
  Statement read = db_.Use(
      "SELECT kind, size, mtime_ns, hash, history FROM entries WHERE directory = ? AND name = ?");
  if (!read.Int(dir).Text(name).Step()) return std::nullopt;
  FileVersion version;
  int64_t kind = read.GetInt(0);
  version.kind = static_cast<VersionKind>(kind);
  version.size = read.GetU64(1);
  version.mtime_ns = read.GetInt(2);
  version.hash = read.GetHash(3);
  if (kind < 0 || kind > int64_t{2} || !DecodeHistory(read.GetBlob(4), version)) {
    db_.FailCorrupt("the entry of '" + Printable(name) + "' makes no sense");
    return std::nullopt;
  }
  return version;
}

void Entries::Count(int64_t dir, const RelPath& path, const FileVersion& version) {
  IndexTotals& totals = counters_.now.totals;
  if (!version.exists()) {
    ++totals.tombstones;
    return;
  }
  directories_.Add(dir, RowDigest(path, version));
  if (version.kind == VersionKind::kDir) {
    ++totals.directories;
  } else {
    ++totals.files;
    totals.bytes += version.size;
  }
}

void Entries::Discount(int64_t dir, const RelPath& path, const FileVersion& version) {
  IndexTotals& totals = counters_.now.totals;
  if (!version.exists()) {
    --totals.tombstones;
    return;
  }
  directories_.Subtract(dir, RowDigest(path, version));
  if (version.kind == VersionKind::kDir) {
    --totals.directories;
  } else {
    --totals.files;
    totals.bytes -= version.size;
  }
}

}  // namespace atozsync
