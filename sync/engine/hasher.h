// ContentHasher: XXH3-128 keyed with the cluster's secret, over bytes given in pieces.
// FileHasher: whole-file hash and content-defined chunks in one pass. Neither is thread-safe; one
// per job on a worker lane.
#pragma once

#include <memory>
#include <vector>

#include "sync/base/bytes.h"
#include "sync/base/ids.h"
#include "sync/engine/index.h"

namespace atozsync {

inline constexpr size_t kClusterSecretBytes = 192;  // XXH3's own length; at least 136

class ContentHasher {
 public:
  // `secret` outlives the hasher. REQUIRES: secret.size() >= 136.
  explicit ContentHasher(ByteSpan secret);
  ~ContentHasher();
  ContentHasher(ContentHasher&&) noexcept;
  void Update(ByteSpan bytes);
  ContentHash Finish();  // then starts anew

 private:
  struct State;
  ByteSpan secret_;
  std::unique_ptr<State> state_;
};

ContentHash HashOf(ByteSpan secret, ByteSpan bytes);

// Content-defined chunking: FastCDC with normalized chunking (Xia et al., USENIX ATC 2016). The
// gear table is made from a fixed seed: cut points are the same on every replica.
class Chunker {
 public:
  static constexpr size_t kMinBytes = 16u << 10;
  static constexpr size_t kNormalBytes = 64u << 10;
  static constexpr size_t kMaxBytes = 256u << 10;

  // Bytes of the first chunk of `bytes`. `last`: nothing comes after `bytes`. 0 = more is needed.
  static size_t FirstChunk(ByteSpan bytes, bool last);
};

struct HashedFile {
  uint64_t size = 0;
  ContentHash hash;
  std::vector<ChunkRef> chunks;  // empty for files below kChunkedBytesMin
};

// Smaller files travel whole: naming their chunks would cost more than it saves.
inline constexpr uint64_t kChunkedBytesMin = 256u << 10;

class FileHasher {
 public:
  // `chunked` false: only the whole-file hash, for files known to be below kChunkedBytesMin.
  explicit FileHasher(ByteSpan secret, bool chunked = true);
  void Update(ByteSpan bytes);
  HashedFile Finish();

 private:
  void AddChunk(ByteSpan chunk);

  ByteSpan secret_;
  const bool chunked_;
  ContentHasher whole_;
  Bytes pending_;  // the beginning of the next chunk; fewer than kMaxBytes
  HashedFile result_;
};

}  // namespace atozsync
