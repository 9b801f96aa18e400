#include "sync/engine/local_chunks.h"

#include <algorithm>

#include "protocol/messages.h"
#include "sync/base/planted_fault.h"
#include "sync/base/probe.h"
#include "sync/engine/block_delta.h"
#include "sync/engine/hasher.h"
#include "sync/engine/stage_job.h"

namespace atozsync {

namespace {

// Of the old version, for one piece: more is not compared.
constexpr uint64_t kWindowBytesMax = 1u << 20;
// Where more than that was replaced, the old bytes lie about where the new ones are.
constexpr uint64_t kWindowSlackBytes = 64u << 10;
constexpr size_t kSumsBytesMax = 1u << 20;  // of one file, in memory until they are asked with

bool ReadExactly(File& file, uint64_t offset, MutableByteSpan out) {
  Result<size_t> got = file.ReadAt(offset, out);
  return got.ok() && *got == out.size();
}

// Where a chunk of the plan can be read, the old version first: there they lie in order.
std::optional<ChunkPlace> PlaceOf(const LocalChunks& plan, const LocalChunks::Chunk& chunk) {
  if (chunk.in_base) return ChunkPlace{plan.base, *chunk.in_base, chunk.ref.size};
  return chunk.place;
}

// The chunk's bytes from the partial file itself (an earlier try) or from where it lies here.
bool FillChunk(FileSystem& files, ByteSpan secret, File& partial, uint64_t offset,
               const ChunkRef& chunk, const std::optional<ChunkPlace>& place, Bytes& buffer) {
  buffer.resize(chunk.size);
  bool here = ReadExactly(partial, offset, buffer);
  if (here && Planted(PlantedFault::kPartialNotVerified)) return true;
  if (here && HashOf(secret, buffer) == chunk.hash) {
    Probe(ProbeId::kChunkResumed);
    return true;
  }
  if (!place || place->size != chunk.size) return false;
  Result<std::unique_ptr<File>> source = files.OpenRead(place->path);
  if (!source.ok() || !ReadExactly(**source, place->offset, buffer)) return false;
  if (HashOf(secret, buffer) != chunk.hash) return false;
  if (!partial.WriteAt(offset, buffer).ok()) return false;
  Probe(ProbeId::kChunkFromHere);
  return true;
}

void AddMissing(uint64_t offset, size_t chunk, uint32_t size, std::vector<MissingPiece>& missing) {
  bool joins = !missing.empty() && missing.back().offset + missing.back().size == offset &&
               missing.back().size + size <= protocol::kContentBytesMax;
  if (!joins) {
    MissingPiece& piece = missing.emplace_back();
    piece.offset = offset;
    piece.first_chunk = chunk;
  }
  missing.back().size += size;
  ++missing.back().chunk_count;
}

// What lies in the old version between the chunks that frame these pieces, which follow each other.
// Of a larger gap: about as far into it as each piece is.
void FindWindows(const LocalChunks& plan, std::span<MissingPiece> run) {
  const size_t first = run.front().first_chunk;
  const size_t behind = run.back().first_chunk + run.back().chunk_count;
  std::optional<uint64_t> from = uint64_t{0};
  if (first > 0) {
    from = plan.chunks[first - 1].in_base;
    if (from) *from += plan.chunks[first - 1].ref.size;
  }
  std::optional<uint64_t> to = plan.base_size;
  if (behind < plan.chunks.size()) to = plan.chunks[behind].in_base;
  if (!from || !to || *from >= *to) return;
  for (MissingPiece& piece : run) {
    uint64_t begin = *from;
    uint64_t end = *to;
    if (end - begin > kWindowBytesMax) {
      begin += piece.offset - run.front().offset;
      end = std::min(begin + piece.size + kWindowSlackBytes, *to);
      begin -= std::min(begin - *from, kWindowSlackBytes);
    }
    if (begin >= end) continue;
    piece.base_offset = begin;
    piece.base_size = static_cast<uint32_t>(end - begin);
  }
}

void SumWindows(FileSystem& files, ByteSpan secret, const RelPath& base,
                std::vector<MissingPiece>& missing) {
  Result<std::unique_ptr<File>> old = files.OpenRead(base);
  if (!old.ok()) return;
  size_t sums_bytes = 0;
  Bytes window;
  for (MissingPiece& piece : missing) {
    if (piece.base_size == 0 || sums_bytes > kSumsBytesMax) continue;
    window.resize(piece.base_size);
    if (!ReadExactly(**old, piece.base_offset, window)) continue;
    const uint32_t block_bytes = DeltaBlockBytes(window.size());
    piece.sums = SumBlocks(secret, window, block_bytes);
    piece.block_bytes = piece.sums.empty() ? 0 : block_bytes;
    sums_bytes += piece.sums.size();
  }
}

}  // namespace

Result<std::vector<MissingPiece>> CopyFromHere(FileSystem& files, ByteSpan secret,
                                               const LocalChunks& plan) {
  Result<std::unique_ptr<File>> opened = files.OpenWrite(plan.partial);
  if (opened.Is(Errc::kNotFound)) opened = CreatePartial(files, plan.partial);
  TRY(opened.status());
  File& file = **opened;
  TRY(file.Truncate(plan.size));
  std::vector<MissingPiece> missing;
  Bytes buffer;
  uint64_t offset = 0;
  for (size_t i = 0; i < plan.chunks.size(); ++i) {
    const ChunkRef& chunk = plan.chunks[i].ref;
    if (!FillChunk(files, secret, file, offset, chunk, PlaceOf(plan, plan.chunks[i]), buffer)) {
      AddMissing(offset, i, chunk.size, missing);
    }
    offset += chunk.size;
  }
  for (size_t begin = 0, end = 0; begin < missing.size(); begin = end) {
    for (end = begin + 1; end < missing.size(); ++end) {
      if (missing[end - 1].offset + missing[end - 1].size != missing[end].offset) break;
    }
    FindWindows(plan, std::span(missing).subspan(begin, end - begin));
  }
  if (plan.base_size > 0) SumWindows(files, secret, plan.base, missing);
  return missing;
}

Status WriteDelta(FileSystem& files, ByteSpan secret, const LocalChunks& plan,
                  const MissingPiece& piece, ByteSpan delta) {
  Bytes window(piece.base_size);
  ASSIGN_OR_RETURN(auto old, files.OpenRead(plan.base));
  if (!ReadExactly(*old, piece.base_offset, window)) {
    return {Errc::kCorrupt, "the old version became shorter"};
  }
  ASSIGN_OR_RETURN(const Bytes raw, ApplyDelta(window, piece.block_bytes, delta, piece.size));
  size_t at = 0;
  for (size_t i = 0; i < piece.chunk_count; ++i) {
    const ChunkRef& chunk = plan.chunks[piece.first_chunk + i].ref;
    if (HashOf(secret, ByteSpan(raw).subspan(at, chunk.size)) != chunk.hash) {
      return {Errc::kCorrupt, "a delta made other bytes than were announced"};
    }
    at += chunk.size;
  }
  ASSIGN_OR_RETURN(auto partial, files.OpenWrite(plan.partial));
  Probe(ProbeId::kDeltaApplied);
  return partial->WriteAt(piece.offset, raw);
}

}  // namespace atozsync
