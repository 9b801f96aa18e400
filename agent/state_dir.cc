#include "agent/state_dir.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <utility>

#include "agent/files.h"
#include "agent/format.h"
#include "sync/base/rel_path.h"

namespace atozsync {

namespace {

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

std::string StateDir::DefaultPath() {
  if (std::string given = Environment("ATOZSYNC_STATE"); !given.empty()) return given;
  if (::geteuid() == 0) return "/var/lib/atozsync";
  if (std::string base = Environment("XDG_STATE_HOME"); !base.empty()) return base + "/atozsync";
  return Environment("HOME") + "/.local/state/atozsync";
}

Status StateDir::Create() const {
  TRY(MakePrivateDir(path_));
  if (::chmod(path_.c_str(), 0700) != 0) {
    return ErrnoError(errno, Printable(path_) + ": set mode 0700");
  }
  return Status::Ok();
}

bool StateDir::initialized() const {
  return PathExists(ConfigFile());
}

Result<Bytes> StateDir::ReadClusterKey() const {
  ASSIGN_OR_RETURN(std::string key, ReadSmallFile(ClusterKeyFile(), 2 * kClusterKeyBytes));
  if (key.size() != kClusterKeyBytes) {
    return Status(Errc::kCorrupt, Printable(ClusterKeyFile()) +
                                      ": damaged (not 192 bytes): put it back from a backup of the "
                                      "state directory, or join the cluster again");
  }
  return Bytes(key.begin(), key.end());
}

Status StateDir::WriteClusterKey(ByteSpan key) const {
  return WriteSmallFile(ClusterKeyFile(), AsText(key));
}

Result<std::string> StateDir::SetIndexAside(const std::string& why, int64_t wall_ms) const {
  std::string base = IndexFile() + "." + why + "-" + FileStampUtc(wall_ms);
  std::string target = base;
  for (int i = 2; PathExists(target); ++i) target = base + "-" + std::to_string(i);
  // The database first: stopped in between, the next start finds a log without its database, which
  // it takes for no index. A database without its log is an index of earlier: numbers that peers
  // have seen would be given out again.
  for (const char* suffix : {"", "-wal", "-shm"}) {
    if (!PathExists(IndexFile() + suffix)) continue;
    TRY(RenameDurably(IndexFile() + suffix, target + suffix));
  }
  return PathExists(target) ? target : std::string();
}

Result<StateLock> StateLock::Acquire(const StateDir& state) {
  int fd = ::open(state.LockFile().c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return Status(ErrnoError(errno, Printable(state.LockFile()) + ": open"));
  StateLock lock(fd);
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) {
      return Status(ErrnoError(errno, Printable(state.LockFile()) + ": lock"));
    }
    return Status(Errc::kBusy, "another agent is using " + Printable(state.path()) +
                                   ": stop it first, or give another --state");
  }
  return lock;
}

StateLock::StateLock(StateLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

StateLock& StateLock::operator=(StateLock&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

StateLock::~StateLock() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace atozsync
