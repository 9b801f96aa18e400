#include "sync/engine/stage_job.h"

#include <algorithm>

#include "protocol/compression.h"
#include "sync/base/planted_fault.h"
#include "sync/base/probe.h"
#include "sync/engine/check_job.h"
#include "sync/engine/layout.h"
#include "sync/engine/swap.h"

namespace atozsync {

namespace {

constexpr size_t kCopyBytes = 1u << 20;

bool IsTarget(const HashedFile& hashed, const StageTarget& target) {
  return (hashed.size == target.size && hashed.hash == target.hash) ||
         Planted(PlantedFault::kContentNotVerified);
}

Result<std::unique_ptr<File>> CreateStaged(FileSystem& files, const RelPath& staged) {
  Result<std::unique_ptr<File>> file = files.Create(staged);
  if (file.Is(Errc::kNotFound)) {
    TRY(MakeDirs(files, staged.parent()));
    file = files.Create(staged);
  }
  if (file.Is(Errc::kExists)) {  // left over from a try that failed
    TRY(files.RemoveFile(staged));
    file = files.Create(staged);
  }
  return file;
}

// Half a staged file is worth nothing and costs space on a volume that may be full.
Status Discard(FileSystem& files, const RelPath& staged, Status why) {
  files.RemoveFile(staged).IgnoreError();
  return why;
}

Status WriteWhole(FileSystem& files, const StageTarget& target, ByteSpan bytes) {
  ASSIGN_OR_RETURN(auto file, CreateStaged(files, target.staged));
  Status status = bytes.empty() ? Status::Ok() : file->WriteAt(0, bytes);
  if (status.ok()) status = file->SetMtime(target.mtime_ns);
  return status.ok() ? status : Discard(files, target.staged, status);
}

Status CopyBytes(File& from, File& to, ByteSpan secret, const StageTarget& target) {
  ContentHasher hasher(secret);
  Bytes buffer(kCopyBytes);
  uint64_t offset = 0;
  while (offset <= target.size) {
    ASSIGN_OR_RETURN(size_t got, from.ReadAt(offset, buffer));
    if (got == 0) break;
    ByteSpan piece = ByteSpan(buffer).first(got);
    hasher.Update(piece);
    TRY(to.WriteAt(offset, piece));
    offset += got;
  }
  if (!IsTarget({offset, hasher.Finish(), {}}, target)) {
    return {Errc::kChangedUnderneath, "the source does not hold that content any more"};
  }
  return to.SetMtime(target.mtime_ns);
}

}  // namespace

Result<ByteSpan> RawBytes(const protocol::ContentReply& reply, Bytes& room) {
  if (reply.compressed) {
    ASSIGN_OR_RETURN(room, protocol::Decompress(reply.data, reply.raw_size));
    return ByteSpan(room);
  }
  if (reply.data.size() != reply.raw_size) {
    return Status(Errc::kCorrupt, "content has another length than was said");
  }
  return ByteSpan(reply.data);
}

Result<std::vector<ChunkRef>> StageReply(FileSystem& files, ByteSpan secret,
                                         const StageTarget& target,
                                         const protocol::ContentReply& reply) {
  Bytes room;
  ASSIGN_OR_RETURN(const ByteSpan raw, RawBytes(reply, room));
  FileHasher hasher(secret, raw.size() >= kChunkedBytesMin);
  hasher.Update(raw);
  HashedFile hashed = hasher.Finish();
  if (!IsTarget(hashed, target)) {
    Probe(ProbeId::kContentCorrupt);
    return Status(Errc::kCorrupt, "content is not what was announced");
  }
  TRY(WriteWhole(files, target, raw).WithContext("staging " + Printable(target.staged)));
  return std::move(hashed.chunks);
}

Status StageCopy(FileSystem& files, ByteSpan secret, const StageTarget& target,
                 const RelPath& source) {
  ASSIGN_OR_RETURN(auto from, files.OpenRead(source));
  ASSIGN_OR_RETURN(auto to, CreateStaged(files, target.staged));
  Status status = CopyBytes(*from, *to, secret, target);
  if (status.ok()) return status;
  return Discard(files, target.staged, status.WithContext("copying " + Printable(source)));
}

Result<std::unique_ptr<File>> CreatePartial(FileSystem& files, const RelPath& partial) {
  TRY(MakeDirs(files, partial.parent()));
  ASSIGN_OR_RETURN(std::vector<DirEntry> entries, files.List(partial.parent()));
  std::erase_if(entries, [](const DirEntry& entry) { return !layout::IsPartial(entry.name); });
  if (entries.size() >= kPartialFilesMax) {
    const auto leave = entries.begin() + (kPartialFilesMax - 1);
    std::nth_element(entries.begin(), leave, entries.end(), [](const auto& a, const auto& b) {
      return a.stat.mtime_ns > b.stat.mtime_ns;
    });
    for (auto entry = leave; entry != entries.end(); ++entry) {
      Status removed = files.RemoveFile(partial.parent().Child(entry->name));
      if (!removed.ok() && !removed.Is(Errc::kNotFound)) return removed;  // another job may, too
    }
  }
  return files.Create(partial);
}

Result<HashedFile> FinishPartial(FileSystem& files, ByteSpan secret, const RelPath& partial,
                                 const StageTarget& target) {
  FileStat stat;
  ASSIGN_OR_RETURN(HashedFile hashed, HashPath(files, partial, secret, &stat));
  if (!IsTarget(hashed, target) && !Planted(PlantedFault::kPartialNotVerified)) {
    Probe(ProbeId::kPartialCorrupt);
    return Discard(files, partial, {Errc::kCorrupt, "content is not what was announced"});
  }
  TRY(files.SetMtime(partial, target.mtime_ns));
  TRY(files.RenameNoReplace(partial, target.staged));
  return hashed;
}

}  // namespace atozsync
