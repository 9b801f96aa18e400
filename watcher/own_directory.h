// What lies below `.atozsync` is the engine's own: no watcher tells of it. Stateless; any thread.
#pragma once

#include <string_view>

#include "sync/base/rel_path.h"

namespace atozsync {

inline constexpr std::string_view kOwnDirectory = ".atozsync";

inline bool IsOwnDirectory(const RelPath& path) {
  const std::string_view text = path.str();
  return text.starts_with(kOwnDirectory) &&
         (text.size() == kOwnDirectory.size() || text[kOwnDirectory.size()] == '/');
}

}  // namespace atozsync
