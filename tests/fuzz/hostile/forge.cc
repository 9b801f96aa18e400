#include "tests/fuzz/hostile/forge.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace atozsync {

namespace {

using protocol::Message;

constexpr size_t kSome = 5;  // entries of a forged list, at most

template <typename T, size_t kCount>
const T& Pick(const std::array<T, kCount>& from, uint8_t by) {
  return from[by % kCount];
}

template <typename T>
T TakeFront(std::vector<T>& from) {
  if (from.empty()) return T();
  T first = std::move(from.front());
  from.erase(from.begin());
  return first;
}

}  // namespace

uint64_t Forge::Number() {
  const uint8_t by = input_.Byte();
  if (by < 64) return by;
  if (by < 128) return uint64_t{1} << (by - 64);
  if (by < 192) return ~uint64_t{0} >> (by - 128);
  if (by < 240) return ~uint64_t{0} - (by - 192);
  return input_.Long();
}

RelPath Forge::Path() {
  static const std::array<std::string, 18> kPaths = {"S/Smith12/x.jpg",
                                                     "top.txt",
                                                     "big.dcm",
                                                     "S/Smith12/letter.txt",
                                                     "J/Jones3/scan.pdf",
                                                     "J/Jones3/empty.txt",
                                                     "S/Smith12",
                                                     "S",
                                                     "new.txt",
                                                     "S/Smith12/new.jpg",
                                                     "N/New1/a/b.c",
                                                     "TOP.txt",
                                                     "top.txt/below",
                                                     "N",
                                                     ".atozsync",
                                                     ".atozsync/versions/x",
                                                     "S/Smith12/Thumbs.db",
                                                     ".atozsync/root-id"};
  const uint8_t by = input_.Byte();
  if (by < 240) return RelPath::Trusted(Pick(kPaths, by));
  const std::string text = input_.Text();
  Result<RelPath> parsed = RelPath::Parse(text);
  if (parsed.ok() && !parsed.value().is_root()) return std::move(parsed).value();
  bad_path_ = text;
  return RelPath::Trusted(kPaths[0]);
}

std::optional<std::string> Forge::TakeBadPath() {
  return std::exchange(bad_path_, std::nullopt);
}

