// Deltas inside a changed chunk, for two that never have both contents in one place (Tridgell and
// Mackerras, "The rsync algorithm", 1996): who has the old bytes sums them block by block; who has
// the new ones finds those blocks at any offset and names them; the rest travels as it is. Sums are
// short and say only what may be equal: the result is verified by its hash (FetchFile).
//
//   sums  = block*          block = weak (4 bytes, big endian) strong (4 bytes, big endian)
//   delta = operation*      all numbers are LEB128
//   operation = 2 × length, `length` bytes | 2 × count + 1, number of the first of `count` blocks
//
// Pure; any thread.
#pragma once

#include <optional>

#include "sync/base/bytes.h"
#include "sync/base/status.h"

namespace atozsync {

inline constexpr size_t kBlockSumBytes = 8;

// What costs least when one place in `base_bytes` has changed: sums and the block around it.
uint32_t DeltaBlockBytes(size_t base_bytes);

// Of all whole blocks of `base`; a rest at the end has none. `secret`: the cluster's.
Bytes SumBlocks(ByteSpan secret, ByteSpan base, uint32_t block_bytes);

// nullopt where it would not be smaller than `raw`. Time is bounded whatever the sums are: a few
// looks per byte of `raw`. REQUIRES: block_bytes > 0, sums.size() a multiple of kBlockSumBytes.
std::optional<Bytes> MakeDelta(ByteSpan secret, ByteSpan sums, uint32_t block_bytes, ByteSpan raw);

// kCorrupt where the delta does not make exactly `raw_bytes` of this base. REQUIRES: block_bytes >
// 0.
Result<Bytes> ApplyDelta(ByteSpan base, uint32_t block_bytes, ByteSpan delta, size_t raw_bytes);

}  // namespace atozsync
