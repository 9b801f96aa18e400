// Every message: what decodes is within its bounds, and encodes to something that decodes to the
// same. First byte: the type; then the payload.
#include <cstdint>
#include <utility>

#include "protocol/codec.h"
#include "protocol/frame.h"
#include "tests/fuzz/input.h"

namespace atozsync::protocol {
namespace {

constexpr size_t kTypes = std::variant_size_v<Message>;

// The bounds of messages.h and codec.h, said a second time where a peer could do harm.
void CheckHarmless(const ContentReply& reply) {
  CHECK(reply.raw_size <= kContentBytesMax && reply.data.size() <= reply.raw_size);
  CHECK(reply.compressed || reply.data.size() == reply.raw_size);
}
void CheckHarmless(const ContentRequest& request) {
  CHECK(!request.path.is_root() && request.length <= kContentBytesMax);
  CHECK(request.offset + request.length >= request.offset);
}
void CheckHarmless(const ChunkListReply& reply) {
  CHECK(reply.chunks.size() <= kChunksMax);
  for (const Chunk& chunk : reply.chunks) CHECK(chunk.size > 0 && chunk.size <= kChunkBytesMax);
}
void CheckHarmless(const DigestReply& reply) {
  CHECK(reply.children.size() <= kDigestEntriesMax);
  for (const DigestEntry& entry : reply.children) CHECK(RelPath::IsValidName(entry.name));
}
void CheckHarmless(const IndexUpdate& update) {
  CHECK(update.from <= update.to);
  CHECK(update.rows.size() <= kUpdateRowsMax && update.conflicts.size() <= kUpdateConflictsMax);
  for (const UpdateRow& row : update.rows) {
    CHECK(!row.path.is_root() && ValidateVersion(row.version).ok());
    CHECK(row.version.vector.entries().size() <= VersionVector::kEntriesMax);
  }
  for (const ConflictRecord& conflict : update.conflicts) {
    CHECK(!conflict.path.is_root() && conflict.rule.size() <= kTextBytesMax);
    CHECK(ValidateVersion(conflict.winner).ok() && ValidateVersion(conflict.loser).ok());
    CHECK(conflict.state <= ConflictState::kGone);
  }
}
void CheckHarmless(const Hello& hello) {
  CHECK(hello.members.size() <= kMembersMax && hello.capabilities.size() <= kCapabilitiesMax);
  CHECK(hello.name.size() <= kTextBytesMax && hello.program_version.size() <= kTextBytesMax);
}
void CheckHarmless(const Going& going) {
  CHECK(going.paths.size() <= kGoingPathsMax);
  for (const RelPath& path : going.paths) CHECK(!path.is_root());
}
template <typename M>
void CheckHarmless(const M&) {}

void CheckMessage(uint8_t type, const Message& message) {
  CHECK(MessageType(message) == type);
  std::visit([](const auto& one) { CheckHarmless(one); }, message);
  const Bytes frame = EncodeFrame(message);
  const Result<FrameHeader> header = ParseFrameHeader(frame);
  CHECK(header.ok() && header->type == type);
  CHECK(header->flags == (std::holds_alternative<Going>(message) ? kFrameOptional : 0));
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
