// Facts about the volume that a directory lies on. Stateless; any thread.
#pragma once

#include <string>

namespace atozsync {

// True where other machines (or a program in between) may change files without this kernel knowing:
// network, cluster and shared-folder file systems, and all of FUSE, whose kinds cannot be told
// apart. Change notification misses such changes, and one sync call for the volume may not reach
// the far side. False where the directory cannot be asked: opening it says why.
bool IsNetworkFileSystem(const std::string& dir);

}  // namespace atozsync
