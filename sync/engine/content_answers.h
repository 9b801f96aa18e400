// What a replica answers to a peer that asks for content or for chunks: pure work, the first on a
// worker lane.
#pragma once

#include <vector>

#include "protocol/messages.h"
#include "sync/base/file_system.h"
#include "sync/engine/index.h"

namespace atozsync {

// Compressed where it pays, or as a delta against the sums that came with the request.
// kChangedUnderneath when the file no longer looks as it did when its hash was taken.
Result<protocol::ContentReply> ReadPiece(FileSystem& files, ByteSpan secret, const RelPath& path,
                                         const FileStamp& stamp,
                                         const protocol::ContentRequest& request);

// `base`: of the content that the request names; empty where that is not known here. Then, or where
// the two have little in common, the page that was asked for.
protocol::ChunkListReply AnswerChunkList(const protocol::ChunkListRequest& request,
                                         const std::vector<ChunkRef>& chunks,
                                         const std::vector<ChunkRef>& base);

}  // namespace atozsync
