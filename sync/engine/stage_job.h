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

// Expands where it was compressed. kCorrupt where it does not have `raw_size` bytes.
Result<Bytes> RawBytes(const protocol::ContentReply& reply);

// The staged file `partial`, whole now, becomes `target.staged` when its hash is right.
Result<HashedFile> FinishPartial(FileSystem& files, ByteSpan secret, const RelPath& partial,
                                 const StageTarget& target);

}  // namespace atozsync
