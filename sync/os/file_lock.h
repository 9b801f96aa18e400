// FileLock: one process at a time holds the lock on a file, until it is destroyed; the system lets
// go of it when the process ends, however it ends. Not inherited by programs that are started.
// Movable, not copyable; thread-compatible.
#pragma once

#include <cstdint>
#include <string>

#include "sync/base/status.h"

namespace atozsync {

class FileLock {
 public:
  // Makes the file, private, where it is missing. kBusy when somebody holds the lock.
  static Result<FileLock> Try(const std::string& path);
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&& other) noexcept;
  ~FileLock();

 private:
  static constexpr intptr_t kNone = -1;
  explicit FileLock(intptr_t handle) : handle_(handle) {}
  intptr_t handle_;  // the system's
};

}  // namespace atozsync
