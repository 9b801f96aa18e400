#include "sync/engine/replaced_chunks.h"

#include <algorithm>

namespace atozsync {

void ReplacedChunks::Remember(const ContentHash& content, std::vector<ChunkRef> chunks) {
  if (chunks.empty() || chunks.size() > kChunksMax) return;
  auto known = std::find_if(lists_.begin(), lists_.end(),
                            [&](const auto& list) { return list.first == content; });
  if (known != lists_.end()) {
    chunks_ -= known->second.size();
    lists_.erase(known);
  }
  chunks_ += chunks.size();
  lists_.emplace_back(content, std::move(chunks));
  while (chunks_ > kChunksMax || lists_.size() > kListsMax) {
    chunks_ -= lists_.front().second.size();
    lists_.pop_front();
  }
}

std::vector<ChunkRef> ReplacedChunks::Of(const ContentHash& content) const {
  for (const auto& [hash, chunks] : lists_) {
    if (hash == content) return chunks;
  }
  return {};
}

}  // namespace atozsync
