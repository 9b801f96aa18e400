#include "tests/fuzz/hostile/hostile_peer.h"

#include <xxhash.h>

#include <algorithm>

#include "protocol/codec.h"
#include "protocol/codec_parts.h"
#include "protocol/frame.h"
#include "sync/engine/hasher.h"
#include "tests/sim/sim_node.h"

namespace atozsync {

namespace {

using protocol::Message;

template <typename Wire>
void PutPath(Wire&, const std::string&) {}
void PutPath(protocol::wire::IndexUpdate& wire, const std::string& path) {
  if (wire.rows_size() > 0) wire.mutable_rows(0)->set_path(path);
  if (wire.conflicts_size() > 0) wire.mutable_conflicts(0)->set_path(path);
}
void PutPath(protocol::wire::ContentRequest& wire, const std::string& path) {
  wire.set_path(path);
}
void PutPath(protocol::wire::ChunkListRequest& wire, const std::string& path) {
  wire.set_path(path);
}
void PutPath(protocol::wire::DigestRequest& wire, const std::string& path) {
  wire.set_dir(path);
}
void PutPath(protocol::wire::VersionRequest& wire, const std::string& path) {
  wire.set_path(path);
}
void PutPath(protocol::wire::Going& wire, const std::string& path) {
  if (wire.paths_size() > 0) wire.set_paths(0, path);
}

template <typename M>
std::string Payload(const M& message, const std::optional<std::string>& path) {
  typename protocol::WireOf<M>::Type wire;
  protocol::ToWire(message, &wire);
  if (path) PutPath(wire, *path);
  return wire.SerializeAsString();
}

std::string Payload(const protocol::ContentReply& reply, const std::optional<std::string>&) {
  Bytes header(12);
  PutU32(header, reply.id);
  header[4] = static_cast<uint8_t>((reply.found ? 1 : 0) | (reply.compressed ? 2 : 0));
  PutU32(MutableByteSpan(header).subspan(8), reply.raw_size);
  header.insert(header.end(), reply.data.begin(), reply.data.end());
  return std::string(header.begin(), header.end());
}

}  // namespace

Bytes EncodeUnchecked(const Message& message, const std::optional<std::string>& path) {
  std::string payload = std::visit([&](const auto& one) { return Payload(one, path); }, message);
  Bytes frame(protocol::kFrameHeaderBytes + payload.size());
  std::copy(payload.begin(), payload.end(), frame.begin() + protocol::kFrameHeaderBytes);
  if (payload.size() <= protocol::kFramePayloadBytesMax) {
    protocol::SealFrame(protocol::MessageType(message), 0, frame);
    return frame;
  }
  PutU32(frame, static_cast<uint32_t>(payload.size()));
  frame[4] = protocol::MessageType(message);
  return frame;
}

// --- one connection ---

class HostilePeer::Line final : public ConnectionHandler, public protocol::SessionHandler {
 public:
  Line(HostilePeer& owner, std::unique_ptr<Connection> made)
      : connection(std::move(made)),
        owner_(owner),
        session_(this, owner.NowMs(), {}),
        heard_by_witness_(owner),
        reader_(&heard_by_witness_, 0) {
    connection->SetHandler(this);
  }
  ~Line() override { connection->SetHandler(nullptr); }

  void OnBytes(ByteSpan bytes) override {
    owner_.bytes_heard_ += bytes.size();
    // An error means that the victim breaks the protocol: it may not.
    CHECK(session_.OnBytes(bytes, owner_.NowMs()).ok());
    while (session_.has_output()) connection->Send(session_.TakeOutput(1 << 16));
  }
  void OnDrained() override {}
  void OnClosed(Status) override { closed = true; }
  Status OnMessage(Message message) override {
    owner_.OnMessage(*this, std::move(message));
    return Status::Ok();
  }
  void Witnessed(ByteSpan bytes) {
    reader_.OnBytes(bytes, 0).IgnoreError();  // rubbish: nothing more is heard on this line
  }

  std::unique_ptr<Connection> connection;
  bool closed = false;

 private:
  struct ToWitness final : protocol::SessionHandler {
    explicit ToWitness(HostilePeer& hostile) : owner(hostile) {}
    Status OnMessage(Message message) override {
      owner.witness_(message);
      return Status::Ok();
    }
    HostilePeer& owner;
  };

