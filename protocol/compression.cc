#include "protocol/compression.h"

#include <zstd.h>

#include <algorithm>
#include <memory>

namespace atozsync::protocol {
namespace {

// Level 3 packs text and bitmaps several times faster than any link of a practice carries them.
constexpr int kLevel = 3;
constexpr int kSampleLevel = 1;
// Below this the frame around the data eats what is saved.
constexpr size_t kRawBytesMin = 64;
constexpr size_t kSampleBytes = 8u << 10;
constexpr size_t kSamples = 3;  // beginning, middle, end

struct ContextDeleter {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

// A context for each thread that packs: making one costs more than packing a small file. It stays,
// and takes 1.5 MiB at most; a larger content has one of its own.
size_t Pack(MutableByteSpan out, ByteSpan raw, int level) {
  constexpr size_t kKeptFor = 256u << 10;
  if (raw.size() > kKeptFor) {
    return ZSTD_compress(out.data(), out.size(), raw.data(), raw.size(), level);
  }
  thread_local const std::unique_ptr<ZSTD_CCtx, ContextDeleter> context(ZSTD_createCCtx());
  return ZSTD_compressCCtx(context.get(), out.data(), out.size(), raw.data(), raw.size(), level);
}

size_t Unpack(MutableByteSpan out, ByteSpan packed) {
  thread_local const std::unique_ptr<ZSTD_DCtx, ContextDeleter> context(ZSTD_createDCtx());
  return ZSTD_decompressDCtx(context.get(), out.data(), out.size(), packed.data(), packed.size());
}

// The most that `raw_size` bytes may come to and still be worth it.
size_t Target(size_t raw_size) {
  return raw_size - raw_size / 8;
}

bool SampleShrinks(ByteSpan raw) {
  Bytes sample;
  sample.reserve(kSamples * kSampleBytes);
  for (size_t i = 0; i < kSamples; ++i) {
    const ByteSpan part =
        raw.subspan((raw.size() - kSampleBytes) / (kSamples - 1) * i, kSampleBytes);
    sample.insert(sample.end(), part.begin(), part.end());
  }
  Bytes out(Target(sample.size()));
  return ZSTD_isError(Pack(out, sample, kSampleLevel)) == 0;
}

}  // namespace

std::optional<Bytes> CompressIfItPays(ByteSpan raw) {
  if (raw.size() < kRawBytesMin) return std::nullopt;
  // Only when a sample is much smaller than the whole does it save anything.
  if (raw.size() > 4 * kSamples * kSampleBytes && !SampleShrinks(raw)) return std::nullopt;
  Bytes out(Target(raw.size()));
  const size_t size = Pack(out, raw, kLevel);
  if (ZSTD_isError(size) != 0) return std::nullopt;  // does not fit: would not pay
  out.resize(size);
  return out;
}

Result<Bytes> Decompress(ByteSpan compressed, size_t raw_size) {
  if (ZSTD_getFrameContentSize(compressed.data(), compressed.size()) != raw_size ||
      ZSTD_findFrameCompressedSize(compressed.data(), compressed.size()) != compressed.size()) {
    return Status(Errc::kCorrupt, "compressed content is not what its header says");
  }
  Bytes raw(raw_size);
  const size_t size = Unpack(raw, compressed);
  if (ZSTD_isError(size) != 0 || size != raw_size) {
    return Status(Errc::kCorrupt, "compressed content does not expand");
  }
  return raw;
}

}  // namespace atozsync::protocol
