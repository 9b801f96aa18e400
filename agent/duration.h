// Durations as people write them: "90s", "10 min", "1h", "30 days". Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sync/base/status.h"

namespace atozsync {

// In milliseconds, at most ten years. Units: ms, s, min (m), h, d (day, days).
Result<int64_t> ParseDuration(std::string_view text);

}  // namespace atozsync
