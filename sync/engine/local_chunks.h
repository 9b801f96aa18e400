// What of a large file's chunks is here already – in an earlier try, in the old version of its
// path, or anywhere in the folder – and what has to come from a peer. Pure work on a FileSystem, on
// a worker lane.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "sync/base/file_system.h"
#include "sync/engine/index.h"

namespace atozsync {

struct LocalChunks {
  struct Chunk {
    ChunkRef ref;
    std::optional<uint64_t> in_base;  // where the old version holds it
    std::optional<ChunkPlace> place;  // else where it lies
  };
  RelPath partial;
  uint64_t size = 0;  // of the whole file
  std::vector<Chunk> chunks;
  RelPath base;  // the old version
  uint64_t base_size = 0;
};

// Bytes to be asked for at once, at most protocol::kContentBytesMax: whole chunks.
struct MissingPiece {
  uint64_t offset = 0;
  uint32_t size = 0;
  size_t first_chunk = 0;
  size_t chunk_count = 0;
  // What the old version has in place of it, and the sums of its blocks; 0: nothing like it.
  uint64_t base_offset = 0;
  uint32_t base_size = 0;
  uint32_t block_bytes = 0;
  Bytes sums;
};

// Fills the partial file with what is here; the rest in order.
Result<std::vector<MissingPiece>> CopyFromHere(FileSystem& files, ByteSpan secret,
                                               const LocalChunks& plan);

// What a peer made of the sums of `piece`: into the partial file, when the chunks are right.
// kCorrupt when they are not: the old version may have changed meanwhile.
Status WriteDelta(FileSystem& files, ByteSpan secret, const LocalChunks& plan,
                  const MissingPiece& piece, ByteSpan delta);

}  // namespace atozsync
