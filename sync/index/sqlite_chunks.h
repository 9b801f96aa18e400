// ChunksTable: tables `chunk_lists` and `chunks`. Writing happens inside a commit of SqliteIndex.
//
// A list goes when the last live or kept file with its content goes. Forgetting it is one small
// change; its chunks are removed in bounded steps by later commits.
#pragma once

#include <vector>

#include "sync/engine/index.h"
#include "sync/index/sqlite_counters.h"

namespace atozsync {

class ChunksTable {
 public:
  // Chunks that one commit removes at most.
  static constexpr size_t kRemovedPerCommitMax = 2000;
  // Lists that the sweep looks at each time the index is opened.
  static constexpr size_t kSweptPerOpenMax = 1000;
  // A chunk that says it is larger is damage: lists go out to peers, who refuse more.
  static constexpr uint64_t kChunkBytesMax = 16u << 20;
  // Files that FindChunk() tries for one chunk.
  static constexpr size_t kPlacesTriedMax = 16;

  ChunksTable(Database& db, Counters& counters) : db_(db), counters_(counters) {}

  void Put(const ContentHash& file_hash, const std::vector<ChunkRef>& chunks);
  // `displaced`: contents that some path or kept version has let go of.
  void DropUnowned(const std::vector<ContentHash>& displaced);
  // Removes some chunks of lists that were dropped.
  void RemoveSome();
  // Drops lists that were written for contents that then never came; a part of them each time.
  void Sweep();

  std::vector<ChunkRef> List(const ContentHash& file_hash);
  struct Spot {
    ContentHash file_hash;
    uint64_t offset = 0;
    uint32_t size = 0;
  };
  // At most kPlacesTriedMax.
  std::vector<Spot> Find(const ContentHash& chunk_hash);

 private:
  bool IsOwned(const ContentHash& file_hash);
  void Drop(const ContentHash& file_hash);

  Database& db_;
  Counters& counters_;
};

}  // namespace atozsync
