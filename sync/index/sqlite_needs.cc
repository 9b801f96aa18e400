#include "sync/index/sqlite_needs.h"

#include <algorithm>

#include "sync/index/codec.h"

namespace atozsync {

void NeedsTable::Put(Need& need) {
  need.arrival = ++counters_.now.arrival;
  CountPath(need.path, false);
  Bytes version = EncodeVersion(need.version);
  db_.Use(
         "INSERT OR REPLACE INTO needs (path, peer, arrival, size, version)"
         " VALUES (?, ?, ?, ?, ?)")
      .Text(need.path.str())
      .Blob(need.peer.bytes)
      .U64(need.arrival)
      .U64(need.version.size)
      .Blob(version)
      .Run();
  CountPath(need.path, true);
}

void NeedsTable::Erase(const RelPath& path, const ReplicaId& peer) {
  CountPath(path, false);
  db_.Use("DELETE FROM needs WHERE path = ? AND peer = ?").Text(path.str()).Blob(peer.bytes).Run();
  CountPath(path, true);
}

void NeedsTable::CountPath(const RelPath& path, bool add) {
  Statement read = db_.Use("SELECT size FROM needs WHERE path = ?");
  read.Text(path.str());
  uint64_t rows = 0;
  uint64_t largest = 0;
  for (; read.Step(); ++rows) largest = std::max(largest, read.GetU64(0));
  if (rows == 0) return;
  NeedTotals& totals = counters_.now.needs;
  totals.paths += add ? 1 : ~uint64_t{0};
  totals.bytes += add ? largest : ~largest + 1;
}

std::vector<Need> NeedsTable::ReadAll(Statement& statement) {
  std::vector<Need> needs;
  while (statement.Step()) {
    Need need;
    need.path = statement.GetPath(0);
    need.arrival = statement.GetU64(2);
    ByteSpan peer = statement.GetBlob(1);
    if (peer.size() != need.peer.bytes.size() ||
        !DecodeVersion(statement.GetBlob(3), need.version)) {
      db_.FailCorrupt("the need of " + Printable(need.path) + " makes no sense");
      break;
    }
    std::copy(peer.begin(), peer.end(), need.peer.bytes.begin());
    needs.push_back(std::move(need));
  }
  return needs;
}

std::vector<Need> NeedsTable::After(uint64_t after_arrival, size_t limit) {
  Statement read = db_.Use(
      "SELECT path, peer, arrival, version FROM needs WHERE arrival > ? ORDER BY arrival LIMIT ?");
  return ReadAll(read.Clamped(after_arrival).Clamped(limit));
}

std::vector<Need> NeedsTable::Of(const RelPath& path) {
  Statement read =
      db_.Use("SELECT path, peer, arrival, version FROM needs WHERE path = ? ORDER BY peer");
  return ReadAll(read.Text(path.str()));
}

NeedTotals NeedsTable::TotalsOf(const ReplicaId& peer) {
  Statement read = db_.Use("SELECT COUNT(*), COALESCE(SUM(size), 0) FROM needs WHERE peer = ?");
  read.Blob(peer.bytes);
  NeedTotals totals;
  if (read.Step()) totals = {read.GetU64(0), read.GetU64(1)};
  return totals;
}

bool NeedsTable::AnyBelow(const RelPath& dir) {
  if (dir.is_root()) return db_.Use("SELECT 1 FROM needs LIMIT 1").Step();
  // '0' follows '/' in ASCII.
  std::string from = dir.str() + "/";
  std::string to = dir.str() + "0";
  return db_.Use("SELECT 1 FROM needs WHERE path > ? AND path < ? LIMIT 1")
      .Text(from)
      .Text(to)
      .Step();
}

std::vector<Need> NeedsTable::Below(const RelPath& dir, size_t limit) {
  std::string from = dir.is_root() ? "" : dir.str() + "/";
  std::string to = dir.str() + "0";
  Statement read =
      dir.is_root()
          ? db_.Use(
                "SELECT path, peer, arrival, version FROM needs WHERE path > ?"
                " ORDER BY path, peer LIMIT ?")
          : db_.Use(
                "SELECT path, peer, arrival, version FROM needs WHERE path > ? AND path < ?"
                " ORDER BY path, peer LIMIT ?");
  read.Text(from);
  if (!dir.is_root()) read.Text(to);
  return ReadAll(read.Clamped(limit));
}

}  // namespace atozsync
