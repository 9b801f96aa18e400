#include "sync/engine/chunk_names.h"

#include <algorithm>

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

Status ChunkNames::AddByBase(const protocol::ChunkListReply& reply,
                             const std::vector<ChunkRef>& base) {
  const Status wrong(Errc::kCorrupt, "the peer's list of changed chunks does not fit the old one");
  protocol::ChunkListReply whole;
  size_t fresh = 0;
  const uint64_t count_max = std::min<uint64_t>(kChunksMax, file_bytes_ / kAverageBytesMin + 1);
  for (const protocol::ChunkRun& run : reply.runs) {
    if (run.fresh > reply.chunks.size() - fresh || run.first > base.size() ||
        run.count > base.size() - run.first ||
        whole.chunks.size() + run.fresh + run.count > count_max) {
      return wrong;
    }
    const auto from = reply.chunks.begin() + static_cast<ptrdiff_t>(fresh);
    whole.chunks.insert(whole.chunks.end(), from, from + run.fresh);
    fresh += run.fresh;
    for (uint32_t i = 0; i < run.count; ++i) {
      whole.chunks.push_back({base[run.first + i].hash, base[run.first + i].size});
    }
  }
  if (fresh != reply.chunks.size()) return wrong;
  Result<bool> all = Add(whole);
  if (all.ok() && *all) return Status::Ok();
  chunks_.clear();
  named_bytes_ = 0;
  return wrong;
}

}  // namespace atozsync
