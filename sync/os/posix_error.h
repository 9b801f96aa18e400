// What failed system calls on a tree mean to callers, and the repetition of interrupted ones.
// Stateless; any thread.
#pragma once

#include <cerrno>
#include <string>

#include "sync/base/rel_path.h"
#include "sync/base/status.h"

namespace atozsync {

// "removing 'a/b': Directory not empty". On top of ErrnoError(): things of the wrong kind are
// kInvalid, exhausted descriptors kBusy, another volume kUnsupported; says what to do where a
// person can do something.
Error PathError(int os_errno, const char* doing, const RelPath& path);

// The same for a directory on the way to a name: a link or a file in its place means that nothing
// is there.
Error DirError(int os_errno, const char* doing, const RelPath& path);

// Calls again what a signal interrupted; returns what the call returns.
template <typename Call>
auto RetryInterrupted(Call call) {
  while (true) {
    auto result = call();
    if (result != -1 || errno != EINTR) return result;
  }
}

}  // namespace atozsync