  HostilePeer& owner_;
  protocol::Session session_;
  ToWitness heard_by_witness_;
  protocol::Session reader_;
};

HostilePeer::HostilePeer(SimScheduler& scheduler, SimNetwork& network, std::string name,
                         std::string victim, const ReplicaId& id, const ReplicaId& victim_id)
    : scheduler_(scheduler),
      victim_(std::move(victim)),
      id_(id),
      victim_id_(victim_id),
      transport_(scheduler, network, name) {
  CHECK(transport_.Listen(name + ":1").ok());
  transport_.SetAcceptor([this](std::unique_ptr<Connection> connection) {
    if (accepting_) Adopt(std::move(connection));
  });
}

HostilePeer::~HostilePeer() = default;

int64_t HostilePeer::NowMs() const {
  return scheduler_.now_ns() / kMs;
}

void HostilePeer::Adopt(std::unique_ptr<Connection> connection) {
  Forget();
  if (lines_.size() >= kLinesMax) return;  // destroyed: closed
  const bool waits = connection->use() == StreamUse::kContent && !connection->outgoing();
  lines_.insert(waits ? lines_.begin() : lines_.end(),
                std::make_unique<Line>(*this, std::move(connection)));
}

void HostilePeer::TakeNext() {
  Forget();
  if (!lines_.empty()) std::rotate(lines_.begin(), lines_.begin() + 1, lines_.end());
}

void HostilePeer::Forget() {
  std::erase_if(lines_, [](const auto& line) { return line->closed; });
}

void HostilePeer::DialFor(StreamUse use) {
  transport_.Dial(victim_ + ":1", victim_id_, use, 15'000,
                  [this](Result<std::unique_ptr<Connection>> made) {
                    if (made.ok()) Adopt(std::move(made).value());
                  });
}

bool HostilePeer::connected() const {
  return !lines_.empty() && !lines_.back()->closed;
}

void HostilePeer::SendBytes(Bytes bytes) {
  if (!connected()) return;
  bytes_sent_ += bytes.size();
  if (witness_) lines_.back()->Witnessed(bytes);
  lines_.back()->connection->Send(std::move(bytes));
}

size_t HostilePeer::unsent_bytes() const {
  return connected() ? lines_.back()->connection->UnsentBytes() : 0;
}

void HostilePeer::SetReading(bool reading) {
  if (connected()) lines_.back()->connection->PauseReading(!reading);
}

void HostilePeer::Close() {
  if (connected()) lines_.back()->connection->Close();
}

void HostilePeer::Abandon() {
  if (!lines_.empty()) lines_.pop_back();
}

void HostilePeer::CloseAll() {
  lines_.clear();
}

// --- what it hears ---

void HostilePeer::OnMessage(Line& line, Message message) {
  using namespace protocol;
  (void)line;
  if (auto* hello = std::get_if<Hello>(&message)) {
    known_.hello = std::move(*hello);
  } else if (auto* update = std::get_if<IndexUpdate>(&message)) {
    ++known_.updates;
    for (UpdateRow& row : update->rows) {
      if (known_.rows.size() < kKnownMax) known_.rows[row.path] = std::move(row.version);
    }
    for (ConflictRecord& record : update->conflicts) {
      if (known_.conflicts.size() < kKnownMax) known_.conflicts[record.id] = std::move(record);
    }
  } else if (auto* members = std::get_if<Members>(&message)) {
    known_.members = std::move(members->members);
  } else if (auto* content = std::get_if<ContentRequest>(&message)) {
    OnRequest(std::move(*content));
  } else if (auto* chunks = std::get_if<ChunkListRequest>(&message)) {
    OnRequest(std::move(*chunks));
  } else if (auto* digest = std::get_if<DigestRequest>(&message)) {
    if (known_.digest_requests.size() < kKnownMax) known_.digest_requests.push_back(*digest);
  } else if (auto* version = std::get_if<VersionRequest>(&message)) {
    if (known_.version_requests.size() < kKnownMax) known_.version_requests.push_back(*version);
  } else if (auto* status = std::get_if<StatusRequest>(&message)) {
    if (known_.status_nonces.size() < kKnownMax) known_.status_nonces.push_back(status->nonce);
  } else if (auto* goodbye = std::get_if<Goodbye>(&message)) {
    known_.goodbye = goodbye->reason;
  } else {
    if (std::holds_alternative<PeerStatus>(message)) ++known_.statuses;
    if (std::holds_alternative<DigestReply>(message)) ++known_.digests;
    if (known_.replies.size() >= 32) known_.replies.erase(known_.replies.begin());
    known_.replies.push_back(std::move(message));
  }
}

void HostilePeer::OnRequest(protocol::ContentRequest request) {
  if (answers_ == Answers::kNone) {
    if (known_.content_requests.size() < kKnownMax) known_.content_requests.push_back(request);
    return;
  }
  protocol::ContentReply reply = TrueReply(request);
  if (answers_ == Answers::kNotFound) {
    reply = {};
    reply.id = request.id;
  }
  if (answers_ == Answers::kWrongBytes && reply.found && !reply.data.empty()) reply.data[0] ^= 1;
  Send(reply);
}

void HostilePeer::OnRequest(protocol::ChunkListRequest request) {
  if (answers_ == Answers::kNone) {
    if (known_.chunk_requests.size() < kKnownMax) known_.chunk_requests.push_back(request);
    return;
  }
  protocol::ChunkListReply reply = TrueChunks(request);
  if (answers_ == Answers::kNotFound) {
    reply = {};
    reply.id = request.id;
  }
  if (answers_ == Answers::kWrongBytes && !reply.chunks.empty()) reply.chunks[0].hash.low ^= 1;
  Send(reply);
}

// --- what it can say ---

protocol::Hello HostilePeer::PlausibleHello() const {
  Bytes secret = SimClusterSecret();
  protocol::Hello hello;
  hello.name = "mallory";
  hello.program_version = "sim";
  hello.cluster_tag = XXH3_64bits(secret.data(), secret.size());
  hello.index_id = 77;
  hello.last_sequence = announced_;
  hello.wall_ms = SimClock::kEpochNs / kMs + NowMs();
  hello.life = 5;
  hello.capabilities = {protocol::kCapabilityParts};
  hello.link_id = known_.hello && known_.hello->link_id != 0 ? known_.hello->link_id : 9;
  if (known_.hello) {
    hello.seen_index_id = known_.hello->index_id;
    hello.seen_life = known_.hello->life;
    hello.seen_sequence = 0;
  }
  return hello;
}

ContentHash HostilePeer::Offer(std::string content) {
  Bytes bytes(content.begin(), content.end());
  ContentHash hash = HashOf(SimClusterSecret(), bytes);
  contents_[hash] = std::move(bytes);
  return hash;
}

const Bytes* HostilePeer::ContentOf(const ContentHash& hash) const {
  auto at = contents_.find(hash);
  return at == contents_.end() ? nullptr : &at->second;
}

protocol::IndexUpdate HostilePeer::NextPage(std::vector<protocol::UpdateRow> rows,
                                            std::vector<ConflictRecord> conflicts) {
  protocol::IndexUpdate update;
  update.from = announced_;
  announced_ += rows.size() + conflicts.size();
  update.to = announced_;
  update.caught_up = true;
  update.rows = std::move(rows);
  update.conflicts = std::move(conflicts);
  return update;
}

void HostilePeer::Announce(std::vector<protocol::UpdateRow> rows,
                           std::vector<ConflictRecord> conflicts) {
  Send(NextPage(std::move(rows), std::move(conflicts)));
}

protocol::UpdateRow HostilePeer::TombstoneRow(const std::string& path) {
  protocol::UpdateRow row;
  row.path = RelPath::Trusted(path);
  auto at = known_.rows.find(row.path);
  VersionVector seen = at == known_.rows.end() ? VersionVector() : at->second.vector;
  counter_ = std::max(counter_, seen.CounterOf(author())) + 1;
  row.version.kind = VersionKind::kTombstone;
  row.version.dot = {author(), counter_};
  row.version.vector = seen.With(author(), counter_);
  row.version.hlc = static_cast<uint64_t>(SimClock::kEpochNs / kMs + NowMs()) << 16;
  return row;
}

protocol::UpdateRow HostilePeer::FileRow(const std::string& path, const std::string& content) {
  protocol::UpdateRow row = TombstoneRow(path);
  row.version.kind = VersionKind::kFile;
  row.version.hash = Offer(content);
  row.version.size = content.size();
  row.version.mtime_ns = SimClock::kEpochNs;
  return row;
}

protocol::ContentReply HostilePeer::TrueReply(const protocol::ContentRequest& request) const {
  protocol::ContentReply reply;
  reply.id = request.id;
  const Bytes* content = ContentOf(request.file_hash);
  if (content == nullptr || request.offset > content->size()) return reply;
  size_t count = std::min<size_t>(request.length, content->size() - request.offset);
  auto begin = content->begin() + static_cast<ptrdiff_t>(request.offset);
  reply.found = true;
  reply.data.assign(begin, begin + static_cast<ptrdiff_t>(count));
  reply.raw_size = static_cast<uint32_t>(count);
  return reply;
}

protocol::ChunkListReply HostilePeer::TrueChunks(const protocol::ChunkListRequest& request) const {
  protocol::ChunkListReply reply;
  reply.id = request.id;
  const Bytes* content = ContentOf(request.file_hash);
  if (content == nullptr) return reply;
  const Bytes secret = SimClusterSecret();
  FileHasher hasher(secret, true);
  hasher.Update(*content);
  reply.found = true;
  std::vector<ChunkRef> chunks = hasher.Finish().chunks;
  for (size_t i = request.first; i < chunks.size(); ++i) {
    reply.chunks.push_back({chunks[i].hash, chunks[i].size});
  }
  return reply;
}

}  // namespace atozsync
