// ReplacedChunks: how contents were cut that a person saved over here. The index forgets them with
// the content; a peer that still has it need then be told of the changed chunks only. In memory:
// after a restart a peer gets the whole list. Pure bookkeeping; loop thread only.
#pragma once

#include <cstddef>
#include <deque>
#include <utility>
#include <vector>

#include "sync/engine/index.h"

namespace atozsync {

class ReplacedChunks {
 public:
  // 24 bytes each. The oldest lists go first; one that is longer by itself is not remembered.
  static constexpr size_t kChunksMax = 200'000;
  static constexpr size_t kListsMax = 100;

  void Remember(const ContentHash& content, std::vector<ChunkRef> chunks);
  // Empty: not known.
  std::vector<ChunkRef> Of(const ContentHash& content) const;

 private:
  std::deque<std::pair<ContentHash, std::vector<ChunkRef>>> lists_;
  size_t chunks_ = 0;
};

}  // namespace atozsync
