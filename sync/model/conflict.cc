#include "sync/model/conflict.h"

#include <xxhash.h>

#include <algorithm>
#include <tuple>

#include "sync/base/planted_fault.h"

namespace atozsync {

const char* ConflictKindName(ConflictKind kind) {
  switch (kind) {
    case ConflictKind::kEditEdit: return "edit-edit";
    case ConflictKind::kCreateCreate: return "create-create";
    case ConflictKind::kEditDelete: return "edit-delete";
    case ConflictKind::kType: return "type";
    case ConflictKind::kCase: return "case";
    case ConflictKind::kLateWrite: return "late-write";
  }
  return "unknown";
}

Result<ConflictKind> ParseConflictKind(std::string_view name) {
  for (uint8_t i = 1; i <= static_cast<uint8_t>(ConflictKind::kLateWrite); ++i) {
    if (name == ConflictKindName(static_cast<ConflictKind>(i))) return static_cast<ConflictKind>(i);
  }
  return Status(Errc::kInvalid, "'" + std::string(name) + "' is not a kind of conflict");
}

const char* ConflictStateName(ConflictState state) {
  switch (state) {
    case ConflictState::kOpen: return "open";
    case ConflictState::kKeptWinner: return "kept-winner";
    case ConflictState::kKeptLoser: return "kept-loser";
    case ConflictState::kKeptBoth: return "kept-both";
    case ConflictState::kGone: return "gone";
  }
  return "unknown";
}

ContentHash ConflictId(const RelPath& path, ConflictKind kind, const FileVersion& loser) {
  Bytes bytes(1 + 8 + 8 + 8 + 8 + 8 + 1);
  MutableByteSpan out(bytes);
  out[0] = static_cast<uint8_t>(kind);
  PutU64(out.subspan(1), loser.dot.author);
  PutU64(out.subspan(9), loser.dot.counter);
  PutU64(out.subspan(17), loser.hash.high);
  PutU64(out.subspan(25), loser.hash.low);
  PutU64(out.subspan(33), loser.size);
  out[41] = static_cast<uint8_t>(loser.kind);
  bytes.insert(bytes.end(), path.str().begin(), path.str().end());
  XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return {hash.high64, hash.low64};
}

ConflictRecord MergeConflicts(const ConflictRecord& a, const ConflictRecord& b) {
  CHECK(a.id == b.id);
  ConflictRecord merged = a;
  // The greater winner by rank: a later merge can only have replaced it by something greater.
  // Ties (same content, another vector) go to the merged vector, so that the order cannot matter.
  auto rank = CompareRank(a.winner, b.winner);
  if (rank < 0) {
    merged.winner = b.winner;
    merged.rule = b.rule;
  }
  if (rank == 0) {
    merged.winner.vector = a.winner.vector.Merged(b.winner.vector);
    merged.winner.chain = std::max(a.winner.chain, b.winner.chain);
    merged.winner.known_by = JoinMembers(a.winner.known_by, b.winner.known_by);
    merged.winner.complete_by = JoinMembers(a.winner.complete_by, b.winner.complete_by);
    merged.rule = std::min(a.rule, b.rule);
  }
  merged.loser.vector = a.loser.vector.Merged(b.loser.vector);
  merged.loser.chain = std::max(a.loser.chain, b.loser.chain);
  merged.loser.known_by = JoinMembers(a.loser.known_by, b.loser.known_by);
  merged.loser.complete_by = JoinMembers(a.loser.complete_by, b.loser.complete_by);
  merged.loser.hlc = std::min(a.loser.hlc, b.loser.hlc);
  merged.loser.mtime_ns = std::min(a.loser.mtime_ns, b.loser.mtime_ns);
  merged.other_path = std::max(a.other_path, b.other_path);
  merged.detected_ms = std::min(a.detected_ms, b.detected_ms);
  bool b_decided_later = std::tie(b.state_hlc, b.state) > std::tie(a.state_hlc, a.state);
  if (b_decided_later && !Planted(PlantedFault::kResolutionNotCarried)) {
    merged.state = b.state;
    merged.state_hlc = b.state_hlc;
  }
  return merged;
}

}  // namespace atozsync
