#include "sync/os/posix_file.h"

#include <limits>
#include <utility>

#include "sync/os/posix_error.h"

namespace atozsync {
namespace {

constexpr int64_t kNsPerSecond = 1'000'000'000;
constexpr mode_t kFileMode = 0666;  // less the umask

int64_t ToNs(const timespec& time) {
  return time.tv_sec * kNsPerSecond + time.tv_nsec;
}

// Offsets come from peers, too: what off_t cannot hold is refused here.
bool FitsOffset(uint64_t offset, size_t length) {
  constexpr auto kMax = static_cast<uint64_t>(std::numeric_limits<off_t>::max());
  return offset <= kMax && length <= kMax - offset;
}

}  // namespace

FileStat FromSystemStat(const struct stat& system) {
  FileStat stat;
  stat.kind = S_ISREG(system.st_mode)   ? NodeKind::kFile
              : S_ISDIR(system.st_mode) ? NodeKind::kDir
                                        : NodeKind::kOther;
  stat.size = stat.kind == NodeKind::kFile ? static_cast<uint64_t>(system.st_size) : 0;
  stat.mtime_ns = ToNs(system.st_mtim);
  stat.ctime_ns = ToNs(system.st_ctim);
  stat.inode = system.st_ino;
  return stat;
}

timespec ToTimespec(int64_t time_ns) {
  timespec time{};
  time.tv_sec = time_ns / kNsPerSecond;
  time.tv_nsec = time_ns % kNsPerSecond;
  if (time.tv_nsec < 0) {  // before 1970: nanoseconds still count forwards
    time.tv_nsec += kNsPerSecond;
    --time.tv_sec;
  }
  return time;
}

Result<size_t> PosixFile::ReadAt(uint64_t offset, MutableByteSpan out) {
  opened_.reset();
  if (!FitsOffset(offset, out.size())) return PathError(EINVAL, "reading", path_);
  size_t done = 0;
  while (done < out.size()) {
    const ssize_t got = RetryInterrupted([&] {
      return ::pread(fd_.get(), out.data() + done, out.size() - done,
                     static_cast<off_t>(offset + done));
    });
    if (got < 0) return PathError(errno, "reading", path_);
    if (got == 0) break;
    done += static_cast<size_t>(got);
  }
  return done;
}

Status PosixFile::WriteAt(uint64_t offset, ByteSpan data) {
  opened_.reset();
  if (!FitsOffset(offset, data.size())) return PathError(EINVAL, "writing", path_);
  size_t done = 0;
  while (done < data.size()) {
    const ssize_t put = RetryInterrupted([&] {
      return ::pwrite(fd_.get(), data.data() + done, data.size() - done,
                      static_cast<off_t>(offset + done));
    });
    if (put < 0) return PathError(errno, "writing", path_);
    if (put == 0) return PathError(EIO, "writing", path_);
    done += static_cast<size_t>(put);
  }
  return Status::Ok();
}

Status PosixFile::Truncate(uint64_t size) {
  opened_.reset();
  if (!FitsOffset(size, 0)) return PathError(EINVAL, "resizing", path_);
  const int failed =
      RetryInterrupted([&] { return ::ftruncate(fd_.get(), static_cast<off_t>(size)); });
  return failed ? Status(PathError(errno, "resizing", path_)) : Status::Ok();
}

Status PosixFile::SetMtime(int64_t mtime_ns) {
  opened_.reset();
  const timespec times[2] = {{0, UTIME_OMIT}, ToTimespec(mtime_ns)};
  if (::futimens(fd_.get(), times) != 0) return PathError(errno, "setting the time of", path_);
  return Status::Ok();
}

Status PosixFile::Sync() {
  const int failed = RetryInterrupted([&] { return ::fsync(fd_.get()); });
  return failed ? Status(PathError(errno, "syncing", path_)) : Status::Ok();
}

Result<FileStat> PosixFile::Stat() {
  // Asked at once, as most do: the opening has just looked.
  if (const auto opened = std::exchange(opened_, std::nullopt)) return *opened;
  struct stat system {};
  if (::fstat(fd_.get(), &system) != 0) return PathError(errno, "looking at", path_);
  return FromSystemStat(system);
}

Result<std::unique_ptr<File>> OpenRegularFile(int dir_fd, const char* name, int flags,
                                              const RelPath& path, const char* doing) {
  const int all_flags = flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  UniqueFd fd(RetryInterrupted([&] { return ::openat(dir_fd, name, all_flags, kFileMode); }));
  if (!fd.valid()) return PathError(errno, doing, path);
  std::optional<FileStat> opened;
  if ((flags & O_EXCL) == 0) {  // otherwise it is new, and a file
    struct stat system {};
    if (::fstat(fd.get(), &system) != 0) return PathError(errno, doing, path);
    if (!S_ISREG(system.st_mode)) {
      return Status(Errc::kInvalid,
                    std::string(doing) + " '" + Printable(path) + "': not a regular file");
    }
    opened = FromSystemStat(system);
  }
  return std::unique_ptr<File>(std::make_unique<PosixFile>(std::move(fd), path, opened));
}

}  // namespace atozsync
