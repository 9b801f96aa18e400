// WindowsFile: an open regular file on Windows (see sync/base/file_system.h for the promises).
// Shares everything with other programs.
#pragma once

#include "sync/base/file_system.h"
#include "sync/os/windows_handle.h"

namespace atozsync {

class WindowsFile final : public File {
 public:
  // `path` is for messages.
  WindowsFile(WindowsHandle handle, RelPath path)
      : handle_(std::move(handle)), path_(std::move(path)) {}

  Result<size_t> ReadAt(uint64_t offset, MutableByteSpan out) override;
  Status WriteAt(uint64_t offset, ByteSpan data) override;
  Status Truncate(uint64_t size) override;
  Status SetMtime(int64_t mtime_ns) override;
  Status Sync() override;
  Result<FileStat> Stat() override;

 private:
  WindowsHandle handle_;
  const RelPath path_;
};

// 0, or the code. kInvalid times (before 1601) give ERROR_INVALID_PARAMETER.
uint32_t SetNodeMtime(HANDLE node, int64_t mtime_ns);

}  // namespace atozsync
