#include "agent/state_dir.h"

#include <cstdlib>
#include <utility>

#include "agent/format.h"
#include "sync/base/rel_path.h"
#include "sync/os/process.h"
#include "sync/os/system_files.h"

namespace atozsync {

std::string StateDir::DefaultPath() {
  const char* given = std::getenv("ATOZSYNC_STATE");
  return given != nullptr && *given != '\0' ? given : DefaultStateDirectory();
}

Status StateDir::Create() const {
  TRY(MakePrivateDir(path_));
  return MakeDirPrivate(path_);
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
  Result<FileLock> lock = FileLock::Try(state.LockFile());
  if (lock.ok()) return StateLock(std::move(lock).value());
  if (!lock.Is(Errc::kBusy)) return lock.status();
  return Status(Errc::kBusy, "another agent is using " + Printable(state.path()) +
                                 ": stop it first, or give another --state");
}

}  // namespace atozsync
