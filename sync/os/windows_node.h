// A name below an open directory, opened by Windows' own call relative to that directory's handle:
// so nothing is read into a name, no length is too long, and a directory that somebody swaps for a
// link meanwhile is not followed. The counterpart of openat(). Stateless; any thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "sync/base/file_system.h"
#include "sync/os/windows_handle.h"

namespace atozsync {

enum class Opening {
  kLook,     // attributes only: disturbs nobody, whatever others have open
  kRead,     // its bytes
  kWrite,    // its bytes, and to change them
  kCreate,   // the same, of a file that is new
  kMove,     // to rename or to remove it
  kTime,     // to set its time
  kPass,     // a directory on the way
  kList,     // a directory's names
  kMakeDir,  // a directory that is new
  kFlush,    // a directory, to make its names durable
};

// Shares everything: no other program fails because of us. A link is opened itself, never what it
// leads to. `name` is one component, or empty for the directory itself. On failure the handle is
// invalid and `code` says why.
WindowsHandle OpenNode(HANDLE directory, std::wstring_view name, Opening opening, uint32_t* code);

// The same, tried again for half a second at most while another program is in the way.
WindowsHandle OpenNodePatiently(HANDLE directory, std::wstring_view name, Opening opening,
                                uint32_t* code);

// Renames what is open (kMove) to `name` in the open directory; nothing is ever replaced. 0, or
// the code. Patient as well.
uint32_t RenameNode(HANDLE node, HANDLE directory, std::wstring_view name);

// Removes what is open (kMove): its name is gone at once where the system can do that (Windows 10
// 1709), else with its last handle. 0, or the code.
uint32_t RemoveNode(HANDLE node);

// False and `code` where it cannot be asked.
bool StatNode(HANDLE node, FileStat* stat, uint32_t* code);

// Time since 1970 in ns, and Windows' 100 ns since 1601.
int64_t FromFileTime(int64_t ticks);
int64_t ToFileTime(int64_t time_ns);

}  // namespace atozsync
