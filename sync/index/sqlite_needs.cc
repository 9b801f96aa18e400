#include "sync/index/sqlite_needs.h"

#include <algorithm>

#include "sync/index/codec.h"

namespace atozsync {

void NeedsTable::Put(Need& need) {
  need.arrival = ++counters_.now.arrival;
  Sizes sizes = SizesOf(need.path);
  CountPath(sizes, false);
  if (auto old = sizes.find(need.peer); old != sizes.end()) {
    CountPeer(need.peer, old->second, false);
  }
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
  sizes[need.peer] = need.version.size;
  CountPath(sizes, true);
  CountPeer(need.peer, need.version.size, true);
}

void NeedsTable::Erase(const RelPath& path, const ReplicaId& peer) {
  Sizes sizes = SizesOf(path);
  auto old = sizes.find(peer);
  if (old == sizes.end()) return;
  CountPath(sizes, false);
  CountPeer(peer, old->second, false);
  db_.Use("DELETE FROM needs WHERE path = ? AND peer = ?").Text(path.str()).Blob(peer.bytes).Run();
  sizes.erase(old);
  CountPath(sizes, true);
}

NeedsTable::Sizes NeedsTable::SizesOf(const RelPath& path) {
  Statement read = db_.Use("SELECT peer, size FROM needs WHERE path = ?");
  read.Text(path.str());
  Sizes sizes;
  ReplicaId peer;
  while (read.Step() && CheckPeer(read.GetBlob(0), peer)) sizes[peer] = read.GetU64(1);
  return sizes;
}

bool NeedsTable::CheckPeer(ByteSpan bytes, ReplicaId& peer) {
  if (bytes.size() != peer.bytes.size()) {
    db_.FailCorrupt("a need of nobody");
    return false;
  }
  std::copy(bytes.begin(), bytes.end(), peer.bytes.begin());
  return true;
}

void NeedsTable::CountPath(const Sizes& sizes, bool add) {
  if (sizes.empty()) return;
  uint64_t largest = 0;
  for (const auto& [peer, size] : sizes) largest = std::max(largest, size);
  NeedTotals& totals = counters_.now.needs;
  totals.paths += add ? 1 : ~uint64_t{0};
  totals.bytes += add ? largest : ~largest + 1;
}

void NeedsTable::CountPeer(const ReplicaId& peer, uint64_t size, bool add) {
  if (!by_peer_) return;
  NeedTotals& totals = (*by_peer_)[peer];
  totals.paths += add ? 1 : ~uint64_t{0};
  totals.bytes += add ? size : ~size + 1;
}

std::vector<Need> NeedsTable::ReadAll(Statement& statement) {
  std::vector<Need> needs;
  while (statement.Step()) {
    Need need;
    need.path = statement.GetPath(0);
    need.arrival = statement.GetU64(2);
    if (!CheckPeer(statement.GetBlob(1), need.peer)) break;
    if (!DecodeVersion(statement.GetBlob(3), need.version)) {
      db_.FailCorrupt("the need of " + Printable(need.path) + " makes no sense");
      break;
    }
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
  if (!db_.ok()) return {};
  if (!by_peer_) {
    std::map<ReplicaId, NeedTotals> counted;
    Statement read = db_.Use("SELECT peer, size FROM needs");
    ReplicaId of;
    while (read.Step() && CheckPeer(read.GetBlob(0), of)) {
      NeedTotals& totals = counted[of];
      ++totals.paths;
      totals.bytes += read.GetU64(1);
    }
    by_peer_ = std::move(counted);
  }
  auto totals = by_peer_->find(peer);
  return totals == by_peer_->end() ? NeedTotals() : totals->second;
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
