// StateDir: names of what lies in the state directory, and the lock that keeps a second agent out.
//
// Holds no open files (but StateLock does, until it is destroyed; a killed process lets go of it).
// Blocking; any thread.
#pragma once

#include <string>
#include <utility>

#include "sync/base/bytes.h"
#include "sync/base/random.h"
#include "sync/base/status.h"
#include "sync/os/file_lock.h"

namespace atozsync {

class StateDir {
 public:
  static constexpr size_t kClusterKeyBytes = 192;

  explicit StateDir(std::string path) : path_(std::move(path)) {}
  // What `--state` means when it is not given: ATOZSYNC_STATE, else the system's place.
  static std::string DefaultPath();

  const std::string& path() const { return path_; }
  std::string ConfigFile() const { return path_ + "/atozsync.toml"; }
  std::string ClusterKeyFile() const { return path_ + "/cluster.key"; }
  std::string IndexFile() const { return path_ + "/index.db"; }
  std::string ControlSocket() const { return path_ + "/control.sock"; }  // POSIX
  std::string RunFile() const { return path_ + "/run.json"; }
  std::string InvitationDir() const { return path_ + "/invitations"; }
  std::string RemovedMembersFile() const { return path_ + "/removed-members.json"; }
  std::string LogFile() const { return path_ + "/log/atozsync.log"; }
  std::string LockFile() const { return path_ + "/lock"; }

  // Makes it (0700) where it is missing. An existing one loses all rights of other users.
  Status Create() const;
  // Has a person run `init` here?
  bool initialized() const;

  Result<Bytes> ReadClusterKey() const;
  Status WriteClusterKey(ByteSpan key) const;

  // Renames index.db and its journal files to index.db.WHY-UTC…; nothing to do when it is missing.
  // Returns the new name, or empty.
  Result<std::string> SetIndexAside(const std::string& why, int64_t wall_ms) const;

 private:
  std::string path_;
};

class StateLock {
 public:
  // kBusy when another process holds it.
  static Result<StateLock> Acquire(const StateDir& state);

 private:
  explicit StateLock(FileLock lock) : lock_(std::move(lock)) {}
  FileLock lock_;
};

}  // namespace atozsync
