// The envelope of messages: what parses is within the bounds, and sealing makes the same bytes.
#include <algorithm>
#include <cstdint>

#include "protocol/frame.h"
#include "protocol/messages.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace atozsync;
  using namespace atozsync::protocol;
  if (size < kFrameHeaderBytes) return 0;
  const ByteSpan bytes(data, size);
  const Result<FrameHeader> header = ParseFrameHeader(bytes);
  if (header.ok()) {
    CHECK(header->payload_bytes <= kFramePayloadBytesMax);
    CHECK((header->flags & ~kFrameOptional) == 0);
  }

  // Whatever the header said: the rest, sealed, is a frame that is accepted.
  Bytes frame(bytes.begin(), bytes.end());
  SealFrame(data[4], data[5] & kFrameOptional, frame);
  const Result<FrameHeader> sealed = ParseFrameHeader(frame);
  CHECK(sealed.ok());
  const ByteSpan payload = ByteSpan(frame).subspan(kFrameHeaderBytes);
  CHECK(sealed->payload_bytes == payload.size());
  CHECK(sealed->type == data[4] && sealed->flags == (data[5] & kFrameOptional));
  CHECK(CheckPayload(*sealed, payload).ok());
  // A frame has one form: what is accepted as it came is what sealing makes.
  if (header.ok() && header->payload_bytes == payload.size() &&
      CheckPayload(*header, payload).ok()) {
    CHECK(std::equal(bytes.begin(), bytes.end(), frame.begin()));
  }
  // One bit turned in the payload is seen.
  if (!payload.empty()) {
    frame.back() ^= 1;
    CHECK(!CheckPayload(*sealed, payload).ok());
  }
  return 0;
}
