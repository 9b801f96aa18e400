#include "watcher/directory_lister.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "sync/base/rel_path.h"

namespace atozsync {
namespace {

struct CloseDir {
  void operator()(DIR* dir) const { closedir(dir); }
};

bool IsDirectory(int dir_fd, const dirent& entry) {
  if (entry.d_type != DT_DIR && entry.d_type != DT_UNKNOWN) return false;
  struct stat info;
  return fstatat(dir_fd, entry.d_name, &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(info.st_mode);
}

}  // namespace

Result<std::vector<std::string>> ListSubdirectories(const std::string& directory) {
  std::string what = "listing " + Printable(directory);
  int fd = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) {
    // ELOOP: a symbolic link has taken the directory's name.
    if (errno == ENOTDIR || errno == ELOOP) return Error{Errc::kNotFound, errno, what, false};
    return ErrnoError(errno, what);
  }
  std::unique_ptr<DIR, CloseDir> dir(fdopendir(fd));
  if (dir == nullptr) {
    int reason = errno;
    close(fd);
    return ErrnoError(reason, what);
  }
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = readdir(dir.get())) {
    if (RelPath::IsValidName(entry->d_name) && IsDirectory(fd, *entry)) {
      names.emplace_back(entry->d_name);
    }
    errno = 0;
  }
  if (errno != 0) return ErrnoError(errno, what);
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace atozsync
