// Queries of MemIndex; changes are in mem_index_commit.cc.
#include "sync/index/mem_index.h"

#include <algorithm>
#include <tuple>

#include "sync/index/digest.h"

namespace atozsync {

MemIndex::MemIndex(uint64_t index_id) {
  CHECK(index_id != 0);
  state_.index_id = index_id;
}

std::unique_ptr<MemIndex> MemIndex::Clone() const {
  auto clone = std::make_unique<MemIndex>(state_.index_id);
  clone->state_ = state_;
  return clone;
}

std::pair<MemIndex::Entries::const_iterator, MemIndex::Entries::const_iterator> MemIndex::Below(
    const RelPath& dir) const {
  const Entries& entries = state_.entries;
  if (dir.is_root()) return {entries.begin(), entries.end()};
  // '0' follows '/' in ASCII: [dir + "/", dir + "0") is everything below.
  return {entries.lower_bound(dir.str() + "/"), entries.lower_bound(dir.str() + "0")};
}

template <typename Visit>
void MemIndex::VisitChildren(const RelPath& dir, Visit visit) const {
  size_t start = dir.is_root() ? 0 : dir.str().size() + 1;
  auto [at, end] = Below(dir);
  while (at != end) {
    size_t slash = at->first.find('/', start);
    if (slash == std::string::npos) {
      if (!visit(at->second)) return;
      ++at;
    } else {
      at = state_.entries.lower_bound(at->first.substr(0, slash) + "0");
    }
  }
}

IndexTotals MemIndex::totals() const {
  IndexTotals totals;
  for (const auto& [path, entry] : state_.entries) {
    switch (entry.row.version.kind) {
      case VersionKind::kTombstone: ++totals.tombstones; break;
      case VersionKind::kDir: ++totals.directories; break;
      case VersionKind::kFile:
        ++totals.files;
        totals.bytes += entry.row.version.size;
        break;
    }
  }
  return totals;
}

std::optional<std::string> MemIndex::Meta(const std::string& key) {
  auto found = state_.meta.find(key);
  if (found == state_.meta.end()) return std::nullopt;
  return found->second;
}

std::optional<IndexRow> MemIndex::Get(const RelPath& path) {
  auto found = state_.entries.find(path.str());
  if (found == state_.entries.end()) return std::nullopt;
  return found->second.row;
}

std::vector<IndexRow> MemIndex::Children(const RelPath& dir) {
  std::vector<IndexRow> rows;
  VisitChildren(dir, [&](const Entry& entry) {
    rows.push_back(entry.row);
    return true;
  });
  return rows;
}

void MemIndex::KnownIn(const RelPath& dir, const VisitKnown& visit) {
  VisitChildren(dir, [&](const Entry& entry) {
    visit({entry.row.path.name(), entry.row.version.kind, entry.row.stamp});
    return true;
  });
}

bool MemIndex::HasLiveChildren(const RelPath& dir) {
  bool live = false;
  VisitChildren(dir, [&](const Entry& entry) {
    live = entry.row.version.exists();
    return !live;
  });
  return live;
}

namespace {

// ASCII letters only, whatever the locale; names hold no NUL.
bool SameButForCase(std::string_view a, std::string_view b) {
  auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [&](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace

std::vector<RelPath> MemIndex::CaseTwins(const RelPath& path) {
  std::vector<RelPath> twins;
  VisitChildren(path.parent(), [&](const Entry& entry) {
    const RelPath& other = entry.row.path;
    if (entry.row.version.exists() && other != path && SameButForCase(other.name(), path.name())) {
      twins.push_back(other);
    }
    return twins.size() < kCaseTwinsMax;
  });
  return twins;
}

std::vector<IndexRow> MemIndex::RowsAfter(Sequence after, size_t limit) {
  std::vector<IndexRow> rows;
  auto at = state_.by_sequence.upper_bound(after);
  for (; at != state_.by_sequence.end() && rows.size() < limit; ++at) {
    rows.push_back(state_.entries.at(at->second).row);
  }
  return rows;
}

std::vector<ConflictRow> MemIndex::ConflictsAfter(Sequence after, size_t limit) {
  std::vector<ConflictRow> rows;
  for (const auto& [id, row] : state_.conflicts) {
    if (row.sequence > after) rows.push_back(row);
  }
  std::sort(rows.begin(), rows.end(),
            [](const ConflictRow& a, const ConflictRow& b) { return a.sequence < b.sequence; });
  if (rows.size() > limit) rows.resize(limit);
  return rows;
}

template <typename Wanted>
std::vector<IndexRow> MemIndex::RowsFrom(const RelPath& after, size_t limit, Wanted wanted) const {
  std::vector<IndexRow> rows;
  auto at = state_.entries.upper_bound(after.str());
  for (; at != state_.entries.end() && rows.size() < limit; ++at) {
    if (wanted(at->second.row)) rows.push_back(at->second.row);
  }
  return rows;
}

std::vector<IndexRow> MemIndex::Tombstones(const RelPath& after, size_t limit) {
  return RowsFrom(after, limit, [](const IndexRow& row) { return !row.version.exists(); });
}

std::vector<IndexRow> MemIndex::Unversioned(const RelPath& after, size_t limit) {
  return RowsFrom(after, limit, [](const IndexRow& row) { return row.unversioned; });
}

std::vector<RelPath> MemIndex::FindContent(const ContentHash& hash, size_t limit) {
  std::vector<RelPath> paths;
  auto at = state_.by_content.lower_bound({hash, std::string()});
  for (; at != state_.by_content.end() && at->first == hash && paths.size() < limit; ++at) {
    paths.push_back(RelPath::Trusted(at->second));
  }
  return paths;
}

std::vector<KeptVersion> MemIndex::FindKeptContent(const ContentHash& hash, size_t limit) {
  std::vector<KeptVersion> found;
  for (const auto& [id, kept] : state_.kept) {
    if (kept.version.kind == VersionKind::kFile && kept.version.hash == hash) {
      found.push_back(kept);
    }
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const KeptVersion& a, const KeptVersion& b) { return a.path < b.path; });
  if (found.size() > limit) found.resize(limit);
  return found;
}

TreeDigest MemIndex::Digest(const RelPath& dir) {
  TreeDigest digest;
  auto [at, end] = Below(dir);
  for (; at != end; ++at) {
    if (!at->second.row.version.exists()) continue;
    digest.all = AddDigest(digest.all, at->second.term);
    ++digest.entries;
  }
  return digest;
}

std::vector<ChunkRef> MemIndex::ChunkList(const ContentHash& file_hash) {
  auto found = state_.chunk_lists.find(file_hash);
  return found == state_.chunk_lists.end() ? std::vector<ChunkRef>() : found->second;
}

std::optional<RelPath> MemIndex::PlaceOf(const ContentHash& file_hash) const {
  auto live = state_.by_content.lower_bound({file_hash, std::string()});
  if (live != state_.by_content.end() && live->first == file_hash) {
    return RelPath::Trusted(live->second);
  }
  for (const auto& [id, kept] : state_.kept) {
    if (kept.version.kind == VersionKind::kFile && kept.version.hash == file_hash) {
      return kept.kept_at;
    }
  }
  return std::nullopt;
}

std::optional<ChunkPlace> MemIndex::FindChunk(const ContentHash& chunk_hash) {
  auto spots = state_.chunk_spots.find(chunk_hash);
  if (spots == state_.chunk_spots.end()) return std::nullopt;
  for (const ChunkSpot& spot : spots->second) {
    std::optional<RelPath> path = PlaceOf(spot.file_hash);
    if (path) return ChunkPlace{*path, spot.offset, spot.size};
  }
  return std::nullopt;
}

std::vector<Need> MemIndex::Needs(uint64_t after_arrival, size_t limit) {
  std::vector<Need> needs;
  for (const auto& [path, by_peer] : state_.needs) {
    for (const auto& [peer, need] : by_peer) {
      if (need.arrival > after_arrival) needs.push_back(need);
    }
  }
  std::sort(needs.begin(), needs.end(),
            [](const Need& a, const Need& b) { return a.arrival < b.arrival; });
  if (needs.size() > limit) needs.resize(limit);
  return needs;
}

std::vector<Need> MemIndex::NeedsOf(const RelPath& path) {
  std::vector<Need> needs;
  auto found = state_.needs.find(path.str());
  if (found == state_.needs.end()) return needs;
  for (const auto& [peer, need] : found->second) needs.push_back(need);
  return needs;
}

NeedTotals MemIndex::need_totals() {
  NeedTotals totals;
  for (const auto& [path, by_peer] : state_.needs) {
    uint64_t largest = 0;
    for (const auto& [peer, need] : by_peer) largest = std::max(largest, need.version.size);
    ++totals.paths;
    totals.bytes += largest;
  }
  return totals;
}

NeedTotals MemIndex::NeedTotalsOf(const ReplicaId& peer) {
  NeedTotals totals;
  for (const auto& [path, by_peer] : state_.needs) {
    auto need = by_peer.find(peer);
    if (need == by_peer.end()) continue;
    ++totals.paths;
    totals.bytes += need->second.version.size;
  }
  return totals;
}

bool MemIndex::HasNeedsBelow(const RelPath& dir) {
  if (dir.is_root()) return !state_.needs.empty();
  auto at = state_.needs.lower_bound(dir.str() + "/");
  return at != state_.needs.end() && at->first < dir.str() + "0";
}

std::vector<Need> MemIndex::NeedsBelow(const RelPath& dir, size_t limit) {
  std::vector<Need> needs;
  auto at = state_.needs.lower_bound(dir.is_root() ? "" : dir.str() + "/");
  for (; at != state_.needs.end(); ++at) {
    if (!dir.is_root() && at->first >= dir.str() + "0") break;
    for (const auto& [peer, need] : at->second) {
      if (needs.size() == limit) return needs;
      needs.push_back(need);
    }
  }
  return needs;
}

GateNote MemIndex::Gate(const RelPath& path) {
  auto found = state_.gate.find(path);
  return found != state_.gate.end() ? found->second : GateNote{path, false, 0};
}

std::optional<ConflictRecord> MemIndex::Conflict(const ContentHash& id) {
  auto found = state_.conflicts.find(id);
  if (found == state_.conflicts.end()) return std::nullopt;
  return found->second.record;
}

std::vector<ConflictRecord> MemIndex::Conflicts() {
  std::vector<ConflictRecord> records;
  for (const auto& [id, row] : state_.conflicts) records.push_back(row.record);
  return records;
}

uint64_t MemIndex::open_conflicts() {
  return static_cast<uint64_t>(std::count_if(
      state_.conflicts.begin(), state_.conflicts.end(),
      [](const auto& item) { return item.second.record.state == ConflictState::kOpen; }));
}

std::vector<KeptVersion> MemIndex::KeptOf(const RelPath& path) {
  std::vector<KeptVersion> found;
  for (const auto& [id, kept] : state_.kept) {
    if (kept.path == path) found.push_back(kept);
  }
  std::sort(found.begin(), found.end(), [](const KeptVersion& a, const KeptVersion& b) {
    return std::tie(a.kept_ms, a.id) > std::tie(b.kept_ms, b.id);
  });
  return found;
}

std::vector<KeptVersion> MemIndex::KeptBefore(int64_t before_ms, size_t limit) {
  std::vector<KeptVersion> found;
  for (const auto& [id, kept] : state_.kept) {
    if (kept.kept_ms < before_ms) found.push_back(kept);
  }
  std::sort(found.begin(), found.end(), [](const KeptVersion& a, const KeptVersion& b) {
    return std::tie(a.kept_ms, a.id) < std::tie(b.kept_ms, b.id);
  });
  if (found.size() > limit) found.resize(limit);
  return found;
}

std::vector<KeptVersion> MemIndex::NewestKept(size_t limit) {
  std::vector<KeptVersion> found;
  for (const auto& [id, kept] : state_.kept) found.push_back(kept);
  std::sort(found.begin(), found.end(), [](const KeptVersion& a, const KeptVersion& b) {
    return std::tie(a.kept_ms, a.id) > std::tie(b.kept_ms, b.id);
  });
  if (found.size() > limit) found.resize(limit);
  return found;
}

std::vector<Intent> MemIndex::Intents() {
  std::vector<Intent> intents;
  for (const auto& [id, intent] : state_.intents) intents.push_back(intent);
  return intents;
}

PeerPosition MemIndex::Peer(const ReplicaId& id) {
  auto found = state_.peers.find(id);
  return found == state_.peers.end() ? PeerPosition{} : found->second;
}

}  // namespace atozsync
