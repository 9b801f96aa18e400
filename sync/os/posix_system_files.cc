#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "sync/base/rel_path.h"
#include "sync/os/system_files.h"
#include "sync/os/unique_fd.h"

namespace atozsync {

namespace {

Status SystemError(const std::string& path, const char* what) {
  return ErrnoError(errno, Printable(path) + ": " + what);
}

std::string ParentOf(const std::string& path) {
  size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Status SyncParent(const std::string& path) {
  UniqueFd dir(::open(ParentOf(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!dir.valid()) return SystemError(ParentOf(path), "open");
  if (::fsync(dir.get()) != 0) return SystemError(ParentOf(path), "fsync");
  return Status::Ok();
}

Status WriteAll(int fd, std::string_view content, const std::string& path) {
  while (!content.empty()) {
    ssize_t written = ::write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return SystemError(path, "write");
    content.remove_prefix(static_cast<size_t>(written));
  }
  if (::fsync(fd) != 0) return SystemError(path, "fsync");
  return Status::Ok();
}

}  // namespace

Result<std::string> ReadSmallFile(const std::string& path, size_t bytes_max) {
  UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return SystemError(path, "open");
  std::string content;
  char buffer[16384];
  for (;;) {
    ssize_t count = ::read(file.get(), buffer, sizeof(buffer));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return SystemError(path, "read");
    if (count == 0) return content;
    content.append(buffer, static_cast<size_t>(count));
    if (content.size() > bytes_max) {
      return Status(Errc::kInvalid,
                    Printable(path) + ": longer than " + std::to_string(bytes_max) + " bytes");
    }
  }
}

Status WriteSmallFile(const std::string& path, std::string_view content) {
  // One fixed name per file and process: two writers of one state never share a half-written file.
  std::string temporary = path + ".new-" + std::to_string(::getpid());
  ::unlink(temporary.c_str());
  Status written = [&]() -> Status {
    UniqueFd file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!file.valid()) return SystemError(temporary, "create");
    return WriteAll(file.get(), content, temporary);
  }();
  if (written.ok() && ::rename(temporary.c_str(), path.c_str()) != 0) {
    written = SystemError(path, "rename into place");
  }
  if (!written.ok()) {
    ::unlink(temporary.c_str());
    return written;
  }
  return SyncParent(path);
}

Status MakePrivateDir(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) == 0 || (errno == EEXIST && IsDirectory(path))) {
    return Status::Ok();
  }
  if (errno != ENOENT || ParentOf(path) == path) return SystemError(path, "make directory");
  TRY(MakePrivateDir(ParentOf(path)));
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
    return SystemError(path, "make directory");
  }
  return Status::Ok();
}

Status RenameDurably(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return SystemError(from, "rename");
  return SyncParent(to);
}

std::string CleanName(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

bool IsAbsolute(const std::string& path) {
  return !path.empty() && path.front() == '/';
}

bool PathExists(const std::string& path) {
  struct stat info {};
  return ::lstat(path.c_str(), &info) == 0;
}

bool IsDirectory(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

Result<std::string> RealPath(const std::string& path) {
  std::unique_ptr<char, decltype(&std::free)> real(::realpath(path.c_str(), nullptr), &std::free);
  if (real == nullptr) return SystemError(path, "look up");
  return std::string(real.get());
}

Status MakePrivateFile(const std::string& path) {
  const UniqueFd file(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (file.valid()) return Status::Ok();
  if (errno != EEXIST) return SystemError(path, "create");
  return ::chmod(path.c_str(), 0600) == 0 ? Status::Ok() : SystemError(path, "set mode 0600");
}

Status MakeDirPrivate(const std::string& path) {
  return ::chmod(path.c_str(), 0700) == 0 ? Status::Ok() : SystemError(path, "set mode 0700");
}

void RemoveFileIfThere(const std::string& path) {
  ::unlink(path.c_str());
}

void RemoveDirIfEmpty(const std::string& path) {
  ::rmdir(path.c_str());
}

std::vector<std::string> NamesIn(const std::string& dir) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, int (*)(DIR*)> open(::opendir(dir.c_str()), &::closedir);
  if (open == nullptr) return names;
  while (const dirent* entry = ::readdir(open.get())) {
    std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(std::move(name));
  }
  return names;
}

Status CheckWritable(const std::string& dir) {
  if (::access(dir.c_str(), R_OK | W_OK | X_OK) == 0) return Status::Ok();
  return SystemError(dir, "read and write");
}

bool IsOpenToOthers(const std::string& path, Closed wanted) {
  const mode_t forbidden = wanted == Closed::kToAll ? S_IRWXG | S_IRWXO : S_IRWXO | S_IWGRP;
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 && (info.st_mode & forbidden) != 0;
}

std::string HowToClose(const std::string& path) {
  return (IsDirectory(path) ? "chmod 700 " : "chmod 600 ") + Printable(path);
}

}  // namespace atozsync
