// Which indexes of a peer went before the one it has now. A replica whose index is lost or set
// aside makes a new one with a new id; where the old one is put back later (a virtual machine that
// is set back a second time), its sequences tell nobody anything, for its peers know those of the
// newer one. So they tell the replica in Hello which ids they have seen come and go. Loop thread.
// Errors: none, what is not known was never seen.
#pragma once

#include <cstdint>
#include <vector>

#include "sync/base/ids.h"
#include "sync/engine/index.h"

namespace atozsync {

// Oldest first, at most protocol::kFormerIndexesMax: older ones are forgotten.
std::vector<uint64_t> FormerIndexes(Index& index, const ReplicaId& peer);
bool IsFormerIndex(Index& index, const ReplicaId& peer, uint64_t index_id);

// The peer came with another index than `index_id`, which it had until now.
void NoteFormerIndex(Index& index, const ReplicaId& peer, uint64_t index_id, IndexBatch& batch);

}  // namespace atozsync
