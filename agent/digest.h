// SHA-256, to name secrets without showing them and to find typing errors. Pure function.
#pragma once

#include <array>

#include "sync/base/bytes.h"

namespace atozsync {

using Sha256Digest = std::array<uint8_t, 32>;
Sha256Digest Sha256(ByteSpan data);

}  // namespace atozsync
