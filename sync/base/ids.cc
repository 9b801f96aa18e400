#include "sync/base/ids.h"

#include <cctype>

#include "sync/base/rel_path.h"

namespace atozsync {

namespace {

constexpr std::string_view kBase32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr size_t kIdLetters = 52;
constexpr size_t kGroup = 7;

}  // namespace

std::string ReplicaId::ToString() const {
  std::string text;
  uint32_t buffer = 0;
  int bits = 0;
  size_t letters = 0;
  auto put = [&](uint32_t value) {
    if (letters > 0 && letters % kGroup == 0) text.push_back('-');
    text.push_back(kBase32[value & 31]);
    ++letters;
  };
  for (uint8_t byte : bytes) {
    buffer = (buffer << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      put(buffer >> bits);
    }
  }
  if (bits > 0) put(buffer << (5 - bits));
  return text;
}

Result<ReplicaId> ReplicaId::Parse(std::string_view text) {
  ReplicaId id;
  uint32_t buffer = 0;
  int bits = 0;
  size_t letters = 0;
  size_t out = 0;
  for (char c : text) {
    if (c == '-') continue;
    size_t value = kBase32.find(static_cast<char>(std::toupper(static_cast<unsigned char>(c))));
    if (value == std::string_view::npos || ++letters > kIdLetters) {
      return Status(Errc::kInvalid, "'" + Printable(text) + "' is not a replica id");
    }
    buffer = (buffer << 5) | static_cast<uint32_t>(value);
    bits += 5;
    if (bits >= 8 && out < id.bytes.size()) {
      bits -= 8;
      id.bytes[out++] = static_cast<uint8_t>(buffer >> bits);
    }
  }
  // The last letter has bits to spare: they must be zero, or one id would have several texts.
  bool spare_bits = (buffer & ((1u << bits) - 1)) != 0;
  if (letters != kIdLetters || out != id.bytes.size() || spare_bits) {
    return Status(Errc::kInvalid,
                  "'" + Printable(text) + "' is not a replica id: it has 52 letters and digits");
  }
  return id;
}

std::string ContentHash::ToHex() const {
  std::array<uint8_t, 16> bytes{};
  PutU64(bytes, high);
  PutU64(MutableByteSpan(bytes).subspan(8), low);
  return atozsync::ToHex(bytes);
}

Result<ContentHash> ContentHash::Parse(std::string_view hex) {
  Bytes bytes = FromHex(hex);
  if (bytes.size() != 16) {
    return Status(Errc::kInvalid, "'" + Printable(hex) + "' is not a content hash");
  }
  return ContentHash{GetU64(bytes), GetU64(ByteSpan(bytes).subspan(8))};
}

}  // namespace atozsync
