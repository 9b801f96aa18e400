// Byte buffers and spans, and fixed-width big-endian numbers inside them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace atozsync {

using Bytes = std::vector<uint8_t>;
using ByteSpan = std::span<const uint8_t>;
using MutableByteSpan = std::span<uint8_t>;

inline ByteSpan AsBytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}
inline std::string_view AsText(ByteSpan bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// REQUIRES: out.size() >= 4 (8).
void PutU32(MutableByteSpan out, uint32_t value);
void PutU64(MutableByteSpan out, uint64_t value);
// REQUIRES: in.size() >= 4 (8).
uint32_t GetU32(ByteSpan in);
uint64_t GetU64(ByteSpan in);

std::string ToHex(ByteSpan bytes);
// Empty where `hex` is not an even number of hexadecimal digits.
Bytes FromHex(std::string_view hex);

}  // namespace atozsync
