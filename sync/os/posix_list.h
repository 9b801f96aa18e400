// The names in an open directory, each with its stat: List() of PosixFileSystem. As few system
// calls as there can be, for a folder with a million files is looked through this way. Stateless;
// any thread; errors name `dir`.
#pragma once

#include <vector>

#include "sync/base/file_system.h"

namespace atozsync {

// All names but "." and ".."; one that vanishes meanwhile is left out. `dir_fd` must be open for
// reading and not read from before; it stays open.
Result<std::vector<DirEntry>> ListOpenDir(int dir_fd, const RelPath& dir);

}  // namespace atozsync
