// Small files of the state directory: read whole, written in one durable step. Not for the folder
// that is synchronized (that is FileSystem). Blocking; any thread. Errors name the path.
#pragma once

#include <string>
#include <string_view>

#include "sync/base/status.h"

namespace atozsync {

// kNotFound when it is not there, kInvalid when it is longer than `bytes_max`.
Result<std::string> ReadSmallFile(const std::string& path, size_t bytes_max);
// Mode 0600. After OK the new content is there also after a power loss; at any other moment the old
// or the new content is there, whole.
Status WriteSmallFile(const std::string& path, std::string_view content);
// With all parents that are missing; mode 0700. OK when it is there already.
Status MakePrivateDir(const std::string& path);
Status RenameDurably(const std::string& from, const std::string& to);
bool PathExists(const std::string& path);
bool IsDirectory(const std::string& path);
// Absolute and without links, "." and "..". The path must exist.
Result<std::string> RealPath(const std::string& path);

}  // namespace atozsync
