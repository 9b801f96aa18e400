#include "agent/media_type.h"

#include <algorithm>
#include <array>

namespace atozsync {

namespace {

using namespace std::string_view_literals;

struct Magic {
  size_t offset;
  std::string_view bytes;
  std::string_view type;
};

// DICOM: PS3.10, 7.1: a preamble of 128 bytes, then the word.
constexpr std::array kMagics = {
    Magic{0, "\xFF\xD8\xFF"sv, "image/jpeg"}, Magic{0, "\x89PNG\r\n\x1A\n"sv, "image/png"},
    Magic{0, "GIF87a"sv, "image/gif"},        Magic{0, "GIF89a"sv, "image/gif"},
    Magic{0, "II*\0"sv, "image/tiff"},        Magic{0, "MM\0*"sv, "image/tiff"},
    Magic{0, "%PDF-"sv, "application/pdf"},   Magic{128, "DICM"sv, "application/dicom"},
};

constexpr std::pair<std::string_view, std::string_view> kExtensions[] = {
    {"image/jpeg", ".jpg"},        {"image/png", ".png"},  {"image/gif", ".gif"},
    {"image/bmp", ".bmp"},         {"image/tiff", ".tif"}, {"application/pdf", ".pdf"},
    {"application/dicom", ".dcm"}, {"text/plain", ".txt"}};

// A bitmap says its header's size at 14: 40 and more, or 12 in the oldest kind.
bool IsBitmap(std::string_view text) {
  if (text.size() < 18 || text.substr(0, 2) != "BM") return false;
  const auto size = static_cast<unsigned char>(text[14]);
  return (size == 12 || size >= 40) && text.substr(15, 3) == "\0\0\0"sv;
}

// Length of the UTF-8 character at the beginning; 0: it is none.
size_t CharacterBytes(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  const size_t length = first < 0x80   ? 1
                        : first < 0xC2 ? 0
                        : first < 0xE0 ? 2
                        : first < 0xF0 ? 3
                        : first < 0xF5 ? 4
                                       : 0;
  for (size_t i = 1; i < length && i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) return 0;
  }
  return length;
}

bool IsText(std::string_view text) {
  if (text.empty()) return false;
  for (size_t i = 0; i < text.size();) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < 0x20 && text[i] != '\n' && text[i] != '\r' && text[i] != '\t') return false;
    const size_t length = CharacterBytes(text.substr(i));
    if (length == 0 || c == 0x7F) return false;
    i += length;  // the last one may be cut off
  }
  return true;
}

}  // namespace

std::string MediaTypeOf(ByteSpan beginning) {
  const std::string_view text = AsText(beginning);
  for (const Magic& magic : kMagics) {
    if (text.size() >= magic.offset + magic.bytes.size() &&
        text.substr(magic.offset, magic.bytes.size()) == magic.bytes) {
      return std::string(magic.type);
    }
  }
  if (IsBitmap(text)) return "image/bmp";
  // Also what is HTML or SVG: as text nothing in it runs.
  if (IsText(text)) return "text/plain";
  return "application/octet-stream";
}

bool IsPreviewable(std::string_view media_type) {
  return media_type != "application/octet-stream";
}

std::string_view ExtensionOf(std::string_view media_type) {
  for (const auto& [type, extension] : kExtensions) {
    if (type == media_type) return extension;
  }
  return ".bin";
}

}  // namespace atozsync
