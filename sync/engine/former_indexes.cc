#include "sync/engine/former_indexes.h"

#include <algorithm>

#include "protocol/messages.h"
#include "sync/engine/meta_keys.h"
#include "sync/engine/meta_values.h"

namespace atozsync {

std::vector<uint64_t> FormerIndexes(Index& index, const ReplicaId& peer) {
  std::vector<uint64_t> former;
  std::string text = index.Meta(meta::kFormerIndexesOf + peer.ToString()).value_or("");
  for (auto [id, unused] : ParsePairs(text)) former.push_back(id);
  return former;
}

bool IsFormerIndex(Index& index, const ReplicaId& peer, uint64_t index_id) {
  std::vector<uint64_t> former = FormerIndexes(index, peer);
  return std::find(former.begin(), former.end(), index_id) != former.end();
}

void NoteFormerIndex(Index& index, const ReplicaId& peer, uint64_t index_id, IndexBatch& batch) {
  std::vector<uint64_t> former = FormerIndexes(index, peer);
  former.push_back(index_id);
  size_t too_many = former.size() - std::min(former.size(), protocol::kFormerIndexesMax);
  std::string text;
  for (size_t i = too_many; i < former.size(); ++i) AppendPair(text, former[i], 0);
  batch.meta[meta::kFormerIndexesOf + peer.ToString()] = text;
}

}  // namespace atozsync
