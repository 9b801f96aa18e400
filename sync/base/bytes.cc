#include "sync/base/bytes.h"

#include "sync/base/check.h"

namespace atozsync {

void PutU32(MutableByteSpan out, uint32_t value) {
  CHECK(out.size() >= 4);
  for (int i = 0; i < 4; ++i)
    out[static_cast<size_t>(i)] = static_cast<uint8_t>(value >> (24 - 8 * i));
}

void PutU64(MutableByteSpan out, uint64_t value) {
  CHECK(out.size() >= 8);
  PutU32(out, static_cast<uint32_t>(value >> 32));
  PutU32(out.subspan(4), static_cast<uint32_t>(value));
}

uint32_t GetU32(ByteSpan in) {
  CHECK(in.size() >= 4);
  return (uint32_t{in[0]} << 24) | (uint32_t{in[1]} << 16) | (uint32_t{in[2]} << 8) | in[3];
}

uint64_t GetU64(ByteSpan in) {
  CHECK(in.size() >= 8);
  return (uint64_t{GetU32(in)} << 32) | GetU32(in.subspan(4));
}

std::string ToHex(ByteSpan bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  hex.reserve(bytes.size() * 2);
  for (uint8_t byte : bytes) {
    hex.push_back(kDigits[byte >> 4]);
    hex.push_back(kDigits[byte & 15]);
  }
  return hex;
}

namespace {

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

Bytes FromHex(std::string_view hex) {
  if (hex.size() % 2 != 0) return {};
  Bytes bytes;
  bytes.reserve(hex.size() / 2);
  for (size_t i = 0; i < hex.size(); i += 2) {
    int high = HexDigit(hex[i]);
    int low = HexDigit(hex[i + 1]);
    if (high < 0 || low < 0) return {};
    bytes.push_back(static_cast<uint8_t>(high * 16 + low));
  }
  return bytes;
}

}  // namespace atozsync
