#include "protocol/codec.h"

#include <algorithm>
#include <array>
#include <utility>

#include "protocol/codec_bounds.h"
#include "protocol/codec_parts.h"
#include "protocol/frame.h"

namespace atozsync::protocol {
namespace {

// The number on the wire is the position in `Message`, from 1: whoever reorders it is stopped here.
template <typename M>
constexpr uint8_t TypeOf() {
  constexpr size_t kIndex = []<size_t... I>(std::index_sequence<I...>) {
    size_t index = 0;
    ((std::is_same_v<M, std::variant_alternative_t<I, Message>> ? (index = I) : 0), ...);
    return index;
  }
  (std::make_index_sequence<std::variant_size_v<Message>>());
  return static_cast<uint8_t>(kIndex + 1);
}
static_assert(TypeOf<Hello>() == 1 && TypeOf<Members>() == 2 && TypeOf<IndexUpdate>() == 3 &&
              TypeOf<IndexAck>() == 4 && TypeOf<StatusRequest>() == 5 &&
              TypeOf<PeerStatus>() == 6 && TypeOf<ContentRequest>() == 7 &&
              TypeOf<ContentReply>() == 8 && TypeOf<ChunkListRequest>() == 9);
static_assert(TypeOf<ChunkListReply>() == 10 && TypeOf<DigestRequest>() == 11 &&
              TypeOf<DigestReply>() == 12 && TypeOf<JoinRequest>() == 13 &&
              TypeOf<JoinReply>() == 14 && TypeOf<ListRequest>() == 15 && TypeOf<Ping>() == 16 &&
              TypeOf<Pong>() == 17 && TypeOf<Goodbye>() == 18 && TypeOf<VersionRequest>() == 19 &&
              TypeOf<VersionReply>() == 20 && TypeOf<Going>() == 21 &&
              TypeOf<ContentStream>() == 22);
constexpr size_t kTypes = std::variant_size_v<Message>;

// The largest messages that the bounds allow fit into a frame.
static_assert(kMembersMax * ((kAddressesMax + 1) * (kTextBytesMax + 4) + 64) +
                  (kCapabilitiesMax + 4) * (kTextBytesMax + 4) <
              kFramePayloadBytesMax);
static_assert(kDigestEntriesMax * (RelPath::kNameBytesMax + 64) < kFramePayloadBytesMax);
static_assert(kChunksMax * 20 + 64 < kFramePayloadBytesMax);
static_assert(kContentBytesMax + 64 < kFramePayloadBytesMax);
static_assert(kGoingPathsMax * (RelPath::kPathBytesMax + 8) < kFramePayloadBytesMax);

// ContentReply: id u32 | flags u8 | reserved 3 bytes | raw_size u32 | data.
constexpr size_t kReplyHeaderBytes = 12;
constexpr uint8_t kReplyFound = 1;
constexpr uint8_t kReplyCompressed = 2;
constexpr uint8_t kReplyDelta = 4;  // only where the request held sums

Bytes EncodePayload(const ContentReply& reply) {
  CHECK(CheckBounds(reply).ok());
  Bytes frame(kFrameHeaderBytes + kReplyHeaderBytes);
  const MutableByteSpan header = MutableByteSpan(frame).subspan(kFrameHeaderBytes);
  PutU32(header, reply.id);
  header[4] = static_cast<uint8_t>((reply.found ? kReplyFound : 0) |
                                   (reply.compressed ? kReplyCompressed : 0) |
                                   (reply.delta ? kReplyDelta : 0));
  PutU32(header.subspan(8), reply.raw_size);
  frame.reserve(frame.size() + reply.data.size());
  frame.insert(frame.end(), reply.data.begin(), reply.data.end());
  return frame;
}

// A frame whose header is still empty.
template <typename M>
Bytes EncodePayload(const M& message) {
  typename WireOf<M>::Type wire_message;
  ToWire(message, &wire_message);
  const size_t size = wire_message.ByteSizeLong();
  CHECK(size <= kFramePayloadBytesMax);
  Bytes frame(kFrameHeaderBytes + size);
  wire_message.SerializeWithCachedSizesToArray(frame.data() + kFrameHeaderBytes);
  return frame;
}

template <typename M>
void CheckOutgoing(const M& message) {
  const Status bounds = CheckBounds(message);
  CHECK(bounds.ok());
}
// What people wrote (names, addresses, tokens) or are to read (reasons, which may name a long path)
// is cut on the way out: that it is long is no bug of ours. Only the lists are.
void CheckOutgoing(const Goodbye&) {}
void CheckOutgoing(const PeerStatus&) {}
void CheckOutgoing(const JoinRequest&) {}
void CheckOutgoing(const JoinReply& message) {
  CHECK(message.members.size() <= kMembersMax);
}
void CheckOutgoing(const Members& message) {
  CHECK(message.members.size() <= kMembersMax);
}
void CheckOutgoing(const Hello& message) {
  CHECK(message.members.size() <= kMembersMax);
  CHECK(message.capabilities.size() <= kCapabilitiesMax);
}

template <typename M>
Result<Message> Decode(ByteSpan payload) {
  TRY(CheckFieldCount<M>(payload));
  typename WireOf<M>::Type wire_message;
  if (!wire_message.ParseFromArray(payload.data(), static_cast<int>(payload.size()))) {
    return Status(Errc::kProtocol, "message: the payload does not parse");
  }
  M message;
  TRY(FromWire(wire_message, &message));
  TRY(CheckBounds(message));
  return Message(std::move(message));
}

template <>
Result<Message> Decode<ContentReply>(ByteSpan payload) {
  if (payload.size() < kReplyHeaderBytes) {
    return Status(Errc::kProtocol, "message: content without its header");
  }
  const uint8_t flags = payload[4];
  if ((flags & ~(kReplyFound | kReplyCompressed | kReplyDelta)) != 0 || payload[5] != 0 ||
      payload[6] != 0 || payload[7] != 0) {
    return Status(Errc::kProtocol, "message: content with bits that version 1 does not know");
  }
  ContentReply reply;
  reply.id = GetU32(payload);
  reply.found = (flags & kReplyFound) != 0;
  reply.compressed = (flags & kReplyCompressed) != 0;
  reply.delta = (flags & kReplyDelta) != 0;
  reply.raw_size = GetU32(payload.subspan(8));
  if (payload.size() - kReplyHeaderBytes > kContentBytesMax) {
    return Status(Errc::kProtocol, "message: too much content in one reply");
  }
  const ByteSpan data = payload.subspan(kReplyHeaderBytes);
  reply.data.assign(data.begin(), data.end());
  TRY(CheckBounds(reply));
  return Message(std::move(reply));
}

using Decoder = Result<Message> (*)(ByteSpan);

template <size_t... I>
constexpr std::array<Decoder, kTypes> MakeDecoders(std::index_sequence<I...>) {
  return {&Decode<std::variant_alternative_t<I, Message>>...};
}

}  // namespace

uint8_t MessageType(const Message& message) {
  return static_cast<uint8_t>(message.index() + 1);
}

bool IsKnownType(uint8_t type) {
  return type >= 1 && type <= kTypes;
}

Bytes EncodeFrame(const Message& message) {
  Bytes frame = std::visit(
      [](const auto& one) {
        CheckOutgoing(one);
        return EncodePayload(one);
      },
      message);
  // Version 1 began without it: a replica that does not know it passes over it.
  const bool optional = std::holds_alternative<Going>(message);
  SealFrame(MessageType(message), optional ? kFrameOptional : 0, frame);
  return frame;
}

Result<Message> DecodeMessage(uint8_t type, ByteSpan payload) {
  CHECK(IsKnownType(type));
  CHECK(payload.size() <= kFramePayloadBytesMax);
  static constexpr std::array<Decoder, kTypes> kDecoders =
      MakeDecoders(std::make_index_sequence<kTypes>());
  return kDecoders[type - 1u](payload);
}

const char* MessageName(const Message& message) {
  static constexpr std::array<const char*, kTypes> kNames = {
      "Hello",         "Members",        "IndexUpdate",  "IndexAck",         "StatusRequest",
      "PeerStatus",    "ContentRequest", "ContentReply", "ChunkListRequest", "ChunkListReply",
      "DigestRequest", "DigestReply",    "JoinRequest",  "JoinReply",        "ListRequest",
      "Ping",          "Pong",           "Goodbye",      "VersionRequest",   "VersionReply",
      "Going",         "ContentStream"};
  return kNames[message.index()];
}

}  // namespace atozsync::protocol
