#include "protocol/frame.h"

#include <xxhash.h>

#include <string>

#include "protocol/messages.h"

namespace atozsync::protocol {

Result<FrameHeader> ParseFrameHeader(ByteSpan bytes) {
  FrameHeader header;
  header.payload_bytes = GetU32(bytes);
  header.type = bytes[4];
  header.flags = bytes[5];
  header.checksum = GetU64(bytes.subspan(8));
  if (header.payload_bytes > kFramePayloadBytesMax) {
    return Status(Errc::kProtocol, "a frame of " + std::to_string(header.payload_bytes) +
                                       " bytes is over the limit of " +
                                       std::to_string(kFramePayloadBytesMax));
  }
  const bool last_of_nothing = (header.flags & kFrameLastPart) != 0 && !(header.flags & kFramePart);
  if ((header.flags & ~(kFrameOptional | kFramePart | kFrameLastPart)) != 0 || last_of_nothing ||
      bytes[6] != 0 || bytes[7] != 0) {
    return Status(Errc::kProtocol, "a frame header with bits that version 1 does not know");
  }
  return header;
}

Status CheckPayload(const FrameHeader& header, ByteSpan payload) {
  CHECK(payload.size() == header.payload_bytes);
  if (XXH3_64bits(payload.data(), payload.size()) != header.checksum) {
    return {Errc::kCorrupt, "the checksum of a frame does not match its payload"};
  }
  return Status::Ok();
}

void SealFrame(uint8_t type, uint8_t flags, MutableByteSpan frame) {
  CHECK(frame.size() >= kFrameHeaderBytes);
  MutableByteSpan payload = frame.subspan(kFrameHeaderBytes);
  CHECK(payload.size() <= kFramePayloadBytesMax);
  PutU32(frame, static_cast<uint32_t>(payload.size()));
  frame[4] = type;
  frame[5] = flags;
  frame[6] = 0;
  frame[7] = 0;
  PutU64(frame.subspan(8), XXH3_64bits(payload.data(), payload.size()));
}

}  // namespace atozsync::protocol
