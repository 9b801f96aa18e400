// "20 Mbit/s" and "unlimited" as people write them in the configuration, as bytes per second; and
// back, for reports. Decimal: a Mbit is 1,000,000 bits, a MB 1,000,000 bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sync/base/status.h"

namespace atozsync {

// 0: unlimited. kInvalid with a sentence that says what may be written, also for what is out of
// the bounds of UploadLimit.
Result<uint64_t> ParseBandwidth(std::string_view text);
// "20 Mbit/s"; "unlimited" for 0.
std::string FormatBandwidth(uint64_t bytes_per_second);

}  // namespace atozsync
