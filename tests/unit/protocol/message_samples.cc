#include "tests/unit/protocol/message_samples.h"

#include <algorithm>
#include <random>
#include <string>
#include <utility>

namespace atozsync::protocol {
namespace {

ReplicaId IdOf(uint8_t byte) {
  ReplicaId id;
  id.bytes.fill(byte);
  return id;
}

VersionVector VectorOf(std::vector<VersionVector::Entry> entries) {
  return VersionVector::FromEntries(std::move(entries)).value();
}

class Maker {
 public:
  explicit Maker(uint64_t seed) : random_(seed) {}

  Message Make() {
    constexpr size_t kKinds = std::variant_size_v<Message>;
    switch (Below(kKinds)) {
      case 0: return MakeHello();
      case 1: return protocol::Members{Members()};
      case 2: return MakeUpdate();
      case 3: return IndexAck{Number()};
      case 4: return StatusRequest{Number()};
      case 5: return PeerStatus{Number(), Coin(), Coin(), Text(), Number(), Number(), Number(), 7};
      case 6: return MakeContentRequest();
      case 7: return MakeReply();
      case 8: return ChunkListRequest{Id(), Path(), Hash(), Id(), Hash()};
      case 9: return MakeChunks();
      case 10: return DigestRequest{Id(), Coin() ? Path() : RelPath(), Coin() ? Name() : ""};
      case 11: return MakeDigest();
      case 12: return JoinRequest{Data(40), Text(), Texts(3), Coin()};
      case 13: return JoinReply{Coin(), Text(), Data(192), Text(), Members()};
      case 14: return ListRequest{Number()};
      case 15: return Ping{Number()};
      case 16: return Pong{Number()};
      case 17: return Goodbye{Text()};
      case 18: return VersionRequest{Id(), Coin() ? Path() : RelPath()};
      case 19: return MakeVersionReply();
      case 20: return MakeGoing();
      default: return ContentStream{Number()};
    }
  }

 private:
  uint64_t Below(uint64_t bound) { return random_() % bound; }
  bool Coin() { return Below(2) == 1; }
  // Small and huge ones: varints of every length.
  uint64_t Number() { return random_() >> Below(64); }
  uint32_t Id() { return static_cast<uint32_t>(Number()); }
  ContentHash Hash() { return Coin() ? ContentHash{random_(), random_()} : ContentHash{}; }

  Bytes Data(size_t bytes_max) {
    Bytes data(Below(bytes_max + 1));
    for (uint8_t& byte : data) byte = static_cast<uint8_t>(random_());
    return data;
  }
  // Any bytes: names of members need not be UTF-8.
  std::string Text() {
    const Bytes data = Data(30);
    return std::string(data.begin(), data.end());
  }
  std::vector<std::string> Texts(size_t count_max) {
    std::vector<std::string> texts(Below(count_max + 1));
    for (std::string& text : texts) text = Text();
    return texts;
  }
  std::string Name() {
    std::string name = "n" + Text();
    std::replace(name.begin(), name.end(), '/', '-');
    std::replace(name.begin(), name.end(), '\0', '0');
    return name;
  }
  RelPath Path() {
    RelPath path = RelPath().Child(Name());
    while (Coin()) path = path.Child(Name());
    return path;
  }

  std::vector<MemberInfo> Members() {
    std::vector<MemberInfo> members(Below(4));
    for (MemberInfo& member : members) {
      member = {IdOf(static_cast<uint8_t>(random_())), Text(), Texts(4), Coin(), Number()};
    }
    return members;
  }

  std::vector<uint32_t> Prefixes() {
    std::vector<uint32_t> prefixes(Below(5));
    for (size_t i = 0; i < prefixes.size(); ++i) prefixes[i] = static_cast<uint32_t>(i * 7 + 1);
    return prefixes;
  }

