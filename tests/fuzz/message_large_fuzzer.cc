// Messages up to the largest frame: decoding takes bounded memory, whatever is in it. First byte:
// the type; second: how often the payload is repeated, as a power of two: lists grow that way; then
// the payload.
#include <cstdint>

#include "protocol/codec.h"
#include "protocol/frame.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/memory_meter.h"

namespace atozsync::protocol {
namespace {

// What decoding one frame may take at once, as protobuf and as values: each of them some times the
// bytes on the wire, where those are many small entries (docs/protocol.md has the bounds).
constexpr size_t kDecodeBytesMax = 12 * kFramePayloadBytesMax;

Bytes Repeated(ByteSpan payload, size_t times) {
  Bytes all;
  if (payload.empty()) return all;
  for (size_t i = 0; i < times && all.size() + payload.size() <= kFramePayloadBytesMax; ++i) {
    all.insert(all.end(), payload.begin(), payload.end());
  }
  return all;
}

}  // namespace
}  // namespace atozsync::protocol

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace atozsync;
  using namespace atozsync::protocol;
  Input input(data, size);
  const uint8_t type = static_cast<uint8_t>(1 + input.Byte() % std::variant_size_v<Message>);
  const size_t times = size_t{1} << (input.Byte() % 22);
  const Bytes payload = Repeated(input.rest(), times);
  const MemoryMeter meter;
  const Result<Message> message = DecodeMessage(type, payload);
  CHECK(meter.peak_bytes() <= kDecodeBytesMax);
  if (!message.ok()) return 0;
  // Lists that were put together from pieces still fit into a frame, and come back.
  const Bytes frame = EncodeFrame(*message);
  const Result<Message> again = DecodeMessage(type, ByteSpan(frame).subspan(kFrameHeaderBytes));
  CHECK(again.ok() && *again == *message);
  return 0;
}
