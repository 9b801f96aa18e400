// The same as volume.h, of what is open. For the POSIX side of sync/os only.
#pragma once

#include "sync/os/volume.h"

namespace atozsync {

bool IsNetworkFileSystem(int fd);

}  // namespace atozsync
