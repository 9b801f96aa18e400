#include "database/name_rules.h"

#include <algorithm>
#include <cstdint>

namespace atozsync {

namespace {

constexpr std::string_view kImageTag = "[[img:";
constexpr std::string_view kTagEnd = "]]";

// The lower-case letter for a letter of two UTF-8 bytes; the same number where there is none.
uint32_t LowerTwoByte(uint32_t letter) {
  auto in = [letter](uint32_t first, uint32_t last) { return letter >= first && letter <= last; };
  if (in(0xc0, 0xde) && letter != 0xd7) return letter + 0x20;            // À … Þ
  if (letter == 0x178) return 0xff;                                      // Ÿ
  if (in(0x139, 0x148) || in(0x179, 0x17e)) return letter + letter % 2;  // Ĺ … Ň, Ź … Ž
  bool pairs = (in(0x100, 0x137) && letter != 0x130 && letter != 0x131) || in(0x14a, 0x177) ||
               in(0x1f8, 0x21f) || in(0x460, 0x481) || in(0x48a, 0x4bf) || in(0x4d0, 0x52f);
  if (pairs) return letter + 1 - letter % 2;
  if (in(0x391, 0x3ab) && letter != 0x3a2) return letter + 0x20;  // Greek
  if (in(0x410, 0x42f)) return letter + 0x20;                     // Cyrillic
  if (in(0x400, 0x40f)) return letter + 0x50;
  return letter;
}

char LowerAscii(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string WithSlashes(std::string_view text) {
  std::string out(text);
  std::replace(out.begin(), out.end(), '\\', '/');
  return out;
}

}  // namespace

Result<RelPath> PathOfValue(std::string_view folder, std::string_view value) {
  std::string name = WithSlashes(value);
  std::string full = folder.empty() ? name : std::string(folder) + "/" + name;
  Result<RelPath> path = RelPath::Parse(full);
  bool drive = name.size() > 1 && name[1] == ':';
  if (!path.ok() || name.empty() || drive) {
    return Status(Errc::kInvalid, "'" + Printable(value) + "' cannot be the name of a file");
  }
  return path;
}

std::vector<std::string> ImagesInMarkup(std::string_view text) {
  std::vector<std::string> names;
  for (size_t at = text.find(kImageTag); at != std::string_view::npos && names.size() < kImagesMax;
       at = text.find(kImageTag, at)) {
    at += kImageTag.size();
    // A name has at least one character: "[[img:]]]" names "]".
    size_t end = text.find(kTagEnd, at + 1);
    if (end == std::string_view::npos) break;
    std::string name(text.substr(at, end - at));
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      names.push_back(std::move(name));
    }
    at = end + kTagEnd.size();
  }
  return names;
}

bool IsWebAddress(std::string_view name) {
  std::string folded = FoldCase(name);
  return folded.find("://") != std::string::npos || folded.compare(0, 4, "www.") == 0;
}

std::optional<std::string> BelowRoots(std::string_view full_path,
                                      const std::vector<std::string>& roots) {
  std::string full = WithSlashes(full_path);
  std::string folded = FoldCase(full);
  for (const std::string& root : roots) {
    std::string start = FoldCase(WithSlashes(root));
    while (!start.empty() && start.back() == '/') start.pop_back();
    if (start.empty() || folded.size() <= start.size() + 1) continue;
    // Folding may change how many bytes a letter has: then the rest cannot be cut off by counting.
    if (folded.size() != full.size()) continue;
    if (folded.compare(0, start.size(), start) == 0 && folded[start.size()] == '/') {
      return full.substr(start.size() + 1);
    }
  }
  return {};
}

std::string FoldCase(std::string_view name) {
  std::string out;
  out.reserve(name.size());
  for (size_t i = 0; i < name.size(); ++i) {
    auto lead = static_cast<unsigned char>(name[i]);
    bool two = lead >= 0xc3 && lead <= 0xdf && i + 1 < name.size() &&
               (static_cast<unsigned char>(name[i + 1]) & 0xc0) == 0x80;
    if (!two) {
      out += LowerAscii(name[i]);
      continue;
    }
    uint32_t letter = (lead & 0x1fu) << 6 | (static_cast<unsigned char>(name[i + 1]) & 0x3fu);
    letter = LowerTwoByte(letter);
    out += static_cast<char>(0xc0 | letter >> 6);
    out += static_cast<char>(0x80 | (letter & 0x3f));
    ++i;
  }
  return out;
}

}  // namespace atozsync
