#include "sync/engine/content_answers.h"

#include <algorithm>
#include <map>

#include "protocol/compression.h"
#include "sync/engine/block_delta.h"

namespace atozsync {

Result<protocol::ContentReply> ReadPiece(FileSystem& files, ByteSpan secret, const RelPath& path,
                                         const FileStamp& stamp,
                                         const protocol::ContentRequest& request) {
  ASSIGN_OR_RETURN(auto file, files.OpenRead(path));
  ASSIGN_OR_RETURN(FileStat before, file->Stat());
  bool same = !stamp.trusted() || (before.inode == stamp.inode && before.size == stamp.size &&
                                   before.mtime_ns == stamp.mtime_ns);
  if (!same || request.offset + request.length > before.size) {
    return Status(Errc::kChangedUnderneath, Printable(path) + ": changed since it was hashed");
  }
  protocol::ContentReply reply;
  reply.id = request.id;
  Bytes raw(request.length);
  ASSIGN_OR_RETURN(size_t got, file->ReadAt(request.offset, raw));
  if (got != raw.size()) {
    return Status(Errc::kChangedUnderneath, Printable(path) + ": became shorter");
  }
  reply.found = true;
  reply.raw_size = request.length;
  std::optional<Bytes> delta;
  if (!request.sums.empty()) delta = MakeDelta(secret, request.sums, request.block_bytes, raw);
  std::optional<Bytes> packed;
  if (!delta || delta->size() > raw.size() / 8) packed = protocol::CompressIfItPays(raw);
  reply.delta = delta && (!packed || delta->size() < packed->size());
  reply.compressed = !reply.delta && packed;
  reply.data = reply.delta ? std::move(*delta) : packed ? std::move(*packed) : std::move(raw);
  return reply;
}

namespace {

protocol::ChunkListReply PageOfChunks(const protocol::ChunkListRequest& request,
                                      const std::vector<ChunkRef>& chunks) {
  protocol::ChunkListReply reply;
  reply.id = request.id;
  reply.found = !chunks.empty();
  size_t first = std::min<size_t>(request.first, chunks.size());
  size_t last = std::min(first + protocol::kChunksMax, chunks.size());
  for (size_t i = first; i < last; ++i) reply.chunks.push_back({chunks[i].hash, chunks[i].size});
  reply.more = last < chunks.size();
  return reply;
}

// Runs of the base as long as they go. Nothing in common, or too many pieces: no runs.
std::vector<protocol::ChunkRun> RunsOf(const std::vector<ChunkRef>& chunks,
                                       const std::vector<ChunkRef>& base) {
  std::map<ContentHash, uint32_t> in_base;
  for (uint32_t i = 0; i < base.size(); ++i) in_base.emplace(base[i].hash, i);
  std::vector<protocol::ChunkRun> runs(1);
  bool common = false;
  for (const ChunkRef& chunk : chunks) {
    protocol::ChunkRun& run = runs.back();
    const size_t next = size_t{run.first} + run.count;
    if (run.count > 0 && next < base.size() && base[next] == chunk) {
      ++run.count;
      continue;
    }
    auto at = in_base.find(chunk.hash);
    const bool known = at != in_base.end() && base[at->second] == chunk;
    if (run.count > 0) runs.emplace_back();
    if (known) {
      runs.back().first = at->second;
      runs.back().count = 1;
      common = true;
    } else {
      ++runs.back().fresh;
    }
    if (runs.size() > protocol::kChunkRunsMax) return {};
  }
  return common ? runs : std::vector<protocol::ChunkRun>();
}

}  // namespace

protocol::ChunkListReply AnswerChunkList(const protocol::ChunkListRequest& request,
                                         const std::vector<ChunkRef>& chunks,
                                         const std::vector<ChunkRef>& base) {
  if (base.empty() || chunks.empty()) return PageOfChunks(request, chunks);
  protocol::ChunkListReply reply;
  reply.id = request.id;
  reply.found = true;
  reply.runs = RunsOf(chunks, base);
  size_t at = 0;
  for (const protocol::ChunkRun& run : reply.runs) {
    if (reply.chunks.size() + run.fresh > protocol::kChunksMax)
      return PageOfChunks(request, chunks);
    for (uint32_t i = 0; i < run.fresh; ++i, ++at) {
      reply.chunks.push_back({chunks[at].hash, chunks[at].size});
    }
    at += run.count;
  }
  return reply.runs.empty() ? PageOfChunks(request, chunks) : reply;
}

}  // namespace atozsync
