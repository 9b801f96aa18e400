#include "sync/base/utf16.h"

#include <cstddef>
#include <cstdint>

namespace atozsync {

namespace {

bool IsHigh(char32_t unit) {
  return unit >= 0xD800 && unit <= 0xDBFF;
}

bool IsLow(char32_t unit) {
  return unit >= 0xDC00 && unit <= 0xDFFF;
}

// The character that begins at `at`, which moves behind it. Nothing where the bytes are none.
std::optional<char32_t> Take(std::string_view bytes, size_t* at) {
  auto byte = [&](size_t i) { return static_cast<unsigned char>(bytes[i]); };
  const unsigned char first = byte(*at);
  const size_t length = first < 0x80 ? 1 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (length > 1 && (first < 0xC2 || first > 0xF4)) return {};
  if (bytes.size() - *at < length) return {};
  char32_t character = length == 1 ? first : first & (0xFF >> (length + 1));
  for (size_t i = 1; i < length; ++i) {
    if ((byte(*at + i) & 0xC0) != 0x80) return {};
    character = character << 6 | (byte(*at + i) & 0x3F);
  }
  constexpr char32_t kFirstOfLength[] = {0, 0, 0x80, 0x800, 0x10000};
  if (character < kFirstOfLength[length] || character > 0x10FFFF) return {};
  *at += length;
  return character;
}

void Put(char32_t character, std::string& bytes) {
  auto tail = [&](int shift) { bytes += static_cast<char>(0x80 | ((character >> shift) & 0x3F)); };
  if (character < 0x80) {
    bytes += static_cast<char>(character);
  } else if (character < 0x800) {
    bytes += static_cast<char>(0xC0 | character >> 6);
    tail(0);
  } else if (character < 0x10000) {
    bytes += static_cast<char>(0xE0 | character >> 12);
    tail(6);
    tail(0);
  } else {
    bytes += static_cast<char>(0xF0 | character >> 18);
    tail(12);
    tail(6);
    tail(0);
  }
}

}  // namespace

std::optional<std::u16string> ToUtf16(std::string_view bytes) {
  std::u16string text;
  text.reserve(bytes.size());
  bool half_before = false;  // the last unit came as a half of its own
  for (size_t at = 0; at < bytes.size();) {
    const std::optional<char32_t> character = Take(bytes, &at);
    if (!character) return {};
    // Two halves that fit are one character, which has its own four bytes.
    if (half_before && IsLow(*character)) return {};
    half_before = IsHigh(*character);
    if (*character < 0x10000) {
      text += static_cast<char16_t>(*character);
    } else {
      text += static_cast<char16_t>(0xD800 + ((*character - 0x10000) >> 10));
      text += static_cast<char16_t>(0xDC00 + (*character & 0x3FF));
    }
  }
  return text;
}

std::string FromUtf16(std::u16string_view text) {
  std::string bytes;
  bytes.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    char32_t character = text[i];
    if (IsHigh(character) && i + 1 < text.size() && IsLow(text[i + 1])) {
      character = 0x10000 + ((character - 0xD800) << 10) + (text[i + 1] - char32_t{0xDC00});
      ++i;
    }
    Put(character, bytes);
  }
  return bytes;
}

}  // namespace atozsync
