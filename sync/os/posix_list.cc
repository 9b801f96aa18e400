#include "sync/os/posix_list.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <string_view>

#include "sync/os/posix_error.h"
#include "sync/os/posix_file.h"

namespace atozsync {
namespace {

constexpr char kListing[] = "listing";
constexpr size_t kNamesBytes = 32u << 10;  // per call, on the stack: some hundred names

// Names and file ids only. Not with opendir(): it asks the system for things that are known here,
// and takes its buffer from the heap for each directory.
Result<std::vector<DirEntry>> ReadNames(int dir_fd, const RelPath& dir) {
  std::vector<DirEntry> entries;
  alignas(dirent64) char buffer[kNamesBytes];
  while (true) {
    const ssize_t got =
        RetryInterrupted([&] { return ::getdents64(dir_fd, buffer, sizeof buffer); });
    if (got < 0) return PathError(errno, kListing, dir);
    if (got == 0) return entries;
    for (size_t at = 0; at < static_cast<size_t>(got);) {
      const auto* entry = reinterpret_cast<const dirent64*>(buffer + at);
      at += entry->d_reclen;
      const std::string_view name = entry->d_name;
      if (name == "." || name == "..") continue;
      DirEntry& made = entries.emplace_back();
      made.name = name;
      made.stat.inode = entry->d_ino;
    }
  }
}

}  // namespace

Result<std::vector<DirEntry>> ListOpenDir(int dir_fd, const RelPath& dir) {
  ASSIGN_OR_RETURN(std::vector<DirEntry> entries, ReadNames(dir_fd, dir));
  // By inode: on a disk that seeks, stats in the order of the inode table cost a fraction.
  std::sort(entries.begin(), entries.end(),
            [](const DirEntry& a, const DirEntry& b) { return a.stat.inode < b.stat.inode; });
  bool vanished = false;
  for (DirEntry& entry : entries) {
    struct stat system {};
    if (::fstatat(dir_fd, entry.name.c_str(), &system, AT_SYMLINK_NOFOLLOW) == 0) {
      entry.stat = FromSystemStat(system);
    } else if (errno == ENOENT) {
      vanished = true;
      entry.name.clear();
    } else {
      return PathError(errno, kListing, dir);
    }
  }
  if (vanished) std::erase_if(entries, [](const DirEntry& entry) { return entry.name.empty(); });
  return entries;
}

}  // namespace atozsync
