#include "sync/os/posix_move.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>

#include "sync/os/posix_error.h"

namespace atozsync {
namespace {

constexpr char kMoving[] = "moving";

int Renameat2(const NameAt& from, const NameAt& to, unsigned flags) {
  return RetryInterrupted([&] {
    return ::renameat2(from.dir_fd, from.name.c_str(), to.dir_fd, to.name.c_str(), flags);
  });
}

// Either name may be the one that a failed call means: both are told.
Error MoveError(int os_errno, const char* doing, const NameAt& from, const NameAt& to) {
  Error error = PathError(os_errno, doing, from.path);
  error.context = "to '" + Printable(to.path) + "': " + error.context;
  return error;
}

bool StatAt(const NameAt& at, struct stat* system) {
  return ::fstatat(at.dir_fd, at.name.c_str(), system, AT_SYMLINK_NOFOLLOW) == 0;
}

// EINVAL: the file system refuses the flag. (The other cause, a directory moved below itself, is
// excluded by the caller.)
bool LacksFlag(int os_errno) {
  return os_errno == EINVAL || os_errno == ENOSYS;
}

Status MoveDirectory(const NameAt& from, const NameAt& to) {
  struct stat there {};
  if (StatAt(to, &there)) return MoveError(EEXIST, kMoving, from, to);
  if (errno != ENOENT) return MoveError(errno, kMoving, from, to);
  const int failed = RetryInterrupted(
      [&] { return ::renameat(from.dir_fd, from.name.c_str(), to.dir_fd, to.name.c_str()); });
  if (!failed) return Status::Ok();
  // A file that appeared at `to` meanwhile: the system says "not a directory".
  return MoveError(errno == ENOTDIR ? EEXIST : errno, kMoving, from, to);
}

}  // namespace

Status MoveByLink(const NameAt& from, const NameAt& to) {
  struct stat before {};
  if (!StatAt(from, &before)) return MoveError(errno, kMoving, from, to);
  if (S_ISDIR(before.st_mode)) return MoveDirectory(from, to);
  if (::linkat(from.dir_fd, from.name.c_str(), to.dir_fd, to.name.c_str(), 0) != 0) {
    Error error = MoveError(errno, kMoving, from, to);
    if (error.os_errno == EPERM || error.os_errno == EMLINK) error.code = Errc::kUnsupported;
    return error;
  }
  struct stat now {};
  struct stat linked {};
  if (!StatAt(from, &now)) return Status::Ok();  // somebody else took the old name away
  if (!StatAt(to, &linked) || now.st_ino != linked.st_ino || now.st_dev != linked.st_dev) {
    return Status(Errc::kChangedUnderneath, "moving '" + Printable(from.path) +
                                                "': another file was put in its place meanwhile");
  }
  if (::unlinkat(from.dir_fd, from.name.c_str(), 0) == 0 || errno == ENOENT) return Status::Ok();
  const Error error = MoveError(errno, kMoving, from, to);
  ::unlinkat(to.dir_fd, to.name.c_str(), 0);  // back to where we were; best effort
  return error;
}

Status MoveNoReplace(const NameAt& from, const NameAt& to, bool use_renameat2) {
  if (!use_renameat2) return MoveByLink(from, to);
  if (Renameat2(from, to, RENAME_NOREPLACE) == 0) return Status::Ok();
  if (LacksFlag(errno)) return MoveByLink(from, to);
  return MoveError(errno, kMoving, from, to);
}

Status SwapNames(const NameAt& a, const NameAt& b) {
  if (Renameat2(a, b, RENAME_EXCHANGE) == 0) return Status::Ok();
  Error error = MoveError(errno, "exchanging", a, b);
  if (LacksFlag(error.os_errno)) {
    error.code = Errc::kUnsupported;
    error.context +=
        "; this file system cannot exchange two names in one step: keep the folder on a local "
        "volume (ext4, xfs, btrfs)";
  }
  return error;
}

}  // namespace atozsync
