#include "sync/index/sqlite_needs.h"

#include <algorithm>

#include "sync/index/codec.h"

namespace atozsync {

void NeedsTable::Put(Need& need) {
  need.arrival = ++counters_.now.arrival;
  Sizes sizes;
  if (!OnlyOf(need.peer) || !PutFirst(need)) {
    sizes = SizesOf(need.path);
    Replace(need);
  }
  CountPath(sizes, false);
  if (auto old = sizes.find(need.peer); old != sizes.end()) {
    CountPeer(need.peer, old->second, false);
  }
  sizes[need.peer] = need.version.size;
  CountPath(sizes, true);
  CountPeer(need.peer, need.version.size, true);
  of_.Forget(need.path);
}

bool NeedsTable::PutFirst(const Need& need) {
  Bytes version = EncodeVersion(need.version);
  Statement insert = db_.Use(
      "INSERT INTO needs (path, peer, arrival, size, version) VALUES (?, ?, ?, ?, ?)"
      " ON CONFLICT (path, peer) DO NOTHING RETURNING 1");
  insert.Text(need.path.str())
      .Blob(need.peer.bytes)
      .U64(need.arrival)
      .U64(need.version.size)
      .Blob(version);
  const bool put = insert.Step();
  if (put) insert.Run();
  return put;
}

void NeedsTable::Replace(const Need& need) {
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
}

void NeedsTable::Erase(const RelPath& path, const ReplicaId& peer) {
  if (counters_.now.needs.paths == 0) return;
  Sizes sizes = SizesOf(path);
  auto old = sizes.find(peer);
  if (old == sizes.end()) return;
  CountPath(sizes, false);
  CountPeer(peer, old->second, false);
  db_.Use("DELETE FROM needs WHERE path = ? AND peer = ?").Text(path.str()).Blob(peer.bytes).Run();
  sizes.erase(old);
  CountPath(sizes, true);
  of_.Forget(path);
}

NeedsTable::Sizes NeedsTable::SizesOf(const RelPath& path) {
  if (const std::vector<Need>* known = of_.Find(path)) {
    Sizes sizes;
    for (const Need& need : *known) sizes[need.peer] = need.version.size;
    return sizes;
  }
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
  std::vector<Need> needs = ReadAll(read.Clamped(after_arrival).Clamped(limit));
  // Each is looked at next, together with all others of its path: there is none.
  if (!needs.empty() && OnlyOf(needs[0].peer)) {
    for (const Need& need : needs) of_.Put(need.path, {need});
  }
  return needs;
}

std::vector<Need> NeedsTable::Of(const RelPath& path) {
  if (!db_.ok() || counters_.now.needs.paths == 0) return {};
  if (const std::vector<Need>* known = of_.Find(path)) return *known;
  std::vector<Need> needs = Read(path);
  if (db_.ok()) of_.Put(path, needs);
  return needs;
}

std::vector<Need> NeedsTable::Read(const RelPath& path) {
  Statement read =
      db_.Use("SELECT path, peer, arrival, version FROM needs WHERE path = ? ORDER BY peer");
  return ReadAll(read.Text(path.str()));
}

NeedsTable::ByPeer& NeedsTable::Counted() {
  if (by_peer_) return *by_peer_;
  by_peer_.emplace();
  if (counters_.now.needs.paths == 0) return *by_peer_;
  Statement read = db_.Use("SELECT peer, size FROM needs");
  ReplicaId of;
  while (read.Step() && CheckPeer(read.GetBlob(0), of)) {
    NeedTotals& totals = (*by_peer_)[of];
    ++totals.paths;
    totals.bytes += read.GetU64(1);
  }
  return *by_peer_;
}

bool NeedsTable::OnlyOf(const ReplicaId& peer) {
  const ByPeer& counted = Counted();
  return std::all_of(counted.begin(), counted.end(), [&](const auto& each) {
    return each.first == peer || each.second.paths == 0;
  });
}

NeedTotals NeedsTable::TotalsOf(const ReplicaId& peer) {
  if (!db_.ok()) return {};
  const ByPeer& counted = Counted();
  auto totals = counted.find(peer);
  return totals == counted.end() ? NeedTotals() : totals->second;
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
