// Inside of codec: how each message maps to its protobuf. Not for others to include.
#pragma once

#include <string>
#include <vector>

#include "atozsync.pb.h"
#include "protocol/messages.h"
#include "sync/base/bytes.h"
#include "sync/base/status.h"

namespace atozsync::protocol {

// WireOf<Hello>::Type is wire::Hello, and so on. ContentReply has none: it travels raw.
template <typename M>
struct WireOf;
template <>
struct WireOf<Hello> {
  using Type = wire::Hello;
};
template <>
struct WireOf<Members> {
  using Type = wire::Members;
};
template <>
struct WireOf<IndexUpdate> {
  using Type = wire::IndexUpdate;
};
template <>
struct WireOf<IndexAck> {
  using Type = wire::IndexAck;
};
template <>
struct WireOf<StatusRequest> {
  using Type = wire::StatusRequest;
};
template <>
struct WireOf<PeerStatus> {
  using Type = wire::PeerStatus;
};
template <>
struct WireOf<ContentRequest> {
  using Type = wire::ContentRequest;
};
template <>
struct WireOf<ChunkListRequest> {
  using Type = wire::ChunkListRequest;
};
template <>
struct WireOf<ChunkListReply> {
  using Type = wire::ChunkListReply;
};
template <>
struct WireOf<DigestRequest> {
  using Type = wire::DigestRequest;
};
template <>
struct WireOf<DigestReply> {
  using Type = wire::DigestReply;
};
template <>
struct WireOf<JoinRequest> {
  using Type = wire::JoinRequest;
};
template <>
struct WireOf<JoinReply> {
  using Type = wire::JoinReply;
};
template <>
struct WireOf<ListRequest> {
  using Type = wire::ListRequest;
};
template <>
struct WireOf<Ping> {
  using Type = wire::Ping;
};
template <>
struct WireOf<Pong> {
  using Type = wire::Pong;
};
template <>
struct WireOf<Goodbye> {
  using Type = wire::Goodbye;
};
template <>
struct WireOf<VersionRequest> {
  using Type = wire::VersionRequest;
};
template <>
struct WireOf<VersionReply> {
  using Type = wire::VersionReply;
};
template <>
struct WireOf<Going> {
  using Type = wire::Going;
};
template <>
struct WireOf<ContentStream> {
  using Type = wire::ContentStream;
};

// Fill `out`, which is empty.
void ToWire(const Hello& in, wire::Hello* out);
void ToWire(const Members& in, wire::Members* out);
void ToWire(const IndexUpdate& in, wire::IndexUpdate* out);
void ToWire(const IndexAck& in, wire::IndexAck* out);
void ToWire(const StatusRequest& in, wire::StatusRequest* out);
void ToWire(const PeerStatus& in, wire::PeerStatus* out);
void ToWire(const ContentRequest& in, wire::ContentRequest* out);
void ToWire(const ChunkListRequest& in, wire::ChunkListRequest* out);
void ToWire(const ChunkListReply& in, wire::ChunkListReply* out);
void ToWire(const DigestRequest& in, wire::DigestRequest* out);
void ToWire(const DigestReply& in, wire::DigestReply* out);
void ToWire(const JoinRequest& in, wire::JoinRequest* out);
void ToWire(const JoinReply& in, wire::JoinReply* out);
void ToWire(const ListRequest& in, wire::ListRequest* out);
void ToWire(const Ping& in, wire::Ping* out);
void ToWire(const Pong& in, wire::Pong* out);
void ToWire(const Goodbye& in, wire::Goodbye* out);
void ToWire(const VersionRequest& in, wire::VersionRequest* out);
void ToWire(const VersionReply& in, wire::VersionReply* out);
void ToWire(const Going& in, wire::Going* out);
void ToWire(const ContentStream& in, wire::ContentStream* out);

// Make values out of what parsed; CheckBounds() has the last word on them.
Status FromWire(const wire::Hello& in, Hello* out);
Status FromWire(const wire::Members& in, Members* out);
Status FromWire(const wire::IndexUpdate& in, IndexUpdate* out);
Status FromWire(const wire::IndexAck& in, IndexAck* out);
Status FromWire(const wire::StatusRequest& in, StatusRequest* out);
Status FromWire(const wire::PeerStatus& in, PeerStatus* out);
Status FromWire(const wire::ContentRequest& in, ContentRequest* out);
Status FromWire(const wire::ChunkListRequest& in, ChunkListRequest* out);
Status FromWire(const wire::ChunkListReply& in, ChunkListReply* out);
Status FromWire(const wire::DigestRequest& in, DigestRequest* out);
Status FromWire(const wire::DigestReply& in, DigestReply* out);
Status FromWire(const wire::JoinRequest& in, JoinRequest* out);
Status FromWire(const wire::JoinReply& in, JoinReply* out);
Status FromWire(const wire::ListRequest& in, ListRequest* out);
Status FromWire(const wire::Ping& in, Ping* out);
Status FromWire(const wire::Pong& in, Pong* out);
Status FromWire(const wire::Goodbye& in, Goodbye* out);
Status FromWire(const wire::VersionRequest& in, VersionRequest* out);
Status FromWire(const wire::VersionReply& in, VersionReply* out);
Status FromWire(const wire::Going& in, Going* out);
Status FromWire(const wire::ContentStream& in, ContentStream* out);

// 16 bytes, high half first; nothing for the zero hash, which then takes no room in a message.
std::string HashToWire(const ContentHash& hash);
Result<ContentHash> HashFromWire(const std::string& bytes);
Result<RelPath> PathFromWire(const std::string& bytes);
// REQUIRES: bytes.size() >= 16 resp. 16 bytes are to be appended.
ContentHash GetHash(ByteSpan bytes);
void AppendHash(const ContentHash& hash, std::string* out);
// Cuts what people wrote or are to read to kTextBytesMax.
std::string CutText(const std::string& text);

template <typename Repeated>
std::vector<std::string> Strings(const Repeated& in) {
  return std::vector<std::string>(in.begin(), in.end());
}

}  // namespace atozsync::protocol
