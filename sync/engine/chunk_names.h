// ChunkNames: the chunks of one file as a peer names them, page after page, believed only as far as
// they fit the file. A peer can neither make the list longer than the file's size allows nor longer
// than kChunksMax, whatever it says. Pure; not thread-safe. Errors: kCorrupt, the peer is wrong.
#pragma once

#include <cstdint>
#include <vector>

#include "protocol/messages.h"
#include "sync/engine/index.h"

namespace atozsync {

class ChunkNames {
 public:
  // 24 bytes of memory each. As chunks are cut here (Chunker, 64 KiB on average), a file of 256 GB.
  static constexpr size_t kChunksMax = 4'000'000;
  // On average over a file; Chunker cuts none below four times this but the last.
  static constexpr uint64_t kAverageBytesMin = 4096;

  explicit ChunkNames(uint64_t file_bytes) : file_bytes_(file_bytes) {}

  // True when all are named, false when the next page is wanted. After an error: give up.
  Result<bool> Add(const protocol::ChunkListReply& page);
  // A whole list, told as what differs from the chunks of a content that is known here. After an
  // error nothing is named.
  Status AddByBase(const protocol::ChunkListReply& reply, const std::vector<ChunkRef>& base);
  // Index of the first chunk of the next page.
  uint32_t next() const { return static_cast<uint32_t>(chunks_.size()); }
  const std::vector<ChunkRef>& chunks() const { return chunks_; }

 private:
  const uint64_t file_bytes_;
  uint64_t named_bytes_ = 0;
  std::vector<ChunkRef> chunks_;
};

}  // namespace atozsync
