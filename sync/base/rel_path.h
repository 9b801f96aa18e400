// RelPath: a path below the root that cannot leave it.
//
// Components are separated by '/', none is empty, "." or "..", none holds NUL or is longer than 255
// bytes. Otherwise any bytes: names need not be UTF-8. Compared byte by byte, case matters. The
// root itself is the empty path. Immutable value.
#pragma once

#include <compare>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sync/base/status.h"

namespace atozsync {

class RelPath {
 public:
  static constexpr size_t kNameBytesMax = 255;
  static constexpr size_t kPathBytesMax = 32768;

  RelPath() = default;  // the root
  static Result<RelPath> Parse(std::string_view bytes);
  // REQUIRES: `bytes` is known to be valid (a literal, a value that was parsed before).
  static RelPath Trusted(std::string_view bytes);
  static bool IsValidName(std::string_view name);

  const std::string& str() const& { return path_; }
  // Of a path that is about to end: a reference into it would outlive it.
  std::string str() && { return std::move(path_); }
  bool is_root() const { return path_.empty(); }
  // Empty for the root.
  std::string_view name() const;
  // The root for names directly below it, and for the root.
  RelPath parent() const;
  // REQUIRES: IsValidName(name).
  RelPath Child(std::string_view name) const;
  // Strictly below `ancestor`; everything but the root is below the root.
  bool IsBelow(const RelPath& ancestor) const;
  bool IsAtOrBelow(const RelPath& place) const { return *this == place || IsBelow(place); }
  std::vector<std::string_view> components() const;

  auto operator<=>(const RelPath&) const = default;

 private:
  explicit RelPath(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

// For messages and logs: control characters and invalid UTF-8 as \xNN, so that a name cannot
// forge a line.
std::string Printable(std::string_view bytes);
inline std::string Printable(const RelPath& path) {
  return path.is_root() ? "." : Printable(path.str());
}

}  // namespace atozsync
