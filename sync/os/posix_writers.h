// Asks the kernel whether a file is open for writing. Linux gives a lease for reading only while
// nobody has the file open (or mapped) for writing, and only to the file's owner or to a process
// with CAP_LEASE. The lease is given back at once: whoever opens the file for writing meanwhile
// waits for that. Stateless; any thread.
#pragma once

#include "sync/base/file_system.h"

namespace atozsync {

// `fd` must be open for reading only. kUnknown where the kernel gives no answer, and where other
// machines may write to the file without its knowing.
Writers WritersOfOpenFile(int fd);

}  // namespace atozsync
