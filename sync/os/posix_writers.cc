#include "sync/os/posix_writers.h"

#include <fcntl.h>

#include <cerrno>
#include <csignal>

#include "sync/os/posix_volume.h"

namespace atozsync {

Writers WritersOfOpenFile(int fd) {
  if (IsNetworkFileSystem(fd)) return Writers::kUnknown;
  // Whoever opens the file while the lease stands makes the kernel send a signal: one that is
  // ignored unless a program asks for it, instead of SIGIO, which ends the program.
  if (::fcntl(fd, F_SETSIG, SIGURG) != 0) return Writers::kUnknown;
  if (::fcntl(fd, F_SETLEASE, F_RDLCK) != 0) {
    return errno == EAGAIN ? Writers::kSome : Writers::kUnknown;
  }
  ::fcntl(fd, F_SETLEASE, F_UNLCK);
  return Writers::kNone;
}

}  // namespace atozsync
