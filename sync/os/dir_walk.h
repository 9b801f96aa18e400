// From an open root to a directory below it without ever leaving the root: neither a symbolic link
// on the way nor a directory that is swapped for one meanwhile is followed.
//
// One openat2() call does it where the kernel has it (Linux 5.6) and the path fits into PATH_MAX;
// otherwise one openat(O_NOFOLLOW) per component, each relative to the handle before. Stateless;
// any thread.
#pragma once

#include "sync/base/rel_path.h"
#include "sync/base/status.h"
#include "sync/os/unique_fd.h"

namespace atozsync {

enum class DirUse {
  kPass,  // only as the directory argument of *at() calls; needs no right to read it
  kRead,  // also to list and to sync it
};

// False where openat2() is missing or a sandbox forbids it.
bool HasOpenat2(int root_fd);

// `use_openat2` is what HasOpenat2() said. kNotFound when `dir` is not there, is not a directory or
// lies behind a link. `doing` is for the message.
Result<UniqueFd> OpenDirBelow(int root_fd, const RelPath& dir, DirUse use, bool use_openat2,
                              const char* doing);

}  // namespace atozsync
