#include "protocol/codec_bounds.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include <string>

#include "atozsync.pb.h"
#include "protocol/codec.h"

namespace atozsync::protocol {
namespace {

Status Broken(const char* what) {
  return {Errc::kProtocol, std::string("message: ") + what};
}

bool TextFits(const std::string& text) {
  return text.size() <= kTextBytesMax;
}

bool TextsFit(const std::vector<std::string>& texts, size_t count_max) {
  if (texts.size() > count_max) return false;
  for (const std::string& text : texts) {
    if (!TextFits(text)) return false;
  }
  return true;
}

Status CheckMembers(const std::vector<MemberInfo>& members) {
  if (members.size() > kMembersMax) return Broken("too many members");
  for (const MemberInfo& member : members) {
    if (!TextFits(member.name)) return Broken("a member's name is too long");
    if (!TextsFit(member.addresses, kAddressesMax)) return Broken("too many or too long addresses");
  }
  return Status::Ok();
}

Status CheckConflict(const ConflictRecord& conflict) {
  if (conflict.path.is_root()) return Broken("a conflict without a path");
  if (conflict.kind < ConflictKind::kEditEdit || conflict.kind > ConflictKind::kLateWrite) {
    return Broken("unknown kind of conflict");
  }
  if (conflict.state > ConflictState::kGone) return Broken("unknown state of a conflict");
  if (!TextFits(conflict.rule)) return Broken("the rule of a conflict is too long");
  TRY(ValidateVersion(conflict.winner));
  return ValidateVersion(conflict.loser);
}

}  // namespace

Status CheckBounds(const Hello& message) {
  if (message.protocol_version_min > message.protocol_version) {
    return Broken("the oldest version spoken is newer than the newest");
  }
  if (!TextsFit(message.capabilities, kCapabilitiesMax)) return Broken("too many capabilities");
  if (!TextFits(message.name)) return Broken("the name is too long");
  if (!TextFits(message.program_version)) return Broken("the program version is too long");
  if (message.former_index_ids.size() > kFormerIndexesMax) return Broken("too many indexes");
  return CheckMembers(message.members);
}

Status CheckBounds(const Members& message) {
  return CheckMembers(message.members);
}

Status CheckBounds(const IndexUpdate& message) {
  if (message.from > message.to) return Broken("an index page that runs backwards");
  if (message.rows.size() > kUpdateRowsMax) return Broken("too many rows");
  if (message.conflicts.size() > kUpdateConflictsMax) return Broken("too many conflicts");
  for (const UpdateRow& row : message.rows) {
    // The root is never deleted, replaced or announced.
    if (row.path.is_root()) return Broken("a row without a path");
    TRY(ValidateVersion(row.version));
  }
  for (const ConflictRecord& conflict : message.conflicts) TRY(CheckConflict(conflict));
  return Status::Ok();
}

Status CheckBounds(const PeerStatus& message) {
  return TextFits(message.state) ? Status::Ok() : Broken("the state is too long");
}

Status CheckBounds(const ContentRequest& message) {
  if (message.path.is_root()) return Broken("a request without a path");
  if (message.length > kContentBytesMax) return Broken("asks for too much content at once");
  if (message.length == 0 && message.offset != 0) return Broken("asks for no content");
  if (message.offset > (uint64_t{1} << 62)) return Broken("an impossible offset");
  const bool sums_fit = message.sums.size() <= kBlockSumsBytesMax && message.sums.size() % 8 == 0 &&
                        message.block_bytes <= kContentBytesMax &&
                        message.sums.empty() == (message.block_bytes == 0);
  if (!sums_fit) return Broken("sums of blocks that make no sense");
  return Status::Ok();
}

Status CheckBounds(const ContentReply& message) {
  if (message.raw_size > kContentBytesMax) return Broken("too much content in one reply");
  if (!message.found) {
    if (message.compressed || message.delta || message.raw_size != 0 || !message.data.empty()) {
      return Broken("content that is said not to be there");
    }
    return Status::Ok();
  }
  if (message.compressed && message.delta) return Broken("content that is two things at once");
  if (message.compressed || message.delta ? message.data.size() >= message.raw_size
                                          : message.data.size() != message.raw_size) {
    return Broken("the size of the content does not match");
  }
  return Status::Ok();
}

Status CheckBounds(const ChunkListRequest& message) {
  return message.path.is_root() ? Broken("a request without a path") : Status::Ok();
}

Status CheckBounds(const ChunkListReply& message) {
  if (message.chunks.size() > kChunksMax) return Broken("too many chunks");
  for (const Chunk& chunk : message.chunks) {
    if (chunk.size == 0 || chunk.size > kChunkBytesMax) return Broken("a chunk's size");
  }
  if (message.runs.size() > kChunkRunsMax) return Broken("too many runs of chunks");
  if (!message.runs.empty() && message.more) return Broken("a whole list of chunks that goes on");
  return Status::Ok();
}

Status CheckBounds(const DigestRequest& message) {
  return message.after.empty() || RelPath::IsValidName(message.after)
             ? Status::Ok()
             : Broken("a name that cannot be");
}

Status CheckBounds(const DigestReply& message) {
  if (message.children.size() > kDigestEntriesMax) return Broken("too many entries in a digest");
  for (const DigestEntry& entry : message.children) {
    if (!RelPath::IsValidName(entry.name)) return Broken("a name that cannot be");
    if (entry.kind > VersionKind::kDir) return Broken("unknown kind of version");
  }
  return Status::Ok();
}

Status CheckBounds(const JoinRequest& message) {
  if (message.secret.size() > kSecretBytesMax) return Broken("the token's secret is too long");
  if (!TextFits(message.name)) return Broken("the name is too long");
  if (!TextsFit(message.addresses, kAddressesMax)) return Broken("too many or too long addresses");
  return Status::Ok();
}

Status CheckBounds(const JoinReply& message) {
  if (message.cluster_secret.size() > kSecretBytesMax) return Broken("the secret is too long");
  if (!TextFits(message.problem)) return Broken("the problem is too long");
  if (!TextFits(message.name)) return Broken("the name is too long");
  return CheckMembers(message.members);
}

Status CheckBounds(const Goodbye& message) {
  return TextFits(message.reason) ? Status::Ok() : Broken("the reason is too long");
}

Status CheckBounds(const VersionReply& message) {
  return message.found ? ValidateVersion(message.row.version) : Status::Ok();
}

Status CheckBounds(const Going& message) {
  if (message.paths.size() > kGoingPathsMax) return Broken("too many files that go");
  for (const RelPath& path : message.paths) {
    if (path.is_root()) return Broken("a file without a path");
  }
  return Status::Ok();
}

namespace {

// Room for fields that a later version adds.
constexpr size_t kOtherFieldsMax = 64;
constexpr size_t kMemberFieldsMax = kAddressesMax + kOtherFieldsMax;

// Counts the fields of one message, and, when `nested` is not 0, those inside each field of that
// number. What does not parse at all is left to the parser to refuse.
Status CountFields(ByteSpan payload, size_t fields_max, int nested) {
  google::protobuf::io::CodedInputStream in(payload.data(), static_cast<int>(payload.size()));
  using google::protobuf::internal::WireFormatLite;
  size_t fields = 0;
  while (uint32_t tag = in.ReadTag()) {
    if (++fields > fields_max) return Broken("too many fields");
    const int number = WireFormatLite::GetTagFieldNumber(tag);
    if (number != nested || nested == 0 ||
        WireFormatLite::GetTagWireType(tag) != WireFormatLite::WIRETYPE_LENGTH_DELIMITED) {
      if (!WireFormatLite::SkipField(&in, tag)) return Status::Ok();
      continue;
    }
    uint32_t length = 0;
    if (!in.ReadVarint32(&length)) return Status::Ok();
    const size_t begin = static_cast<size_t>(in.CurrentPosition());
    if (length > payload.size() - begin) return Status::Ok();
    TRY(CountFields(payload.subspan(begin, length), kMemberFieldsMax, 0));
    if (!in.Skip(static_cast<int>(length))) return Status::Ok();
  }
  return Status::Ok();
}

}  // namespace

template <typename M>
Status CheckFieldCount(ByteSpan payload) {
  return CountFields(payload, kOtherFieldsMax, 0);
}

template <>
Status CheckFieldCount<Hello>(ByteSpan payload) {
  return CountFields(payload, kMembersMax + kCapabilitiesMax + kOtherFieldsMax,
                     wire::Hello::kMembersFieldNumber);
}
template <>
Status CheckFieldCount<Members>(ByteSpan payload) {
  return CountFields(payload, kMembersMax + kOtherFieldsMax, wire::Members::kMembersFieldNumber);
}
template <>
Status CheckFieldCount<JoinReply>(ByteSpan payload) {
  return CountFields(payload, kMembersMax + kOtherFieldsMax, wire::JoinReply::kMembersFieldNumber);
}
template <>
Status CheckFieldCount<IndexUpdate>(ByteSpan payload) {
  return CountFields(payload, kUpdateRowsMax + kUpdateConflictsMax + kOtherFieldsMax, 0);
}
template <>
Status CheckFieldCount<DigestReply>(ByteSpan payload) {
  return CountFields(payload, kDigestEntriesMax + kOtherFieldsMax, 0);
}
template <>
Status CheckFieldCount<ChunkListReply>(ByteSpan payload) {
  return CountFields(payload, kChunkRunsMax + kOtherFieldsMax, 0);
}
template <>
Status CheckFieldCount<Going>(ByteSpan payload) {
  return CountFields(payload, kGoingPathsMax + kOtherFieldsMax, 0);
}

template Status CheckFieldCount<IndexAck>(ByteSpan);
template Status CheckFieldCount<StatusRequest>(ByteSpan);
template Status CheckFieldCount<PeerStatus>(ByteSpan);
template Status CheckFieldCount<ContentRequest>(ByteSpan);
template Status CheckFieldCount<ChunkListRequest>(ByteSpan);
template Status CheckFieldCount<DigestRequest>(ByteSpan);
template Status CheckFieldCount<JoinRequest>(ByteSpan);
template Status CheckFieldCount<ListRequest>(ByteSpan);
template Status CheckFieldCount<Ping>(ByteSpan);
template Status CheckFieldCount<Pong>(ByteSpan);
template Status CheckFieldCount<ContentStream>(ByteSpan);
template Status CheckFieldCount<Goodbye>(ByteSpan);
template Status CheckFieldCount<VersionRequest>(ByteSpan);
template Status CheckFieldCount<VersionReply>(ByteSpan);

}  // namespace atozsync::protocol
