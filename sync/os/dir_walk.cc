#include "sync/os/dir_walk.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>

#include <climits>
#include <string>

#include "sync/os/posix_error.h"

namespace atozsync {
namespace {

constexpr int kPassFlags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
constexpr int kReadFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

// glibc 2.36 has no wrapper.
int Openat2(int root_fd, const char* path, int flags) {
  open_how how{};
  how.flags = static_cast<unsigned>(flags);
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  return static_cast<int>(
      RetryInterrupted([&] { return ::syscall(SYS_openat2, root_fd, path, &how, sizeof(how)); }));
}

UniqueFd WalkStepwise(int root_fd, const RelPath& dir, int flags) {
  UniqueFd current;
  int at = root_fd;
  const auto components = dir.components();
  for (size_t i = 0; i < components.size(); ++i) {
    const std::string name(components[i]);
    const int step_flags = i + 1 == components.size() ? flags : kPassFlags;
    current = UniqueFd(RetryInterrupted([&] { return ::openat(at, name.c_str(), step_flags); }));
    if (!current.valid()) return current;
    at = current.get();
  }
  return current;
}

}  // namespace

bool HasOpenat2(int root_fd) {
  return UniqueFd(Openat2(root_fd, ".", kPassFlags)).valid();
}

Result<UniqueFd> OpenDirBelow(int root_fd, const RelPath& dir, DirUse use, bool use_openat2,
                              const char* doing) {
  const int flags = use == DirUse::kPass ? kPassFlags : kReadFlags;
  UniqueFd fd;
  if (dir.is_root()) {
    fd = UniqueFd(RetryInterrupted([&] { return ::openat(root_fd, ".", flags); }));
  } else if (use_openat2 && dir.str().size() < PATH_MAX) {
    fd = UniqueFd(Openat2(root_fd, dir.str().c_str(), flags));
    // EAGAIN: the kernel could not be sure because of moves meanwhile; step by step it can.
    if (!fd.valid() && errno == EAGAIN) fd = WalkStepwise(root_fd, dir, flags);
  } else {
    fd = WalkStepwise(root_fd, dir, flags);
  }
  if (!fd.valid()) return DirError(errno, doing, dir);
  return fd;
}

}  // namespace atozsync
