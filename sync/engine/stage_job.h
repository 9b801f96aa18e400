// Stage jobs: whole, verified content into ROOT/.atozsync/staging, on a worker lane. What is staged
// here is not durable yet; the applier syncs a batch at once. Pure work on a FileSystem.
#pragma once

#include <memory>
#include <vector>

#include "protocol/messages.h"
#include "sync/base/file_system.h"
#include "sync/engine/hasher.h"

namespace atozsync {

struct StageTarget {
  RelPath staged;
  ContentHash hash;
  uint64_t size = 0;
  int64_t mtime_ns = 0;
};

// kCorrupt when the bytes are not what was announced; then nothing is staged. Else its chunks.
Result<std::vector<ChunkRef>> StageReply(FileSystem& files, ByteSpan secret,
                                         const StageTarget& target,
                                         const protocol::ContentReply& reply);

// Copies from a path in the folder (or a kept version) that should hold the content.
// kChangedUnderneath when it does not.
Status StageCopy(FileSystem& files, ByteSpan secret, const StageTarget& target,
                 const RelPath& source);

// The content; `room` holds it where it had to be expanded. kCorrupt where it does not have
// `raw_size` bytes.
Result<ByteSpan> RawBytes(const protocol::ContentReply& reply, Bytes& room);

// More than are ever under way at once: a file takes part of the bytes in flight (ReplicaOptions),
// 256 KiB at least.
inline constexpr size_t kPartialFilesMax = 160;

// A new partial file. Beside it the youngest stay that others have begun, kPartialFilesMax in all:
// what nobody wants any more – or only said to have – must not fill the disk.
Result<std::unique_ptr<File>> CreatePartial(FileSystem& files, const RelPath& partial);

// The staged file `partial`, whole now, becomes `target.staged` when its hash is right.
Result<HashedFile> FinishPartial(FileSystem& files, ByteSpan secret, const RelPath& partial,
                                 const StageTarget& target);

}  // namespace atozsync
