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

Result<Settled> FileSystem::SettleExchange(const RelPath& /*a*/, const RelPath& /*b*/,
                                           const RelPath& /*aside*/) {
  return Settled::kNothing;
}

std::optional<std::string> FileSystem::NameProblem(std::string_view /*name*/) const {
  return {};
}

RelPath ExchangeRoom(const RelPath& a) {
  return a.parent().Child(std::string(a.name()) + ".out");
}

Writers FileSystem::WritersOf(const RelPath& /*path*/) {
  return Writers::kUnknown;
}

int64_t FileSystem::TimeAsKept(int64_t time_ns) const {
  const int64_t rest = time_ns % TimeGranularityNs();
  return time_ns - (rest < 0 ? rest + TimeGranularityNs() : rest);
}

}  // namespace atozsync
