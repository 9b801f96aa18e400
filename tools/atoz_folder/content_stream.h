// ContentStream: the bytes of one generated file. They look like the kind that the name says: right
// first and last bytes, and about as compressible as the real thing (photographs not at all,
// bitmaps and text well). No viewer will show a picture.
//
// Made in blocks from the seed, so any length costs the same memory. Not thread-safe.
#pragma once

#include <cstdint>
#include <string_view>

#include "sync/base/bytes.h"

namespace atozsync {

enum class ContentKind : uint8_t {
  kJpeg,
  kPdf,
  kTiff,
  kBmp,
  kDicom,
  kPng,
  kDocx,
  kZip,
  kText,
  kCsv,
  kHl7,
  kThumbsDb,
};

struct Content {
  ContentKind kind = ContentKind::kJpeg;
  uint64_t size = 0;  // bytes
  uint64_t seed = 0;
  bool operator==(const Content&) const = default;
};

class ContentStream {
 public:
  explicit ContentStream(const Content& content);
  // Fills `out`; fewer bytes only at the end, 0 behind it. The bytes do not depend on how large the
  // pieces are that one asks for.
  size_t Read(MutableByteSpan out);

 private:
  static constexpr size_t kBlockBytes = 64 * 1024;
  void MakeBlock(uint64_t index);

  const Content content_;
  Bytes head_;
  Bytes tail_;
  Bytes block_;
  uint64_t position_ = 0;
  uint64_t block_index_ = UINT64_MAX;  // which one block_ holds
};

}  // namespace atozsync
