// Relative paths: whatever parses cannot leave the root, and comes back byte for byte.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sync/base/bytes.h"
#include "sync/base/rel_path.h"

namespace atozsync {
namespace {

// Said a second time, in other words than the parser's.
bool IsSafe(std::string_view path) {
  const std::string between = "/" + std::string(path) + "/";
  if (path.empty()) return true;  // the root
  if (path.size() > RelPath::kPathBytesMax) return false;
  if (path.find('\0') != std::string_view::npos) return false;
  for (const char* bad : {"//", "/./", "/../"}) {
    if (between.find(bad) != std::string::npos) return false;
  }
  size_t name_bytes = 0;
  for (const char c : path) {
    name_bytes = c == '/' ? 0 : name_bytes + 1;
    if (name_bytes > RelPath::kNameBytesMax) return false;
  }
  return true;
}

void CheckPath(const RelPath& path) {
  CHECK(IsSafe(path.str()));
  RelPath rebuilt;
  for (const std::string_view name : path.components()) {
    CHECK(RelPath::IsValidName(name));
    CHECK(rebuilt.is_root() || path.IsBelow(rebuilt));
    const RelPath child = rebuilt.Child(name);
    CHECK(child.parent() == rebuilt && child.name() == name && child.IsBelow(rebuilt));
    rebuilt = child;
  }
  CHECK(rebuilt == path);
  CHECK(!path.IsBelow(path));
}

void CheckPrintable(std::string_view bytes) {
  const std::string shown = Printable(bytes);
  CHECK(std::none_of(shown.begin(), shown.end(), [](char c) {
    return static_cast<uint8_t>(c) < 0x20 || static_cast<uint8_t>(c) == 0x7F;
  }));
  CHECK(shown.size() <= 4 * bytes.size());
  // What is printable already, stays as it is.
  CHECK(Printable(shown).size() >= shown.size());
}

}  // namespace
}  // namespace atozsync

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace atozsync;
  const std::string_view bytes = AsText({data, size});
  const Result<RelPath> path = RelPath::Parse(bytes);
  CHECK(path.ok() == IsSafe(bytes));
  if (path.ok()) {
    CHECK(path->str() == bytes);
    CheckPath(*path);
  }
  CheckPrintable(bytes);
  return 0;
}
