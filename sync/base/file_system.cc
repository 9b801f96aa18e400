#include "sync/base/file_system.h"

namespace atozsync {

Status FileSystem::SyncDirs(const std::vector<RelPath>& dirs) {
  auto synced = [this](const RelPath& dir) {
    Status status = SyncDir(dir);
    return status.Is(Errc::kNotFound) ? Status::Ok() : status;
  };
  for (const RelPath& dir : dirs) {
    if (synced(dir).ok()) continue;
    TRY(synced(dir));
  }
  return Status::Ok();
}

Writers FileSystem::WritersOf(const RelPath& /*path*/) {
  return Writers::kUnknown;
}

}  // namespace atozsync
