#include "sync/base/rel_path.h"

#include <algorithm>

namespace atozsync {

bool RelPath::IsValidName(std::string_view name) {
  return !name.empty() && name.size() <= kNameBytesMax && name != "." && name != ".." &&
         name.find('/') == std::string_view::npos && name.find('\0') == std::string_view::npos;
}

Result<RelPath> RelPath::Parse(std::string_view bytes) {
  if (bytes.size() > kPathBytesMax) return Status(Errc::kInvalid, "path is too long");
  size_t start = 0;
  while (!bytes.empty() && start <= bytes.size()) {
    size_t slash = bytes.find('/', start);
    if (slash == std::string_view::npos) slash = bytes.size();
    if (!IsValidName(bytes.substr(start, slash - start))) {
      return Status(Errc::kInvalid, "'" + Printable(bytes) + "' is not a path below the root");
    }
    start = slash + 1;
  }
  return RelPath(std::string(bytes));
}

RelPath RelPath::Trusted(std::string_view bytes) {
  Result<RelPath> path = Parse(bytes);
  CHECK(path.ok());
  return std::move(path).value();
}

std::string_view RelPath::name() const {
  size_t slash = path_.rfind('/');
  return slash == std::string::npos ? std::string_view(path_)
                                    : std::string_view(path_).substr(slash + 1);
}

RelPath RelPath::parent() const {
  size_t slash = path_.rfind('/');
  return slash == std::string::npos ? RelPath() : RelPath(path_.substr(0, slash));
}

RelPath RelPath::Child(std::string_view name) const {
  CHECK(IsValidName(name));
  std::string child = path_;
  if (!child.empty()) child.push_back('/');
  child.append(name);
  return RelPath(std::move(child));
}

bool RelPath::IsBelow(const RelPath& ancestor) const {
  if (ancestor.is_root()) return !is_root();
  return path_.size() > ancestor.path_.size() && path_[ancestor.path_.size()] == '/' &&
         path_.compare(0, ancestor.path_.size(), ancestor.path_) == 0;
}

std::vector<std::string_view> RelPath::components() const {
  std::vector<std::string_view> parts;
  std::string_view rest = path_;
  while (!rest.empty()) {
    size_t slash = rest.find('/');
    parts.push_back(rest.substr(0, slash));
    rest = slash == std::string_view::npos ? std::string_view() : rest.substr(slash + 1);
  }
  return parts;
}

namespace {

// Length of the valid UTF-8 sequence at the start of `text`, 0 where there is none.
size_t Utf8Length(std::string_view text) {
  auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  unsigned char first = byte(0);
  size_t length = first < 0x80 ? 1 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (length == 1) return 1;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  unsigned char second = byte(1);
  bool overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
  bool out_of_range = (first == 0xED && second > 0x9F) || (first == 0xF4 && second > 0x8F);
  return overlong || out_of_range ? 0 : length;
}

// What a terminal or a log viewer obeys instead of showing it: control characters, line ends, and
// what turns the direction of writing round.
bool IsControl(std::string_view character) {
  auto byte = [&](size_t i) { return static_cast<unsigned char>(character[i]); };
  if (character.size() == 1) return byte(0) < 0x20 || byte(0) == 0x7F;
  if (character.size() == 2) return byte(0) == 0xC2 && byte(1) < 0xA0;  // U+0080 … U+009F
  if (character.size() != 3 || byte(0) != 0xE2) return false;
  bool separator_or_override = byte(1) == 0x80 && byte(2) >= 0xA8 && byte(2) <= 0xAE;
  bool isolate = byte(1) == 0x81 && byte(2) >= 0xA6 && byte(2) <= 0xA9;
  return separator_or_override || isolate;
}

void AppendHex(std::string_view bytes, std::string& text) {
  static constexpr char kDigits[] = "0123456789abcdef";
  for (char c : bytes) {
    unsigned char byte = static_cast<unsigned char>(c);
    text += {'\\', 'x', kDigits[byte >> 4], kDigits[byte & 15]};
  }
}

}  // namespace

std::string Printable(std::string_view bytes) {
  std::string text;
  while (!bytes.empty()) {
    size_t length = Utf8Length(bytes);
    std::string_view character = bytes.substr(0, std::max<size_t>(length, 1));
    if (length == 0 || IsControl(character)) {
      AppendHex(character, text);
    } else {
      text.append(character);
    }
    bytes.remove_prefix(character.size());
  }
  return text;
}

}  // namespace atozsync
