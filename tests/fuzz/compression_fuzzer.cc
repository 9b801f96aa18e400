// zstd: what is compressed expands to itself; what a peer sends expands to exactly the size that it
// announced, or not at all, and takes no more memory than that.
//
// The input: announced size (four bytes), then the data. The same data is also compressed, repeated
// up to the size of one piece of content.
#include <cstdint>

#include "protocol/compression.h"
#include "protocol/messages.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/memory_meter.h"

namespace atozsync::protocol {
namespace {

void CheckExpands(ByteSpan compressed, size_t raw_size) {
  const MemoryMeter meter;
  const Result<Bytes> raw = Decompress(compressed, raw_size);
  CHECK(meter.peak_bytes() <= raw_size + 4096);
  if (raw.ok()) {
    CHECK(raw->size() == raw_size);
    CHECK(raw_size == 0 || !Decompress(compressed, raw_size - 1).ok());
    CHECK(!Decompress(compressed, raw_size + 1).ok());
  } else {
    CHECK(raw.Is(Errc::kCorrupt));
  }
}

void CheckRoundTrip(const Bytes& raw) {
  const std::optional<Bytes> compressed = CompressIfItPays(raw);
  if (!compressed) return;
  CHECK(compressed->size() <= raw.size() - raw.size() / 8);  // else it would not pay
  const Result<Bytes> again = Decompress(*compressed, raw.size());
  CHECK(again.ok() && *again == raw);
  CHECK(!Decompress(ByteSpan(*compressed).first(compressed->size() - 1), raw.size()).ok());
  Bytes longer = *compressed;
  longer.push_back(0);
  CHECK(!Decompress(longer, raw.size()).ok());
  // One frame, and nothing behind it that zstd would pass over.
  Bytes skipped = *compressed;
  skipped.insert(skipped.end(), {0x50, 0x2A, 0x4D, 0x18, 0, 0, 0, 0});
  CHECK(!Decompress(skipped, raw.size()).ok());
}

}  // namespace
}  // namespace atozsync::protocol

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace atozsync;
  using namespace atozsync::protocol;
  Input input(data, size);
  const size_t times = size_t{1} << (input.Byte() % 12);
  const size_t high = input.Short();
  const size_t raw_size = (high << 8 | input.Byte()) % (kContentBytesMax + 1);
  const ByteSpan rest = input.rest();
  CheckExpands(rest, raw_size);
  Bytes raw;
  for (size_t i = 0; i < times && raw.size() + rest.size() <= kContentBytesMax; ++i) {
    raw.insert(raw.end(), rest.begin(), rest.end());
  }
  CheckRoundTrip(raw);
  return 0;
}
