// What two replicas say to each other, as plain values. docs/protocol.md has grammar and a worked
// example; protocol/codec turns them into frames and back, checking every bound below before it
// allocates. Content travels raw beside them (ContentReply).
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "sync/base/bytes.h"
#include "sync/base/ids.h"
#include "sync/base/rel_path.h"
#include "sync/base/status.h"
#include "sync/model/conflict.h"
#include "sync/model/file_version.h"

namespace atozsync::protocol {

inline constexpr uint32_t kProtocolVersion = 1;
inline constexpr uint32_t kProtocolVersionMin = 1;

inline constexpr size_t kFramePayloadBytesMax = 4u << 20;  // any frame
inline constexpr uint32_t kContentBytesMax = 1u << 20;     // content asked for in one request
inline constexpr size_t kUpdateRowsMax = 2000;             // rows in one IndexUpdate
inline constexpr size_t kMembersMax = 256;
inline constexpr size_t kFormerIndexesMax = 8;
inline constexpr size_t kChunksMax = 60'000;             // chunk references in one ChunkListReply
inline constexpr size_t kChunkRunsMax = 1000;            // in one ChunkListReply
inline constexpr size_t kBlockSumsBytesMax = 64u << 10;  // in one ContentRequest
inline constexpr size_t kDigestEntriesMax = 8000;        // in one DigestReply
inline constexpr size_t kTextBytesMax = 1024;            // names, reasons, addresses
inline constexpr size_t kGoingPathsMax = 100;            // in one Going

// Said in Hello by who joins content that comes in parts (docs/protocol.md, "Parts").
inline constexpr char kCapabilityParts[] = "parts";

struct MemberInfo {
  ReplicaId id;
  std::string name;
  std::vector<std::string> addresses;
  bool removed = false;  // a person took it out of the cluster
  uint64_t stamp = 0;    // hybrid logical time of this statement: the later one holds
  bool operator==(const MemberInfo&) const = default;
};

// First message of both sides.
struct Hello {
  uint32_t protocol_version = kProtocolVersion;
  uint32_t protocol_version_min = kProtocolVersionMin;
  std::vector<std::string> capabilities;
  std::string name;
  std::string program_version;
  uint64_t cluster_tag = 0;  // XXH3-64 of the cluster's secret: equal in one cluster
  uint64_t index_id = 0;
  Sequence last_sequence = 0;
  uint64_t seen_index_id = 0;  // what this side has of the other's stream …
  Sequence seen_sequence = 0;  // … and up to where
  int64_t wall_ms = 0;
  std::vector<MemberInfo> members;
  // Every start of a replica is a life with a random number. So that one whose index was rolled
  // back finds out even when it has made as many changes since: the other side names a life that it
  // does not remember. 0 = unknown.
  uint64_t life = 0;
  uint64_t seen_life = 0;  // the other's, when this side last heard its Hello
  // Of the one who dialled: the link's number, by which streams for content name it. Repeated by
  // the other where it takes such streams, too. 0: none.
  uint64_t link_id = 0;
  // Indexes of the other that this side saw replaced by a newer one. Who finds his own among them
  // has an old copy that was put back. At most kFormerIndexesMax.
  std::vector<uint64_t> former_index_ids;
  bool operator==(const Hello&) const = default;
};

struct Members {
  std::vector<MemberInfo> members;
  bool operator==(const Members&) const = default;
};

struct UpdateRow {
  RelPath path;
  FileVersion version;
  bool operator==(const UpdateRow&) const = default;
};

// A page of the sender's stream: all rows and conflicts with from < sequence <= to that are still
// current (a row that changed again comes later, under its newer sequence).
struct IndexUpdate {
  Sequence from = 0;
  Sequence to = 0;
  bool caught_up = false;  // nothing is left after `to` right now
  std::vector<UpdateRow> rows;
  std::vector<ConflictRecord> conflicts;
  bool operator==(const IndexUpdate&) const = default;
};

// Processed and durable up to here.
struct IndexAck {
  Sequence sequence = 0;
  bool operator==(const IndexAck&) const = default;
};

// "Read your hints now and tell me how you stand."
struct StatusRequest {
  uint64_t nonce = 0;
  bool operator==(const StatusRequest&) const = default;
};

struct PeerStatus {
  uint64_t nonce = 0;  // of the request this answers, 0 = unasked
  bool idle = false;   // nothing to hash, receive or apply
  bool paused = false;
  std::string state;  // as in `status --json`
  Sequence last_sequence = 0;
  Sequence received = 0;  // of the other side's stream
  uint64_t need_files = 0;
  uint64_t need_bytes = 0;
  bool operator==(const PeerStatus&) const = default;
};

struct ContentRequest {
  uint32_t id = 0;
  RelPath path;  // where the asker believes the content to be
  ContentHash file_hash;
  uint64_t offset = 0;
  uint32_t length = 0;  // 1 … kContentBytesMax; 0 only for offset 0 of an empty file
  // Of an older form of these bytes, which the asker has (sync/engine/block_delta.h). 0: none.
  uint32_t block_bytes = 0;
  Bytes sums{};
  bool operator==(const ContentRequest&) const = default;
};

struct ContentReply {
  uint32_t id = 0;
  bool found = false;       // false: that content is not here (any more)
  bool compressed = false;  // `data` is one zstd frame that expands to raw_size
  uint32_t raw_size = 0;
  Bytes data;
  bool delta = false;  // `data` makes raw_size bytes out of the asker's older form
  bool operator==(const ContentReply&) const = default;
};

struct Chunk {
  ContentHash hash;
  uint32_t size = 0;
  bool operator==(const Chunk&) const = default;
};

struct ChunkListRequest {
  uint32_t id = 0;
  RelPath path;
  ContentHash file_hash;
  uint32_t first = 0;       // index of the first chunk wanted: long lists come in pages
  ContentHash base_hash{};  // a content whose chunks the asker knows; zero: none
  bool operator==(const ChunkListRequest&) const = default;
};

// `fresh` chunks that are named in the reply, then `count` of the base's from number `first`.
struct ChunkRun {
  uint32_t fresh = 0;
  uint32_t first = 0;
  uint32_t count = 0;
  bool operator==(const ChunkRun&) const = default;
};

struct ChunkListReply {
  uint32_t id = 0;
  bool found = false;
  bool more = false;
  std::vector<Chunk> chunks;
  // Not empty only where a base was named: the whole list, made of these in turn.
  std::vector<ChunkRun> runs{};
  bool operator==(const ChunkListReply&) const = default;
};

struct DigestRequest {
  uint32_t id = 0;
  RelPath dir;
  std::string after;  // entries with names after this one
  bool operator==(const DigestRequest&) const = default;
};

struct DigestEntry {
  std::string name;
  VersionKind kind = VersionKind::kFile;
  ContentHash row;    // RowDigest of the entry itself
  ContentHash below;  // directories: sum over everything below
  bool operator==(const DigestEntry&) const = default;
};

struct DigestReply {
  uint32_t id = 0;
  ContentHash all;       // sum over everything below `dir`
  uint64_t entries = 0;  // live rows below `dir`
  bool more = false;
  std::vector<DigestEntry> children;
  bool operator==(const DigestReply&) const = default;
};

// Instead of Hello, from a replica that was invited. `secret` came with the token.
struct JoinRequest {
  Bytes secret;
  std::string name;
  std::vector<std::string> addresses;
  bool preview = false;  // look only: does not use the token up
  bool operator==(const JoinRequest&) const = default;
};

struct JoinReply {
  bool accepted = false;
  std::string problem;  // for a person, when not accepted
  Bytes cluster_secret;
  std::string name;                 // of the inviter
  std::vector<MemberInfo> members;  // the inviter too
  bool operator==(const JoinReply&) const = default;
};

// In a preview session: the page of rows after this sequence, answered by IndexUpdate.
struct ListRequest {
  Sequence after = 0;
  bool operator==(const ListRequest&) const = default;
};

struct Ping {
  uint64_t nonce = 0;
  bool operator==(const Ping&) const = default;
};
struct Pong {
  uint64_t nonce = 0;
  bool operator==(const Pong&) const = default;
};

// The sender closes after this.
struct Goodbye {
  std::string reason;
  bool operator==(const Goodbye&) const = default;
};

// "Which version of this path do you have?" – for a person who asks why.
struct VersionRequest {
  uint32_t id = 0;
  RelPath path;
  bool operator==(const VersionRequest&) const = default;
};

struct VersionReply {
  uint32_t id = 0;
  bool found = false;  // false: it knows nothing of that path
  UpdateRow row;       // when found
  bool operator==(const VersionReply&) const = default;
};

// "These files, which had their rows, are not here any more: their rows may go next." A hint that
// orders nothing: who has one of them, and a database, watches its row closely for a moment. Sent
// as optional: older replicas pass over it.
struct Going {
  std::vector<RelPath> paths;
  bool operator==(const Going&) const = default;
};

// First message of both sides of a stream for content (StreamUse): the link that it belongs to. Who
// dialled says it first; then both use it, for ContentReply alone.
struct ContentStream {
  uint64_t link_id = 0;
  bool operator==(const ContentStream&) const = default;
};

// The position is the number on the wire, from 1: new ones go to the end.
using Message = std::variant<Hello, Members, IndexUpdate, IndexAck, StatusRequest, PeerStatus,
                             ContentRequest, ContentReply, ChunkListRequest, ChunkListReply,
                             DigestRequest, DigestReply, JoinRequest, JoinReply, ListRequest, Ping,
                             Pong, Goodbye, VersionRequest, VersionReply, Going, ContentStream>;
const char* MessageName(const Message& message);

}  // namespace atozsync::protocol
