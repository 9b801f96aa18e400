#include "watcher/windows_changes.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <optional>
#include <string>

#include "sync/base/utf16.h"

namespace atozsync {

namespace {

constexpr size_t kFrontBytes = 12;  // next entry, action, length of the name; all little-endian

uint32_t U32At(ByteSpan bytes, size_t at) {
  uint32_t value = 0;
  for (size_t i = 4; i > 0; --i) value = value << 8 | bytes[at + i - 1];
  return value;
}

std::optional<RelPath> PathIn(ByteSpan name) {
  std::u16string units(name.size() / 2, u'\0');
  for (size_t i = 0; i < units.size(); ++i) {
    units[i] = static_cast<char16_t>(name[2 * i] | name[2 * i + 1] << 8);
  }
  std::string text = FromUtf16(units);
  std::replace(text.begin(), text.end(), '\\', '/');
  Result<RelPath> path = RelPath::Parse(text);
  return path.ok() ? std::optional<RelPath>(std::move(path).value()) : std::nullopt;
}

}  // namespace

WindowsChanges DecodeWindowsChanges(ByteSpan bytes) {
  WindowsChanges decoded;
  if (bytes.empty()) return decoded;
  for (size_t at = 0;;) {
    const ByteSpan rest = bytes.subspan(at);
    if (rest.size() < kFrontBytes) break;
    const uint32_t next = U32At(rest, 0);
    const uint32_t action = U32At(rest, 4);
    const uint32_t name_bytes = U32At(rest, 8);
    if (name_bytes % 2 != 0 || name_bytes > rest.size() - kFrontBytes) break;
    const std::optional<RelPath> path = PathIn(rest.subspan(kFrontBytes, name_bytes));
    if (path && action >= 1 && action <= 5) {
      decoded.changes.push_back({static_cast<WindowsAction>(action), *path});
    } else {
      decoded.damaged = true;
    }
    if (next == 0) return decoded;
    if (next > rest.size()) break;
    at += next;
  }
  decoded.damaged = true;
  return decoded;
}

}  // namespace atozsync
