// The envelope of every message on a stream (docs/protocol.md, "Frames"):
//
//   length u32 | type u8 | flags u8 | reserved u16 | XXH3-64 of the payload u64 | payload
//
// Big endian. The checksum finds accidents; it is no protection against a person: that is TLS.
// Pure functions, no allocation on the receiving side.
#pragma once

#include <cstdint>

#include "sync/base/bytes.h"
#include "sync/base/status.h"

namespace atozsync::protocol {

inline constexpr size_t kFrameHeaderBytes = 16;
// A receiver that does not know the type skips the frame. Without it, it ends the session.
inline constexpr uint8_t kFrameOptional = 1;
// A part of a larger ContentReply frame: its payload is the next bytes of that frame's payload.
inline constexpr uint8_t kFramePart = 2;
inline constexpr uint8_t kFrameLastPart = 4;  // beside kFramePart

struct FrameHeader {
  uint32_t payload_bytes = 0;  // at most kFramePayloadBytesMax
  uint8_t type = 0;
  uint8_t flags = 0;
  uint64_t checksum = 0;
  bool operator==(const FrameHeader&) const = default;
};

// kProtocol when it announces more than kFramePayloadBytesMax or uses what version 1 does not know.
// REQUIRES: bytes.size() >= kFrameHeaderBytes.
Result<FrameHeader> ParseFrameHeader(ByteSpan bytes);
// kCorrupt when the checksum differs. REQUIRES: payload.size() == header.payload_bytes.
Status CheckPayload(const FrameHeader& header, ByteSpan payload);
// Fills in the header of a frame whose payload stands already behind the first kFrameHeaderBytes.
// REQUIRES: the payload is at most kFramePayloadBytesMax.
void SealFrame(uint8_t type, uint8_t flags, MutableByteSpan frame);

}  // namespace atozsync::protocol