  FileVersion Version() {
    FileVersion version;
    version.kind = static_cast<VersionKind>(Below(3));
    version.size = Number() >> 2;
    version.mtime_ns = static_cast<int64_t>(random_());
    version.hash = Hash();
    std::vector<VersionVector::Entry> entries(Below(6));
    for (size_t i = 0; i < entries.size(); ++i) entries[i] = {(i << 32) | 1, Number() | 1};
    version.vector = VectorOf(std::move(entries));
    version.dot = {random_(), Number()};
    version.hlc = Number();
    for (size_t i = Below(FileVersion::kChainMax + 1); i > 0; --i) version.chain.push_back(Hash());
    if (!version.exists()) {
      version.known_by = Prefixes();
      version.complete_by = Prefixes();
    }
    return version;
  }

  Hello MakeHello() {
    Hello hello;
    hello.protocol_version = 3;
    hello.capabilities = Texts(4);
    hello.name = Text();
    hello.program_version = Text();
    hello.cluster_tag = Number();
    hello.index_id = Number();
    hello.last_sequence = Number();
    hello.seen_index_id = Number();
    hello.seen_sequence = Number();
    hello.wall_ms = static_cast<int64_t>(random_());
    hello.life = Number();
    hello.former_index_ids = {Number(), Number()};
    hello.seen_life = Number();
    hello.link_id = Number();
    hello.members = Members();
    return hello;
  }

  IndexUpdate MakeUpdate() {
    IndexUpdate update;
    update.from = Below(1000);
    update.to = update.from + Number() / 2;
    update.caught_up = Coin();
    for (size_t i = Below(5); i > 0; --i) update.rows.push_back({Path(), Version()});
    for (size_t i = Below(3); i > 0; --i) {
      ConflictRecord conflict;
      conflict.id = Hash();
      conflict.path = Path();
      conflict.other_path = Coin() ? Path() : RelPath();
      conflict.kind = static_cast<ConflictKind>(1 + Below(6));
      conflict.winner = Version();
      conflict.loser = Version();
      conflict.detected_ms = static_cast<int64_t>(random_());
      conflict.state = static_cast<ConflictState>(Below(5));
      conflict.state_hlc = Number();
      conflict.rule = Text();
      update.conflicts.push_back(std::move(conflict));
    }
    return update;
  }

  ContentRequest MakeContentRequest() {
    ContentRequest request{Id(), Path(), Hash(), Number() >> 3, 1 + Id() % 9999};
    if (Coin()) return request;
    request.block_bytes = 1 + Id() % 9999;
    request.sums = Bytes(8 * (1 + Below(99)), static_cast<uint8_t>(Id()));
    return request;
  }

  ContentReply MakeReply() {
    ContentReply reply;
    reply.id = Id();
    reply.found = Coin();
    if (!reply.found) return reply;
    reply.data = Data(5000);
    reply.compressed = Coin();
    reply.delta = !reply.compressed && Coin();
    const bool grows = reply.compressed || reply.delta;
    reply.raw_size = static_cast<uint32_t>(reply.data.size()) + (grows ? 99u : 0u);
    return reply;
  }

  ChunkListReply MakeChunks() {
    ChunkListReply reply{Id(), Coin(), Coin(), {}};
    for (size_t i = Below(50); i > 0; --i) {
      reply.chunks.push_back({Hash(), static_cast<uint32_t>(1 + Below(1 << 20))});
    }
    if (reply.more) return reply;
    for (size_t i = Below(9); i > 0; --i) reply.runs.push_back({Id(), Id(), Id()});
    return reply;
  }

  DigestReply MakeDigest() {
    DigestReply reply{Id(), Hash(), Number(), Coin(), {}};
    for (size_t i = Below(20); i > 0; --i) {
      reply.children.push_back({Name(), static_cast<VersionKind>(Below(3)), Hash(), Hash()});
    }
    return reply;
  }

