// Every message: what decodes is within its bounds, and encodes to something that decodes to the
// same. First byte: the type; then the payload.
#include <cstdint>
#include <utility>

#include "protocol/codec.h"
#include "protocol/codec_bounds.h"
#include "protocol/frame.h"
#include "tests/fuzz/input.h"

namespace atozsync::protocol {
namespace {

constexpr size_t kTypes = std::variant_size_v<Message>;

void CheckMessage(uint8_t type, const Message& message) {
  CHECK(MessageType(message) == type);
  CHECK(MessageName(message) != nullptr);
  CHECK(std::visit([](const auto& one) { return CheckBounds(one).ok(); }, message));
  const Bytes frame = EncodeFrame(message);
  const Result<FrameHeader> header = ParseFrameHeader(frame);
  CHECK(header.ok() && header->type == type && header->flags == 0);
  const ByteSpan payload = ByteSpan(frame).subspan(kFrameHeaderBytes);
  CHECK(header->payload_bytes == payload.size());
  const Result<Message> again = DecodeMessage(type, payload);
  CHECK(again.ok());
  CHECK(*again == message);
  CHECK(EncodeFrame(*again) == frame);
  if (const auto* update = std::get_if<IndexUpdate>(&message)) {
    size_t bytes = kFrameHeaderBytes + 32;
    for (const UpdateRow& row : update->rows) bytes += ApproximateBytes(row);
    for (const ConflictRecord& conflict : update->conflicts) bytes += ApproximateBytes(conflict);
    CHECK(frame.size() <= bytes);  // or pages would outgrow their frames
  }
}

}  // namespace
}  // namespace atozsync::protocol

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace atozsync;
  using namespace atozsync::protocol;
  Input input(data, size);
  const uint8_t type = static_cast<uint8_t>(1 + input.Byte() % kTypes);
  const Result<Message> message = DecodeMessage(type, input.rest());
  if (message.ok()) {
    CheckMessage(type, *message);
  } else {
    CHECK(message.Is(Errc::kProtocol) || message.Is(Errc::kCorrupt) || message.Is(Errc::kInvalid));
  }
  return 0;
}
