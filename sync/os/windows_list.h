// The names in an open directory, each with its stat: List() of WindowsFileSystem. Stateless; any
// thread; errors name `dir`.
#pragma once

#include <vector>

#include "sync/base/file_system.h"
#include "sync/os/windows_handle.h"

namespace atozsync {

// All names but "." and ".."; one that vanishes meanwhile is left out. `directory` is open as kList
// and not read from before. Stats come from the files, not from the directory, whose own copy NTFS
// leaves behind while a program writes.
Result<std::vector<DirEntry>> ListOpenDirectory(HANDLE directory, const RelPath& dir);

}  // namespace atozsync
