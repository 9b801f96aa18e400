// Inside of codec: the bounds of each message, once for both directions. What comes in and breaks
// one is kProtocol; what goes out and breaks one is a bug. Not for others to include.
#pragma once

#include "protocol/messages.h"
#include "sync/base/bytes.h"
#include "sync/base/status.h"

namespace atozsync::protocol {

Status CheckBounds(const Hello& message);
Status CheckBounds(const Members& message);
Status CheckBounds(const IndexUpdate& message);
Status CheckBounds(const PeerStatus& message);
Status CheckBounds(const ContentRequest& message);
Status CheckBounds(const ContentReply& message);
Status CheckBounds(const ChunkListRequest& message);
Status CheckBounds(const ChunkListReply& message);
Status CheckBounds(const DigestRequest& message);
Status CheckBounds(const DigestReply& message);
Status CheckBounds(const JoinRequest& message);
Status CheckBounds(const JoinReply& message);
Status CheckBounds(const Goodbye& message);
Status CheckBounds(const VersionReply& message);
Status CheckBounds(const Going& message);
// Numbers and paths only: any value will do.
inline Status CheckBounds(const IndexAck&) {
  return Status::Ok();
}
inline Status CheckBounds(const StatusRequest&) {
  return Status::Ok();
}
inline Status CheckBounds(const ListRequest&) {
  return Status::Ok();
}
inline Status CheckBounds(const Ping&) {
  return Status::Ok();
}
inline Status CheckBounds(const Pong&) {
  return Status::Ok();
}
inline Status CheckBounds(const ContentStream&) {
  return Status::Ok();
}
inline Status CheckBounds(const VersionRequest&) {
  return Status::Ok();
}

// How many fields a payload of type M may have. An empty entry takes two bytes on the wire and some
// hundred in memory, so they are counted before the payload is parsed: kProtocol when there are
// more than any message within its bounds has.
template <typename M>
Status CheckFieldCount(ByteSpan payload);

}  // namespace atozsync::protocol
