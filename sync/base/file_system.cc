#include "sync/base/file_system.h"

namespace atozsync {

Status FileSystem::SyncDirs(const std::vector<RelPath>& dirs) {
  for (const RelPath& dir : dirs) {
    Status status = SyncDir(dir);
    if (!status.ok() && !status.Is(Errc::kNotFound)) status = SyncDir(dir);
    if (!status.ok() && !status.Is(Errc::kNotFound)) return status;
  }
  return Status::Ok();
}

}  // namespace atozsync
