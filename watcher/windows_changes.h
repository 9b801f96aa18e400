// The bytes that ReadDirectoryChangesW() fills in, as changes. Portable, so that it is tested and
// fuzzed on every system. Pure; any thread. Layout: FILE_NOTIFY_INFORMATION in winnt.h.
#pragma once

#include <cstdint>
#include <vector>

#include "sync/base/bytes.h"
#include "sync/base/rel_path.h"

namespace atozsync {

// The values are Windows'.
enum class WindowsAction : uint32_t {
  kAdded = 1,
  kRemoved = 2,
  kModified = 3,
  kRenamedFrom = 4,
  kRenamedTo = 5,
};

struct WindowsChange {
  WindowsAction action = WindowsAction::kModified;
  RelPath path;  // below the watched directory
  bool operator==(const WindowsChange&) const = default;
};

struct WindowsChanges {
  std::vector<WindowsChange> changes;
  // Some of it made no sense: what it would have told is unknown.
  bool damaged = false;
};

WindowsChanges DecodeWindowsChanges(ByteSpan bytes);

}  // namespace atozsync
