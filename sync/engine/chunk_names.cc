#include "sync/engine/chunk_names.h"

namespace atozsync {

Result<bool> ChunkNames::Add(const protocol::ChunkListReply& page) {
  const Status wrong(Errc::kCorrupt, "the peer's list of chunks does not add up to the file");
  const uint64_t count = chunks_.size() + page.chunks.size();
  if (count > kChunksMax || count > file_bytes_ / kAverageBytesMin + 1) return wrong;
  chunks_.reserve(count);
  for (const protocol::Chunk& chunk : page.chunks) {
    // Larger than any that is cut here: it could not be asked for in one piece.
    if (chunk.size == 0 || chunk.size > protocol::kContentBytesMax) return wrong;
    if (chunk.size > file_bytes_ - named_bytes_) return wrong;
    named_bytes_ += chunk.size;
    chunks_.push_back({chunk.hash, chunk.size});
  }
  if (named_bytes_ == file_bytes_) return true;
  if (!page.more || page.chunks.empty()) return wrong;
  return false;
}

}  // namespace atozsync
