// InotifyHandle: one inotify descriptor and its four system calls, as values. No knowledge of what
// is watched. Non-blocking, close-on-exec. Not thread-safe.
#pragma once

#include <string>

#include "sync/base/bytes.h"
#include "sync/base/status.h"

namespace atozsync {

class InotifyHandle {
 public:
  InotifyHandle() = default;
  ~InotifyHandle();
  InotifyHandle(const InotifyHandle&) = delete;
  InotifyHandle& operator=(const InotifyHandle&) = delete;

  Status Open();
  int fd() const { return fd_; }

  // Gives the wd. Watches directories only, and no symbolic link's target. Error::os_errno tells
  // why not: ENOSPC is the system's limit.
  Result<int> Add(const std::string& directory);
  // Harmless for a wd that is gone.
  void Remove(int wd);
  // Bytes that wait to be read.
  size_t Pending() const;
  // 0 when nothing waits.
  Result<size_t> Read(MutableByteSpan out);

 private:
  int fd_ = -1;
};

}  // namespace atozsync
