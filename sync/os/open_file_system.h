// The FileSystem of sync/base on a directory of this machine, by this system's own means.
#pragma once

#include <memory>
#include <string>

#include "sync/base/file_system.h"

namespace atozsync {

// kNotFound when `root_directory` is not there or not a directory.
Result<std::unique_ptr<FileSystem>> OpenFileSystem(const std::string& root_directory);

}  // namespace atozsync
