#include "agent/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "sync/base/rel_path.h"

namespace atozsync {

namespace {

class Fd {
 public:
  explicit Fd(int fd) : fd_(fd) {}
  ~Fd() {
    if (fd_ >= 0) ::close(fd_);
  }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  int get() const { return fd_; }
  bool ok() const { return fd_ >= 0; }

 private:
  int fd_;
};

Status SystemError(const std::string& path, const char* what) {
  return ErrnoError(errno, Printable(path) + ": " + what);
}

std::string ParentOf(const std::string& path) {
  size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Status SyncParent(const std::string& path) {
  Fd dir(::open(ParentOf(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!dir.ok()) return SystemError(ParentOf(path), "open");
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
  Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.ok()) return SystemError(path, "open");
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
    Fd file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!file.ok()) return SystemError(temporary, "create");
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

}  // namespace atozsync
