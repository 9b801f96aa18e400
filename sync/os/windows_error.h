// What failed calls of Windows mean to callers. Stateless; any thread.
#pragma once

#include <cstdint>
#include <string>

#include "sync/base/rel_path.h"
#include "sync/base/status.h"

namespace atozsync {

// For the number that GetLastError() gave: the code of ours, and the system's words. `os_errno` of
// the error is that number.
Error WindowsError(uint32_t code, std::string context);

// "removing 'a/b': The directory is not empty", and what to do where a person can do something.
Error PathError(uint32_t code, const char* doing, const RelPath& path);

// Another program has it open in a way that forbids the call, or is just letting go of it: the same
// call may work a moment later.
bool IsSharingTrouble(uint32_t code);

}  // namespace atozsync
