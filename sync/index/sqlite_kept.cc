#include "sync/index/sqlite_kept.h"

#include "sync/index/codec.h"

namespace atozsync {

// What ReadAll() takes, in this order; a macro so that every statement is one literal.
#define ATOZ_KEPT_COLUMNS "id, path, kept_at, kept_ms, why, version, stamp"

void KeptTable::Put(const KeptVersion& kept, std::vector<ContentHash>& displaced) {
  Erase(kept.id, displaced);
  any_ = true;
  Bytes version = EncodeVersion(kept.version);
  Bytes stamp = EncodeStamp(kept.stamp);
  Statement insert =
      db_.Use("INSERT INTO kept (" ATOZ_KEPT_COLUMNS ", hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
  insert.Text(kept.id)
      .Text(kept.path.str())
      .Text(kept.kept_at.str())
      .Int(kept.kept_ms)
      .Text(kept.why)
      .Blob(version)
      .Blob(stamp);
  if (kept.version.kind == VersionKind::kFile) {
    insert.Hash(kept.version.hash);
  } else {
    insert.Null();
  }
  insert.Run();
}

void KeptTable::Erase(const std::string& id, std::vector<ContentHash>& displaced) {
  Statement erase = db_.Use("DELETE FROM kept WHERE id = ? RETURNING hash");
  erase.Text(id);
  while (erase.Step()) {
    if (!erase.IsNull(0)) displaced.push_back(erase.GetHash(0));
  }
}

std::vector<KeptVersion> KeptTable::ReadAll(Statement& statement) {
  std::vector<KeptVersion> rows;
  while (statement.Step()) {
    KeptVersion& kept = rows.emplace_back();
    kept.id = std::string(statement.GetText(0));
    kept.path = statement.GetPath(1);
    kept.kept_at = statement.GetPath(2);
    kept.kept_ms = statement.GetInt(3);
    kept.why = std::string(statement.GetText(4));
    if (!DecodeVersion(statement.GetBlob(5), kept.version) ||
        !DecodeStamp(statement.GetBlob(6), kept.stamp)) {
      db_.FailCorrupt("the kept version of " + Printable(kept.path) + " makes no sense");
      rows.pop_back();
    }
  }
  return rows;
}

bool KeptTable::Empty() {
  if (!any_) any_ = db_.Use("SELECT 1 FROM kept LIMIT 1").Step();
  return !*any_;
}

std::vector<KeptVersion> KeptTable::FindContent(const ContentHash& hash, size_t limit) {
  if (Empty()) return {};
  Statement read =
      db_.Use("SELECT " ATOZ_KEPT_COLUMNS " FROM kept WHERE hash = ? ORDER BY path, id LIMIT ?");
  return ReadAll(read.Hash(hash).Clamped(limit));
}

std::vector<KeptVersion> KeptTable::Of(const RelPath& path) {
  Statement read = db_.Use("SELECT " ATOZ_KEPT_COLUMNS
                           " FROM kept WHERE path = ? ORDER BY kept_ms DESC, id DESC");
  return ReadAll(read.Text(path.str()));
}

std::vector<KeptVersion> KeptTable::Before(int64_t before_ms, size_t limit) {
  Statement read = db_.Use("SELECT " ATOZ_KEPT_COLUMNS
                           " FROM kept WHERE kept_ms < ? ORDER BY kept_ms, id LIMIT ?");
  return ReadAll(read.Int(before_ms).Clamped(limit));
}

std::vector<KeptVersion> KeptTable::Newest(size_t limit) {
  Statement read =
      db_.Use("SELECT " ATOZ_KEPT_COLUMNS " FROM kept ORDER BY kept_ms DESC, id DESC LIMIT ?");
  return ReadAll(read.Clamped(limit));
}

uint64_t KeptTable::CountOf(const RelPath& path) {
  Statement read = db_.Use("SELECT count(*) FROM kept WHERE path = ?");
  return read.Text(path.str()).Step() ? read.GetU64(0) : 0;
}

FoundPaths KeptTable::FindPaths(const PathCursor& after, const FoldedText& text, size_t rows_max) {
  Statement read = db_.Use("SELECT DISTINCT path FROM kept WHERE path > ? ORDER BY path LIMIT ?");
  read.Text(after.name).Clamped(rows_max);
  FoundPaths found;
  found.next = after;
  size_t rows = 0;
  for (; read.Step(); ++rows) {
    RelPath path = read.GetPath(0);
    found.next.name = path.str();
    if (text.IsIn(path.str())) found.paths.push_back({std::move(path), false, 0, 0, 0});
  }
  found.end = rows < rows_max;
  return found;
}

std::optional<RelPath> KeptTable::PlaceOf(const ContentHash& hash) {
  std::vector<KeptVersion> kept = FindContent(hash, 1);
  if (kept.empty()) return std::nullopt;
  return kept[0].kept_at;
}

#undef ATOZ_KEPT_COLUMNS

}  // namespace atozsync
