// Access lists: who else may open a file. Stateless; any thread.
#pragma once

#include <cstdint>
#include <string>

#include "sync/os/system_files.h"

namespace atozsync {

// Gives a directory a list of its own that inherits nothing and is inherited by all below: the
// system, administrators and this process' account may do everything, nobody else anything.
// 0, or the code.
uint32_t CloseDirectory(const std::wstring& native);

// Does the list let anybody in whom `wanted` forbids? False where it cannot be read.
bool LetsOthersIn(const std::wstring& native, Closed wanted);

}  // namespace atozsync
