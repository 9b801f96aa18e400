#include "sync/engine/peer_link.h"

#include <algorithm>

#include "protocol/codec.h"
#include "sync/base/planted_fault.h"

namespace atozsync {

namespace {

constexpr size_t kOutputBytesMax = 256u << 10;  // handed to the connection at once
constexpr size_t kUnsentBytesMax = 1u << 20;    // then the connection has enough for now
constexpr size_t kBackloggedBytes = 8u << 20;   // then content is no longer read from disk for it
// What a peer that reads never comes near: rows and contents wait below kBackloggedBytes, with them
// come at most eight contents in the making. Then it asks on purpose and does not listen.
constexpr size_t kQueuedBytesMax = 32u << 20;
constexpr Sequence kStreamAheadMax = 8'000;  // rows sent and not acknowledged
constexpr size_t kPageRows = 1'000;
constexpr size_t kPageConflicts = 200;
constexpr size_t kPageBytesMax = 1u << 20;

}  // namespace

PeerLink::PeerLink(Core& core, LinkOwner& owner, std::unique_ptr<Connection> connection)
    : core_(core),
      owner_(owner),
      connection_(std::move(connection)),
      session_(this, core.clock.MonoMs(), core.options.session),
      opened_ms_(core.clock.MonoMs()),
      heard_ms_(opened_ms_) {
  connection_->SetHandler(this);
}

PeerLink::~PeerLink() {
  connection_->SetHandler(nullptr);
}

void PeerLink::Send(const protocol::Message& message) {
  if (closed_) return;
  session_.Send(message);
  if (flush_posted_) return;
  flush_posted_ = true;  // one write for all that a turn sends
  core_.Post([this] {
    flush_posted_ = false;
    FlushOutput();
  });
}

void PeerLink::FlushOutput() {
  while (!closed_ && session_.has_output() && connection_->UnsentBytes() < kUnsentBytesMax) {
    connection_->Send(session_.TakeOutput(kOutputBytesMax));
  }
}

void PeerLink::Close(const std::string& reason) {
  if (closed_) return;
  session_.Send(protocol::Goodbye{reason});
  FlushOutput();
  connection_->Close();
  Finish({Errc::kCancelled, reason});
}

void PeerLink::Finish(const Status& reason) {
  if (closed_) return;
  closed_ = true;
  FailRequests();
  owner_.OnLinkClosed(*this, reason);
}

void PeerLink::OnTick() {
  if (closed_) return;
  Status status = session_.OnTick(core_.clock.MonoMs());
  if (status.ok() && session_.queued_bytes() > kQueuedBytesMax) {
    status = Status(Errc::kTimeout, "it does not read what is sent");
  }
  if (!status.ok()) {
    Close(status.ToString());
    return;
  }
  FlushOutput();
}

bool PeerLink::SendBacklogged() const {
  return session_.queued_bytes() + connection_->UnsentBytes() > kBackloggedBytes;
}

void PeerLink::OnBytes(ByteSpan bytes) {
  if (closed_) return;
  heard_ms_ = core_.clock.MonoMs();
  Status status = session_.OnBytes(bytes, heard_ms_);
  if (!status.ok()) {
    Close(status.ToString());
    return;
  }
  FlushOutput();
}

void PeerLink::OnDrained() {
  FlushOutput();
  PumpStream();
}

void PeerLink::OnClosed(Status reason) {
  Finish(reason.ok() ? Status(Errc::kPeerGone, "the other side closed the connection") : reason);
}

template <typename Done, typename Reply>
Status PeerLink::Answer(Reply reply) {
  auto at = requests_.find(reply.id);
  if (at == requests_.end() || !std::holds_alternative<Done>(at->second)) {
    return {Errc::kProtocol, "an answer to a question that was not asked"};
  }
  Done done = std::get<Done>(std::move(at->second));
  requests_.erase(at);
  done(std::move(reply));
  return Status::Ok();
}

Status PeerLink::OnMessage(protocol::Message message) {
  if (closed_) return Status::Ok();
  if (session_.queued_bytes() > kQueuedBytesMax) {
    return {Errc::kProtocol, "asks for more than it reads"};
  }
  using namespace protocol;
  if (auto* reply = std::get_if<ContentReply>(&message)) {
    return Answer<ContentDone>(std::move(*reply));
  }
  if (auto* reply = std::get_if<ChunkListReply>(&message)) {
    return Answer<ChunkListDone>(std::move(*reply));
  }
  if (auto* reply = std::get_if<DigestReply>(&message)) {
    return Answer<DigestDone>(std::move(*reply));
  }
  if (auto* reply = std::get_if<VersionReply>(&message)) {
    return Answer<VersionDone>(std::move(*reply));
  }
  if (auto* ack = std::get_if<IndexAck>(&message)) {
    OnAck(ack->sequence);
    // The owner stores it, too.
  }
  return owner_.OnMessage(*this, std::move(message));
}

template <typename Request, typename Done>
void PeerLink::Ask(Request request, Done done) {
  request.id = next_request_++;
  requests_.emplace(request.id, std::move(done));
  Send(request);
}

void PeerLink::RequestContent(protocol::ContentRequest request, ContentDone done) {
  Ask(std::move(request), std::move(done));
}

void PeerLink::RequestChunkList(protocol::ChunkListRequest request, ChunkListDone done) {
  Ask(std::move(request), std::move(done));
}

void PeerLink::RequestDigest(protocol::DigestRequest request, DigestDone done) {
  Ask(std::move(request), std::move(done));
}

void PeerLink::RequestVersion(protocol::VersionRequest request, VersionDone done) {
  Ask(std::move(request), std::move(done));
}

void PeerLink::FailRequests() {
  std::map<uint32_t, Pending> pending = std::move(requests_);
  requests_.clear();
  for (auto& [id, request] : pending) {
    std::visit([](auto& done) { done(std::nullopt); }, request);
  }
}

void PeerLink::StartStream(Sequence acknowledged) {
  streaming_ = true;
  said_caught_up_ = false;
  streamed_ = std::min(acknowledged, core_.index.last_sequence());  // the peer may say anything
  acknowledged_ = streamed_;
  PumpStream();
}

void PeerLink::OnAck(Sequence sequence) {
  acknowledged_ = std::max(acknowledged_, std::min(sequence, streamed_));
  PumpStream();
}

protocol::IndexUpdate PeerLink::Page(Sequence after) const {
  protocol::IndexUpdate page;
  Sequence from = std::min(after, core_.index.last_sequence());
  page.from = from;
  std::vector<IndexRow> rows = core_.index.RowsAfter(from, kPageRows);
  std::vector<ConflictRow> conflicts = core_.index.ConflictsAfter(from, kPageConflicts);
  if (Planted(PlantedFault::kConflictsNotReplicated)) conflicts.clear();
  // Where one list was cut, the page ends there: nothing after it may be said yet.
  Sequence end = core_.index.last_sequence();
  if (rows.size() == kPageRows) end = std::min(end, rows.back().sequence);
  if (conflicts.size() == kPageConflicts) end = std::min(end, conflicts.back().sequence);
  size_t bytes = 0;
  for (ConflictRow& conflict : conflicts) {
    if (conflict.sequence > end) break;
    bytes += protocol::ApproximateBytes(conflict.record);
    page.conflicts.push_back(std::move(conflict.record));
    if (bytes > kPageBytesMax && conflict.sequence < end) {
      end = conflict.sequence;
      break;
    }
  }
  for (IndexRow& row : rows) {
    if (row.sequence > end) break;
    if (row.unversioned) continue;  // not said until it has a history
    bool ours = ReplicaPrefixOf(row.version.dot.author) == core_.prefix();
    if (!ours && Planted(PlantedFault::kRelayNothing)) continue;
    protocol::UpdateRow said{std::move(row.path), std::move(row.version)};
    bytes += protocol::ApproximateBytes(said);
    page.rows.push_back(std::move(said));
    if (bytes > kPageBytesMax && row.sequence < end) {
      end = row.sequence;
      break;
    }
  }
  page.to = end;
  page.caught_up = end == core_.index.last_sequence();
  return page;
}

void PeerLink::PumpStream() {
  while (ready() && streaming_ && streamed_ - acknowledged_ < kStreamAheadMax &&
         session_.queued_bytes() < kBackloggedBytes) {
    if (streamed_ == core_.index.last_sequence() && said_caught_up_) return;
    protocol::IndexUpdate page = Page(streamed_);
    streamed_ = page.to;
    said_caught_up_ = page.caught_up;
    Send(page);
  }
}

}  // namespace atozsync