  VersionReply MakeVersionReply() {
    if (Coin()) return VersionReply{Id(), false, {}};
    return VersionReply{Id(), true, {Path(), Version()}};
  }

  Going MakeGoing() {
    Going going;
    for (size_t i = Below(6); i > 0; --i) going.paths.push_back(Path());
    return going;
  }

  std::mt19937_64 random_;
};

}  // namespace

FileVersion SampleVersion() {
  FileVersion version;
  version.kind = VersionKind::kFile;
  version.size = 48'213;
  version.mtime_ns = 1'764'000'000'000'000'000;
  version.hash = {0x0011223344556677, 0x8899AABBCCDDEEFF};
  version.vector = VectorOf({{MakeAuthorId(IdOf(0x11), 1), 7}, {MakeAuthorId(IdOf(0x22), 1), 2}});
  version.dot = {MakeAuthorId(IdOf(0x11), 1), 7};
  version.hlc = 0x0000019AB0000001;
  version.chain = {{1, 2}};
  return version;
}

std::vector<Message> SampleMessages() {
  const RelPath path = RelPath::Trusted("S/SmithJohn12/smile.jpg");
  const ContentHash hash = SampleVersion().hash;
  const MemberInfo member{IdOf(0x11), "main-office", {"10.8.0.1:22067"}, false, 5};

  Hello hello;
  hello.capabilities = {"zstd"};
  hello.name = "north-office";
  hello.program_version = "0.1.0";
  hello.cluster_tag = 0xC0FFEE;
  hello.index_id = 0xA1;
  hello.last_sequence = 300;
  hello.seen_index_id = 0xB2;
  hello.seen_sequence = 299;
  hello.wall_ms = 1'764'000'000'000;
  hello.members = {member};

  FileVersion deleted;
  deleted.vector = VectorOf({{MakeAuthorId(IdOf(0x22), 1), 3}});
  deleted.dot = {MakeAuthorId(IdOf(0x22), 1), 3};
  deleted.hlc = 9;
  deleted.known_by = {0x11111111, 0x22222222};

  IndexUpdate update;
  update.from = 300;
  update.to = 302;
  update.caught_up = true;
  update.rows = {{path, SampleVersion()}};
  ConflictRecord conflict;
  conflict.id = {3, 4};
  conflict.path = path;
  conflict.kind = ConflictKind::kEditDelete;
  conflict.winner = SampleVersion();
  conflict.loser = deleted;
  conflict.detected_ms = 1'764'000'000'001;
  conflict.rule = "edit-delete";
  update.conflicts = {conflict};

  return {hello,
          Members{{member}},
          update,
          IndexAck{302},
          StatusRequest{1},
          PeerStatus{1, true, false, "idle", 302, 17, 0, 0},
          ContentRequest{9, path, hash, 0, 4},
          ContentReply{9, true, false, 4, {0xFF, 0xD8, 0xFF, 0xE0}},
          ChunkListRequest{10, path, hash, 0},
          ChunkListReply{10, true, false, {{hash, 48'213}}},
          DigestRequest{11, RelPath::Trusted("S"), "SmithJane3"},
          DigestReply{11, {5, 6}, 2, false, {{"SmithJohn12", VersionKind::kDir, {7, 8}, {9, 10}}}},
          JoinRequest{{1, 2, 3, 4}, "north-office", {"10.8.0.2:22067"}, false},
          JoinReply{true, "", {5, 6, 7, 8}, "main-office", {member}},
          ListRequest{2000},
          Ping{1},
          Pong{1},
          Goodbye{"shutting down"},
          VersionRequest{12, path},
          VersionReply{12, true, {path, SampleVersion()}},
          Going{{path, RelPath::Trusted("S/SmithJohn12/frown.jpg")}},
          ContentStream{0x1122334455667788}};
}

Message RandomMessage(uint64_t seed) {
  return Maker(seed).Make();
}

}  // namespace atozsync::protocol
