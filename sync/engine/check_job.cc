#include "sync/engine/check_job.h"

#include <algorithm>

#include "sync/base/planted_fault.h"
#include "sync/base/probe.h"
#include "sync/engine/layout.h"
#include "sync/model/file_type.h"

namespace atozsync {

namespace {

constexpr size_t kReadBytes = 1u << 20;

// What nobody has open is still when it is so old: a program that opens it again, or sets its times
// as one that copies does, does so at once.
constexpr int64_t kQuietMs = 50;

constexpr int64_t kJobMaxMs = 10'000;  // waits for the lane and reads what was asked before

// How long ago the file was last touched by the job's clock; negative when the stamps lie ahead.
int64_t AgeMs(const FileStat& stat, const CheckLimits& limits) {
  return (limits.wall_ns - std::max(stat.mtime_ns, stat.ctime_ns)) / 1'000'000;
}

bool YoungerThan(const FileStat& stat, const CheckLimits& limits, int64_t ms) {
  int64_t age_ms = AgeMs(stat, limits);
  // The job may have waited and read for a while since its clock was read. Stamps further ahead
  // come from a wrong clock, not from a writer.
  return age_ms < ms && age_ms > -ms - kJobMaxMs;
}

// May it be read, though it was touched a moment ago and nobody was seen to close it? Its folder
// was not watched yet, perhaps. Otherwise says when to look again, if sooner than usual.
bool NobodyWrites(FileSystem& files, const RelPath& path, const FileStat& stat,
                  const CheckLimits& limits, int64_t& again_ms) {
  if (files.WritersOf(path) != Writers::kNone) return false;
  Probe(ProbeId::kNobodyWrites);
  const int64_t quiet_ms = std::min(kQuietMs, limits.settle_ms);
  if (!YoungerThan(stat, limits, quiet_ms)) return true;
  if (AgeMs(stat, limits) > -limits.settle_ms) again_ms = quiet_ms;
  return false;
}

// False where its type is not known.
Result<bool> IsOdd(FileSystem& files, const RelPath& path) {
  if (!HasKnownType(path.name())) return false;
  ASSIGN_OR_RETURN(auto file, files.OpenRead(path));
  Bytes head(kTypeHeadBytes);
  ASSIGN_OR_RETURN(size_t got, file->ReadAt(0, head));
  return !FitsType(path.name(), ByteSpan(head).first(got));
}

CheckResult CheckOne(FileSystem& files, ByteSpan secret, const CheckItem& item,
                     const CheckLimits& limits, uint64_t& bytes_left) {
  CheckResult result;
  result.path = item.path;
  auto locked = [&](const Status& status) {
    bool gone = status.Is(Errc::kNotFound) || Planted(PlantedFault::kErrorMeansGone);
    result.kind = gone ? CheckKind::kAbsent : CheckKind::kLocked;
    result.problem = status.ToString();
    return result;
  };
  Result<FileStat> stat = files.Stat(item.path);
  if (!stat.ok()) return locked(stat.status());
  result.stat = *stat;
  if (stat->kind != NodeKind::kFile) {
    result.kind = stat->kind == NodeKind::kDir ? CheckKind::kDir : CheckKind::kOther;
    return result;
  }
  if (item.known.trusted() && FileStamp::Of(*stat) == item.known) {
    result.kind = CheckKind::kUnchanged;
    return result;
  }
  // Just written by us, or looked at a moment ago: nobody is in the middle of writing it.
  FileStamp there = FileStamp::Of(*stat);
  there.inode = item.known.inode;
  bool as_known_but_racy = !item.known.trusted() && there == item.known;
  bool still = item.settled || as_known_but_racy || Planted(PlantedFault::kAnnounceWhileWritten);
  if (!still && YoungerThan(*stat, limits, limits.settle_ms) &&
      !NobodyWrites(files, item.path, *stat, limits, result.again_ms)) {
    Probe(ProbeId::kNotStillYet);
    result.kind = CheckKind::kUnsettled;
    return result;
  }
  if (bytes_left == 0) return result;
  if (item.judge) {
    // Before the hashing, which notices when it is written to after the look above.
    Result<bool> odd = IsOdd(files, item.path);
    if (!odd.ok()) return locked(odd.status());
    result.odd = *odd;
  }
  Result<HashedFile> hashed = HashPath(files, item.path, secret, &result.stat);
  // Written to between the look and the reading: it was still before that, not now.
  bool written_since =
      hashed.ok() && result.stat != *stat && !Planted(PlantedFault::kHashMovingFile);
  if (hashed.Is(Errc::kChangedUnderneath) || written_since) {
    Probe(ProbeId::kChangedWhileRead);
    result.kind = CheckKind::kUnsettled;
    return result;
  }
  if (!hashed.ok()) return locked(hashed.status());
  bytes_left -= std::min(bytes_left, hashed->size);
  result.kind = CheckKind::kHashed;
  result.hashed = std::move(hashed).value();
  result.racy = YoungerThan(result.stat, limits, limits.racy_window_ms) &&
                !Planted(PlantedFault::kTrustYoungStamps);
  return result;
}

}  // namespace

Result<HashedFile> HashPath(FileSystem& files, const RelPath& path, ByteSpan secret,
                            FileStat* stat) {
  ASSIGN_OR_RETURN(auto file, files.OpenRead(path));
  ASSIGN_OR_RETURN(FileStat before, file->Stat());
  FileHasher hasher(secret, before.size >= kChunkedBytesMin);
  Bytes buffer(static_cast<size_t>(std::clamp<uint64_t>(before.size, 1, kReadBytes)));
  uint64_t offset = 0;
  while (true) {
    ASSIGN_OR_RETURN(size_t got, file->ReadAt(offset, buffer));
    if (got == 0) break;
    hasher.Update(ByteSpan(buffer).first(got));
    offset += got;
  }
  ASSIGN_OR_RETURN(FileStat after, file->Stat());
  ASSIGN_OR_RETURN(FileStat named, files.Stat(path));
  bool moved = before != after || after != named || offset != after.size;
  if (moved && !Planted(PlantedFault::kHashMovingFile)) {
    return Status(Errc::kChangedUnderneath, Printable(path) + ": changed while it was read");
  }
  *stat = after;
  return hasher.Finish();
}

CheckAnswer RunCheckJob(FileSystem& files, const std::shared_ptr<const Bytes>& secret,
                        const std::vector<CheckItem>& items, const CheckLimits& limits) {
  CheckAnswer answer;
  uint64_t bytes_left = limits.bytes_max;
  for (const CheckItem& item : items) {
    answer.results.push_back(CheckOne(files, *secret, item, limits, bytes_left));
  }
  // After the look: a volume that went away in between must not look like deletions.
  answer.root_present = layout::RootPresent(files);
  return answer;
}

}  // namespace atozsync
