#include "sync/base/rel_path.h"

#include <array>

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

}  // namespace

std::string Printable(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  while (!bytes.empty()) {
    size_t length = Utf8Length(bytes);
    unsigned char first = static_cast<unsigned char>(bytes[0]);
    if (length == 0 || first < 0x20 || first == 0x7F) {
      text += {'\\', 'x', kDigits[first >> 4], kDigits[first & 15]};
      length = 1;
    } else {
      text.append(bytes.substr(0, length));
    }
    bytes.remove_prefix(length);
  }
  return text;
}

}  // namespace atozsync