std::string Forge::Content() {
  const uint8_t by = input_.Byte();
  if (by < 32) return std::string(1, static_cast<char>('a' + by));
  if (by == 32) return "";
  if (by == 33) return "an X-ray of Smith";
  if (by == 34) return std::string(400'000, 'b');
  if (by == 35) return std::string(300'000, 'b') + "x" + std::string(100'000, 'b');
  if (by < 64) return std::string(size_t{by} * 3'000, 'l');
  return input_.Text();
}

ContentHash Forge::Hash() {
  const uint8_t by = input_.Byte();
  if (by < 96) return peer_.Offer(Content());
  if (by < 192 && !peer_.known().rows.empty()) {
    auto at = peer_.known().rows.begin();
    std::advance(at, static_cast<ptrdiff_t>(by % peer_.known().rows.size()));
    return at->second.hash;
  }
  ContentHash hash;
  hash.low = Number();
  hash.high = Number();
  return hash;
}

std::string Forge::Text() {
  const uint8_t by = input_.Byte();
  return by < 128 ? input_.Text() : std::string(size_t{by} * 8, static_cast<char>(by));
}

ReplicaId Forge::Id() {
  ReplicaId id;
  const uint8_t by = input_.Byte();
  id.bytes.fill(by % 8);  // 1 honest, 2 the victim, 3 itself
  if (by >= 128) id.bytes[3] = static_cast<uint8_t>(by / 8);
  return id;
}

protocol::MemberInfo Forge::Member() {
  protocol::MemberInfo member;
  member.id = Id();
  member.name = Text();
  for (size_t i = input_.Byte() % kSome; i > 0; --i) {
    member.addresses.push_back(input_.Byte() < 128 ? "third:1" : Text());
  }
  member.removed = input_.Byte() % 2 == 1;
  member.stamp = Number();
  return member;
}

protocol::Hello Forge::Hello() {
  protocol::Hello hello = peer_.PlausibleHello();
  for (size_t i = input_.Byte() % kSome; i > 0; --i) {
    switch (input_.Byte() % 13) {
      case 0: hello.protocol_version = static_cast<uint32_t>(Number()); break;
      case 1: hello.protocol_version_min = static_cast<uint32_t>(Number()); break;
      case 2: hello.cluster_tag = Number(); break;
      case 3: hello.index_id = Number(); break;
      case 4: hello.last_sequence = Number(); break;
      case 5: hello.seen_index_id = Number(); break;
      case 6: hello.seen_sequence = Number(); break;
      case 7: hello.life = Number(); break;
      case 8: hello.seen_life = Number(); break;
      case 9: hello.wall_ms = static_cast<int64_t>(Number()); break;
      case 10: hello.name = hello.program_version = Text(); break;
      case 11: hello.former_index_ids.push_back(Number()); break;
      default: hello.members.push_back(Member());
    }
  }
  return hello;
}

AuthorId Forge::Author() {
  const uint8_t by = input_.Byte();
  if (by < 64) return peer_.author();
  if (by < 192 && !peer_.known().rows.empty()) return peer_.known().rows.begin()->second.dot.author;
  if (by < 224) {
    ReplicaId third;
    third.bytes.fill(1);
    return MakeAuthorId(third, by % 3);
  }
  return Number();
}

void Forge::Twist(FileVersion& version) {
  switch (input_.Byte() % 13) {
    case 0: version.kind = static_cast<VersionKind>(input_.Byte() % 5); break;
    case 1: version.size = Number(); break;
    case 2: version.mtime_ns = static_cast<int64_t>(Number()); break;
    case 3: version.hash = Hash(); break;
    case 4: version.vector = VersionVector(); break;
    case 5: {
      const AuthorId author = Author();
      const uint64_t counter = Number();
      if (counter > version.vector.CounterOf(author)) {
        version.vector = version.vector.With(author, counter);
      }
      break;
    }
    case 6: {
      const AuthorId author = Author();
      version.dot = {author, Number()};
      break;
    }
    case 7: version.hlc = Number(); break;
    case 8:
      for (size_t i = input_.Byte() % 10; i > 0; --i) version.chain.push_back(Hash());
      break;
    case 9: version.known_by.push_back(static_cast<uint32_t>(Number())); break;
    case 10: version.complete_by.push_back(static_cast<uint32_t>(Number())); break;
    case 11: {
      std::vector<VersionVector::Entry> entries;
      const uint64_t count = input_.Short() % 5'000;
      for (uint64_t i = 1; i <= count; ++i) entries.push_back({i << 33, 1});
      Result<VersionVector> crowd = VersionVector::FromEntries(std::move(entries));
      if (crowd.ok()) version.vector = version.vector.Merged(crowd.value());
      break;
    }
    default: version.dot.counter = version.vector.CounterOf(version.dot.author);
  }
}

protocol::UpdateRow Forge::Row() {
  const RelPath path = Path();
  const uint8_t by = input_.Byte();
  protocol::UpdateRow row =
      by % 4 == 0 ? peer_.TombstoneRow(path.str()) : peer_.FileRow(path.str(), Content());
  if (by % 4 == 1) {
    row.version.kind = VersionKind::kDir;
    row.version.hash = ContentHash();
    row.version.size = 0;
    row.version.mtime_ns = 0;
  }
  for (size_t i = by / 4 % kSome; i > 0; --i) Twist(row.version);
  return row;
}

ConflictRecord Forge::Conflict() {
  ConflictRecord record;
  record.path = Path();
  const uint8_t by = input_.Byte();
  record.kind = static_cast<ConflictKind>(1 + by % 6);
  if (record.kind == ConflictKind::kCase || by > 250) record.other_path = Path();
  record.winner = Row().version;
  record.loser = Row().version;
  record.detected_ms = static_cast<int64_t>(Number());
  record.state = static_cast<ConflictState>(input_.Byte() % 6);
  record.state_hlc = Number();
  record.rule = by % 16 == 0 ? Text() : "edit-edit-take";
  record.id = by == 255 ? Hash() : ConflictId(record.path, record.kind, record.loser);
  return record;
}

protocol::ContentReply Forge::ContentAnswer() {
  const auto request = TakeFront(peer_.known().content_requests);
  protocol::ContentReply reply = peer_.TrueReply(request);
  switch (input_.Byte() % 10) {
    case 0: reply.raw_size = static_cast<uint32_t>(Number()); break;
    case 1: reply.compressed = true; break;
    case 2: reply.found = !reply.found; break;
    case 3: reply.data.resize(reply.data.size() / 2); break;
    case 4:
      if (!reply.data.empty()) reply.data.back() ^= 1;
      break;
    case 5: reply.id = static_cast<uint32_t>(Number()); break;
    case 6: {
      const ByteSpan bytes = input_.Piece();
      reply.data.assign(bytes.begin(), bytes.end());
      break;
    }
    case 7: {
      const ByteSpan bytes = input_.Piece();
      reply.delta = reply.found;
      reply.data.assign(bytes.begin(), bytes.end());
      break;
    }
    default: break;  // the truth
  }
  return reply;
}

protocol::ChunkListReply Forge::ChunksAnswer() {
  const auto request = TakeFront(peer_.known().chunk_requests);
  protocol::ChunkListReply reply = peer_.TrueChunks(request);
  switch (input_.Byte() % 10) {
    case 0: reply.more = true; break;
    case 1: reply.found = !reply.found; break;
    case 2: reply.chunks.clear(); break;
    case 3:
      reply.chunks.insert(reply.chunks.begin(), {Hash(), static_cast<uint32_t>(Number())});
      break;
    case 4:
      for (protocol::Chunk& chunk : reply.chunks) chunk.size = static_cast<uint32_t>(Number());
      break;
    case 5: reply.id = static_cast<uint32_t>(Number()); break;
    case 6:
      reply.more = true;
      reply.chunks.assign(input_.Short(), {Hash(), static_cast<uint32_t>(Number())});
      break;
    case 7:
      reply.chunks.resize(std::min<size_t>(reply.chunks.size(), input_.Byte()));
      for (uint8_t i = input_.Byte() % 8; i > 0; --i) {
        reply.runs.push_back({input_.Byte(), input_.Byte(), input_.Byte()});
      }
      break;
    default: break;  // the truth
  }
  return reply;
}

Message Forge::Question() {
  const uint8_t by = input_.Byte();
  const uint32_t id = input_.Byte();
  switch (by % 7) {
    case 0: {
      protocol::ContentRequest request{id, Path(), Hash(), Number(), 0};
      request.length = static_cast<uint32_t>(Number());
      return request;
    }
    case 1: {
      protocol::ChunkListRequest request{id, Path(), Hash(), 0};
      request.first = static_cast<uint32_t>(Number());
      return request;
    }
    case 2: {
      protocol::DigestRequest request;
      request.id = id;
      if (by < 128) request.dir = Path();
      request.after = input_.Text();
      return request;
    }
    case 3: return protocol::VersionRequest{id, Path()};
    case 4: return protocol::ListRequest{Number()};
    case 5: return protocol::StatusRequest{Number()};
    default: break;
  }
  if (by < 128) return protocol::Ping{Number()};
  protocol::Going going;
  for (size_t i = input_.Byte() % kSome; i > 0; --i) going.paths.push_back(Path());
  return going;
}

Message Forge::UnaskedAnswer() {
  const uint8_t by = input_.Byte();
  const uint32_t id = input_.Byte();
  switch (by % 8) {
    case 0: return ContentAnswer();
    case 1: return ChunksAnswer();
    case 2: {
      protocol::DigestReply reply;
      if (!peer_.known().digest_requests.empty()) {
        reply.id = TakeFront(peer_.known().digest_requests).id;
      }
      reply.all = Hash();
      reply.entries = Number();
      reply.more = by < 64;
      for (size_t i = input_.Byte() % kSome; i > 0; --i) {
        reply.children.push_back({input_.Text(), static_cast<VersionKind>(id % 4), Hash(), Hash()});
      }
      return reply;
    }
    case 3: {
      protocol::VersionReply reply;
      if (!peer_.known().version_requests.empty()) {
        reply.id = TakeFront(peer_.known().version_requests).id;
      }
      reply.found = by < 128;
      reply.row = Row();
      return reply;
    }
    case 4: {
      protocol::PeerStatus status;
      status.nonce =
          peer_.known().status_nonces.empty() ? id : TakeFront(peer_.known().status_nonces);
      status.idle = by < 128;
      status.state = Text();
      status.last_sequence = Number();
      status.received = Number();
      status.need_files = Number();
      return status;
    }
    case 5: return protocol::Pong{Number()};
    case 6: return protocol::JoinReply{by < 128, Text(), Bytes(id, 1), Text(), {Member()}};
    default: return protocol::JoinRequest{Bytes(id, 2), Text(), {Text()}, by < 128};
  }
}

}  // namespace atozsync
