#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "agent/service/owner.h"
#include "sync/base/rel_path.h"

namespace atozsync {

namespace {

// False where there is nothing to do.
bool IsForeign(const std::string& dir, struct stat* info) {
  return ::geteuid() == 0 && ::stat(dir.c_str(), info) == 0 && info->st_uid != 0;
}

Status Give(const std::string& path, uid_t uid) {
  if (::lchown(path.c_str(), uid, static_cast<gid_t>(-1)) == 0) return Status::Ok();
  return ErrnoError(errno, Printable(path) + ": give it to its owner");
}

}  // namespace

Status ActAsOwnerOf(const std::string& dir) {
  struct stat info {};
  if (!IsForeign(dir, &info)) return Status::Ok();
  const passwd* user = ::getpwuid(info.st_uid);
  const gid_t gid = user == nullptr ? info.st_gid : user->pw_gid;
  const int groups = user == nullptr ? ::setgroups(0, nullptr) : ::initgroups(user->pw_name, gid);
  if (groups != 0 || ::setgid(gid) != 0 || ::setuid(info.st_uid) != 0) {
    return ErrnoError(errno, "become the user whom " + Printable(dir) + " belongs to");
  }
  return Status::Ok();
}

Status GiveToOwnerOf(const std::string& owner_of, const std::string& path) {
  struct stat info {};
  if (!IsForeign(owner_of, &info)) return Status::Ok();
  TRY(Give(path, info.st_uid));
  std::error_code failed;
  std::filesystem::recursive_directory_iterator entries(path, failed);
  while (!failed && entries != end(entries)) {
    TRY(Give(entries->path().string(), info.st_uid));
    entries.increment(failed);
  }
  if (failed) return {Errc::kIo, Printable(path) + ": " + failed.message()};
  return Status::Ok();
}

}  // namespace atozsync
