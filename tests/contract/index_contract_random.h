// BatchMaker: random batches in a small world, so that paths, contents and ids meet again and
// again. What is random comes from the caller: a property test that shrinks, or a seed.
#pragma once

#include <functional>
#include <vector>

#include "sync/engine/index.h"

namespace atozsync {

// How content `content` is cut, wherever a batch says so.
std::vector<ChunkRef> ChunksOf(uint64_t content);

class BatchMaker {
 public:
  using Draw = std::function<uint64_t(uint64_t bound)>;  // 0 … bound-1
  static constexpr uint64_t kContentsMax = 5;            // HashOf(1 … 5)
  static constexpr uint64_t kChunksFrom = 100;           // HashOf(100 … 106)
  static constexpr uint64_t kChunksEnd = 107;

  explicit BatchMaker(Draw below) : below_(std::move(below)) {}

  IndexBatch Batch();
  RelPath Path();
  FileVersion Version();
  IndexRow Row();

 private:
  uint64_t Below(uint64_t bound) { return below_(bound); }
  KeptVersion Kept();
  ConflictRecord Conflict();
  Need Wanted();
  ReplicaId Peer();
  void FillRows(IndexBatch& batch);
  void FillLists(IndexBatch& batch);
  // `make` 0 … bound-1 times.
  template <typename T, typename Make>
  void Fill(std::vector<T>& list, uint64_t bound, Make make) {
    for (uint64_t n = Below(bound); n > 0; --n) list.push_back(make());
  }

  Draw below_;
};

}  // namespace atozsync
