// zstd where it pays. Pure functions; called on worker lanes.
#pragma once

#include <optional>

#include "sync/base/bytes.h"
#include "sync/base/status.h"

namespace atozsync::protocol {

// Nothing when compressing would not save at least an eighth: judged on a sample first, so that
// JPEG and its like cost next to nothing.
std::optional<Bytes> CompressIfItPays(ByteSpan raw);
// kCorrupt unless `compressed` is one zstd frame that expands to exactly raw_size bytes.
// REQUIRES: raw_size was checked against a bound.
Result<Bytes> Decompress(ByteSpan compressed, size_t raw_size);

}  // namespace atozsync::protocol
