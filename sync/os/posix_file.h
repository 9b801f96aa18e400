// PosixFile: an open regular file on Linux (see sync/base/file_system.h for the promises), and the
// conversions between the system's stat and times and ours.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>

#include <memory>
#include <optional>

#include "sync/base/file_system.h"
#include "sync/os/unique_fd.h"

namespace atozsync {

FileStat FromSystemStat(const struct stat& system);
timespec ToTimespec(int64_t time_ns);

class PosixFile final : public File {
 public:
  // `path` is for messages. `opened`: how it looked just now, if that is known.
  PosixFile(UniqueFd fd, RelPath path, std::optional<FileStat> opened)
      : fd_(std::move(fd)), path_(std::move(path)), opened_(opened) {}

  Result<size_t> ReadAt(uint64_t offset, MutableByteSpan out) override;
  Status WriteAt(uint64_t offset, ByteSpan data) override;
  Status Truncate(uint64_t size) override;
  Status SetMtime(int64_t mtime_ns) override;
  Status Sync() override;
  Result<FileStat> Stat() override;

 private:
  UniqueFd fd_;
  const RelPath path_;
  std::optional<FileStat> opened_;  // nothing was done with it since
};

// Opens `name` in the open directory `dir_fd` with `flags` (O_RDONLY, O_RDWR, …). kInvalid when it
// is not a regular file; links are not followed, pipes do not block.
Result<std::unique_ptr<File>> OpenRegularFile(int dir_fd, const char* name, int flags,
                                              const RelPath& path, const char* doing);

}  // namespace atozsync
