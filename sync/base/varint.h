// LEB128: numbers of seven bits per byte, the lowest first; the top bit says that more follow.
#pragma once

#include <cstdint>
#include <optional>

#include "sync/base/bytes.h"

namespace atozsync {

inline void PutVarint(Bytes& out, uint64_t value) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<uint8_t>(value | 0x80));
  out.push_back(static_cast<uint8_t>(value));
}

// From the front of `in`, which then begins behind it. Nothing: it is cut off, or longer than ten
// bytes.
inline std::optional<uint64_t> TakeVarint(ByteSpan& in) {
  uint64_t value = 0;
  for (int shift = 0; shift < 64 && !in.empty(); shift += 7) {
    uint8_t byte = in.front();
    in = in.subspan(1);
    value |= uint64_t{byte & 0x7fu} << shift;
    if (byte < 0x80) return value;
  }
  return std::nullopt;
}

}  // namespace atozsync
