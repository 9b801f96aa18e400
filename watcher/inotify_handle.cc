#include "watcher/inotify_handle.h"

#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "sync/base/rel_path.h"

namespace atozsync {
namespace {

constexpr uint32_t kMask = IN_CREATE | IN_MODIFY | IN_ATTRIB | IN_CLOSE_WRITE | IN_MOVED_FROM |
                           IN_MOVED_TO | IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR |
                           IN_DONT_FOLLOW | IN_EXCL_UNLINK;

}  // namespace

InotifyHandle::~InotifyHandle() {
  if (fd_ >= 0) close(fd_);
}

Status InotifyHandle::Open() {
  fd_ = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (fd_ >= 0) return Status::Ok();
  int reason = errno;
  std::string what = "opening a watch descriptor";
  if (reason == EMFILE) what += " (if it persists, raise fs.inotify.max_user_instances)";
  return ErrnoError(reason, what);
}

Result<int> InotifyHandle::Add(const std::string& directory) {
  int wd = inotify_add_watch(fd_, directory.c_str(), kMask);
  if (wd < 0) return ErrnoError(errno, "watching " + Printable(directory));
  return wd;
}

void InotifyHandle::Remove(int wd) {
  // EINVAL: the kernel was faster.
  static_cast<void>(inotify_rm_watch(fd_, wd));
}

size_t InotifyHandle::Pending() const {
  int bytes = 0;
  if (ioctl(fd_, FIONREAD, &bytes) != 0 || bytes < 0) return 0;
  return static_cast<size_t>(bytes);
}

Result<size_t> InotifyHandle::Read(MutableByteSpan out) {
  while (true) {
    ssize_t count = read(fd_, out.data(), out.size());
    if (count >= 0) return static_cast<size_t>(count);
    if (errno == EAGAIN) return size_t{0};
    if (errno != EINTR) return ErrnoError(errno, "reading file events");
  }
}

}  // namespace atozsync
