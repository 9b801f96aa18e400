// Lists the subdirectories of a directory. Blocking: runs on Lane::kWalk. Symbolic links are not
// followed. Touches each subdirectory's inode, so that watching it afterwards, on the loop thread,
// does not wait for the disk.
#pragma once

#include <string>
#include <vector>

#include "sync/base/status.h"

namespace atozsync {

// Names in byte order. kNotFound when `directory` is not there or not a directory.
Result<std::vector<std::string>> ListSubdirectories(const std::string& directory);

}  // namespace atozsync
