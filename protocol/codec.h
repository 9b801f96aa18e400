// Message ↔ frame. Encoding trusts its caller: a message over a bound of messages.h is a bug and a
// CHECK. Decoding trusts nobody: every bound is checked, first the number of entries (before
// anything is built from them), then paths, vectors and versions. Pure functions, any thread.
#pragma once

#include <cstdint>
#include <optional>

#include "protocol/messages.h"
#include "sync/base/bytes.h"
#include "sync/base/status.h"

namespace atozsync::protocol {

// Bounds beside those of messages.h.
inline constexpr size_t kCapabilitiesMax = 64;
inline constexpr size_t kAddressesMax = 8;                     // of one member
inline constexpr size_t kUpdateConflictsMax = kUpdateRowsMax;  // in one IndexUpdate
inline constexpr uint32_t kChunkBytesMax = 16u << 20;          // of one chunk named in a list
inline constexpr size_t kSecretBytesMax = 1024;                // of a token, of a cluster
// Pages of IndexUpdate are filled up to about this: well below kFramePayloadBytesMax, so that one
// more row, whatever its size, still fits.
inline constexpr size_t kUpdateBytesTarget = 1u << 20;

// The whole frame, header included; `Going` is marked as optional. What people wrote or are to read
// (names, addresses, tokens, states, reasons) is cut to its bound; everything else over a bound is
// a CHECK.
Bytes EncodeFrame(const Message& message);

// The number on the wire: 1 … 22.
uint8_t MessageType(const Message& message);
bool IsKnownType(uint8_t type);
// kProtocol or kCorrupt. REQUIRES: IsKnownType(type), payload.size() <= kFramePayloadBytesMax.
Result<Message> DecodeMessage(uint8_t type, ByteSpan payload);

// At least what the row or record adds to an IndexUpdate's frame, and not much more: to stop
// filling a page at kUpdateBytesTarget. One row is at most 112 KiB, one conflict at most 224 KiB.
size_t ApproximateBytes(const UpdateRow& row);
size_t ApproximateBytes(const ConflictRecord& conflict);

}  // namespace atozsync::protocol
