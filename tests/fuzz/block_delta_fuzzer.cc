// Deltas inside a chunk, both ways. What is made against any sums gives back the very bytes, where
// the sums were true; what a peer made up is refused or gives as many bytes as it said, no more.
//
// The input: block size (two bytes), flags, the base, and then either a delta (flag 1), sums (flag
// 2) or nothing. The new content is the base with a few bytes changed.
#include <cstdint>

#include "sync/base/check.h"
#include "sync/engine/block_delta.h"
#include "sync/engine/hasher.h"
#include "tests/fuzz/input.h"

namespace atozsync {
namespace {

constexpr size_t kRawBytesMax = 1u << 20;

void Change(Input& input, Bytes& raw) {
  for (uint8_t i = input.Byte() % 5; i > 0; --i) {
    const size_t at = raw.empty() ? 0 : input.Short() % raw.size();
    const ByteSpan fresh = input.Take(input.Byte() % 16);
    const auto place = raw.begin() + static_cast<ptrdiff_t>(at);
    if (input.Byte() % 2 == 0 && !raw.empty()) {
      raw.erase(place);
    } else {
      raw.insert(place, fresh.begin(), fresh.end());
    }
  }
}

}  // namespace
}  // namespace atozsync

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace atozsync;
  static const Bytes secret(kClusterSecretBytes, 7);
  Input input(data, size);
  const uint32_t block_bytes = input.Short() % 600u + 1;
  const uint8_t flags = input.Byte();
  const ByteSpan base = input.Take(input.Short());
  if ((flags & 1) != 0) {
    const size_t raw_bytes = input.Long() % kRawBytesMax;
    const Result<Bytes> raw = ApplyDelta(base, block_bytes, input.rest(), raw_bytes);
    CHECK(raw.ok() ? raw->size() == raw_bytes : raw.Is(Errc::kCorrupt));
    return 0;
  }
  Bytes raw(base.begin(), base.end());
  Change(input, raw);
  Bytes sums = SumBlocks(secret, base, block_bytes);
  const bool true_sums = (flags & 2) == 0;
  if (!true_sums) {
    const ByteSpan made_up =
        input.rest().first(input.rest().size() / kBlockSumBytes * kBlockSumBytes);
    sums.insert(sums.begin(), made_up.begin(), made_up.end());
  }
  const std::optional<Bytes> delta = MakeDelta(secret, sums, block_bytes, raw);
  if (!delta) return 0;
  CHECK(delta->size() < raw.size());
  const Result<Bytes> again = ApplyDelta(base, block_bytes, *delta, raw.size());
  if (true_sums) CHECK(again.ok() && *again == raw);
  return 0;
}
