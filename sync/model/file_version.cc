#include "sync/model/file_version.h"

#include <algorithm>
#include <iterator>

#include "sync/base/planted_fault.h"

namespace atozsync {

const char* VersionKindName(VersionKind kind) {
  switch (kind) {
    case VersionKind::kTombstone: return "deleted";
    case VersionKind::kFile: return "file";
    case VersionKind::kDir: return "directory";
  }
  return "unknown";
}

bool FileVersion::ChainHas(const ContentHash& content) const {
  return std::find(chain.begin(), chain.end(), content) != chain.end();
}

bool FileVersion::HasSeen(const Dot& change) const {
  return change.counter != 0 && vector.CounterOf(change.author) >= change.counter;
}

bool FileVersion::Replaced(const FileVersion& older) const {
  if (older.kind != VersionKind::kFile) return false;
  // Both may have met a third content since, which then stands in both chains. The dots still tell.
  if (ChainHas(older.hash) && HasSeen(older.dot) && !older.HasSeen(dot)) return true;
  for (const ContentHash& content : chain) {
    if (content == older.hash) return true;
    if (content == ContentHash() || older.ChainHas(content)) return false;
  }
  return false;
}

namespace {

bool IsSortedSet(const std::vector<uint32_t>& members) {
  return members.size() <= FileVersion::kMembersMax &&
         std::adjacent_find(members.begin(), members.end(), std::greater_equal<>()) ==
             members.end();
}

}  // namespace

Status ValidateVersion(const FileVersion& version) {
  if (version.kind > VersionKind::kDir) return {Errc::kCorrupt, "unknown kind of version"};
  if (version.chain.size() > FileVersion::kChainMax) return {Errc::kCorrupt, "chain is too long"};
  if (version.size > (uint64_t{1} << 62)) return {Errc::kCorrupt, "size is impossible"};
  if (!IsSortedSet(version.known_by) || !IsSortedSet(version.complete_by)) {
    return {Errc::kCorrupt, "list of members is not in order"};
  }
  if (version.exists() && (!version.known_by.empty() || !version.complete_by.empty())) {
    return {Errc::kCorrupt, "acknowledgements without a deletion"};
  }
  return Status::Ok();
}

Status CheckJoin(const FileVersion& local, const FileVersion& remote) {
  constexpr size_t kAuthorsMax = FileVersion::kAuthorsJoinedMax;
  size_t authors = local.vector.entries().size() + remote.vector.entries().size();
  if (authors > kAuthorsMax && local.vector.Merged(remote.vector).entries().size() > kAuthorsMax) {
    return {Errc::kCorrupt, "its history has more authors than a cluster can have"};
  }
  size_t members = std::max(JoinMembers(local.known_by, remote.known_by).size(),
                            JoinMembers(local.complete_by, remote.complete_by).size());
  // One is left for this replica.
  if (members < FileVersion::kMembersMax) return Status::Ok();
  return {Errc::kCorrupt, "its deletion is known to more replicas than a cluster can have"};
}

std::strong_ordering CompareRank(const FileVersion& a, const FileVersion& b) {
  if (auto order = a.kind <=> b.kind; order != 0) return order;
  if (Planted(PlantedFault::kRankByFileTime) && a.mtime_ns != b.mtime_ns) {
    return a.mtime_ns <=> b.mtime_ns;
  }
  if (auto order = a.hlc <=> b.hlc; order != 0) return order;
  if (auto order = a.dot <=> b.dot; order != 0) return order;
  if (auto order = a.hash <=> b.hash; order != 0) return order;
  if (auto order = a.size <=> b.size; order != 0) return order;
  return a.mtime_ns <=> b.mtime_ns;
}

std::vector<uint32_t> JoinMembers(const std::vector<uint32_t>& a, const std::vector<uint32_t>& b) {
  std::vector<uint32_t> both;
  std::set_union(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(both));
  return both;
}

Dot DotAfter(const FileVersion& older, const FileVersion& found) {
  bool time_only = found.kind == VersionKind::kFile && found.SameContent(older);
  return time_only && older.dot.counter != 0 ? older.dot : found.dot;
}

std::vector<ContentHash> ChainAfter(const FileVersion& older) {
  std::vector<ContentHash> chain;
  if (older.kind == VersionKind::kFile) {
    chain.push_back(older.hash);
  } else if (!older.chain.empty()) {
    chain.emplace_back();
  }
  for (const ContentHash& hash : older.chain) {
    if (chain.size() == FileVersion::kChainMax) break;
    if (std::find(chain.begin(), chain.end(), hash) == chain.end()) chain.push_back(hash);
  }
  return chain;
}

}  // namespace atozsync
