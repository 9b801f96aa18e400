#include "sync/engine/peer_link.h"

#include <algorithm>

#include "protocol/codec.h"
#include "sync/base/planted_fault.h"

namespace atozsync {

namespace {

constexpr size_t kBackloggedBytes = 8u << 20;  // then content is no longer read from disk for it
constexpr Sequence kStreamAheadMax = 8'000;    // rows sent and not acknowledged
constexpr size_t kPageRows = 1'000;
constexpr size_t kPageConflicts = 200;
constexpr size_t kPageBytesMax = 1u << 20;

}  // namespace

PeerLink::PeerLink(Core& core, LinkOwner& owner, std::unique_ptr<Connection> connection)
    : core_(core),
      owner_(owner),
      stream_(core, *this, std::move(connection)),
      content_streams_(core, *this, stream_),
      opened_ms_(core.clock.MonoMs()) {
  if (outgoing() && core.options.content_streams.count > 0) link_id_ = core.NextLinkId();
}

void PeerLink::SetReady(uint64_t link_id) {
  ready_ = true;
  if (outgoing()) {
    may_dial_content_streams_ = link_id_ != 0 && link_id == link_id_;
    hello_round_trip_ms_ = core_.clock.MonoMs() - opened_ms_;
  } else if (core_.options.content_streams.count > 0) {
    link_id_ = link_id;
  }
}

void PeerLink::AcceptContentStream(std::unique_ptr<Connection> connection) {
  if (ready() && !outgoing()) content_streams_.Accept(std::move(connection), link_id_);
}

void PeerLink::MaybeDialContentStreams() {
  const ContentStreamOptions& options = core_.options.content_streams;
  if (!may_dial_content_streams_ || hello_round_trip_ms_ < options.round_trip_min_ms) return;
  if (std::max<uint64_t>(content_asked_bytes_, content_streams_.waiting_bytes()) <
      options.bulk_bytes_min) {
    return;
  }
  may_dial_content_streams_ = false;
  content_streams_.Dial(address(), peer_id(), link_id_, options.count);
}

void PeerLink::Send(const protocol::Message& message) {
  if (closed_) return;
  const auto* content = std::get_if<protocol::ContentReply>(&message);
  if (content == nullptr) return stream_.Send(message);
  content_streams_.Send(*content);
  MaybeDialContentStreams();
}

void PeerLink::OnStreamDrained() {
  content_streams_.Feed();
  PumpStream();
}

void PeerLink::Close(const std::string& reason) {
  stream_.Close(reason);
}

void PeerLink::OnStreamEnded(SessionStream& /*stream*/, const Status& reason) {
  closed_ = true;
  content_streams_.Close("its link has ended");
  FailRequests();
  owner_.OnLinkClosed(*this, reason);
}

void PeerLink::OnContentStreamLost(const Status& reason) {
  Close("a stream for content: " + reason.ToString());
}

void PeerLink::OnTick() {
  if (closed_) return;
  content_streams_.OnTick();
  stream_.OnTick();
}

size_t PeerLink::waiting_bytes() const {
  return stream_.waiting_bytes() + content_streams_.waiting_bytes();
}

bool PeerLink::SendBacklogged() const {
  return waiting_bytes() > kBackloggedBytes;
}

bool PeerLink::HoldsEnough() const {
  return waiting_bytes() > core_.upload.ReadyBytes(kBackloggedBytes);
}

void PeerLink::AllowParts() {
  stream_.AllowParts();
  content_streams_.AllowParts();
}

template <typename Done, typename Reply>
Status PeerLink::Answer(Reply reply) {
  auto at = requests_.find(reply.id);
  if (at == requests_.end() || !std::holds_alternative<Done>(at->second.done)) {
    return {Errc::kProtocol, "an answer to a question that was not asked"};
  }
  Done done = std::get<Done>(std::move(at->second.done));
  content_asked_bytes_ -= at->second.content_bytes;
  requests_.erase(at);
  done(std::move(reply));
  return Status::Ok();
}

Status PeerLink::OnContent(protocol::ContentReply reply) {
  return closed_ ? Status::Ok() : Answer<ContentDone>(std::move(reply));
}

Status PeerLink::OnStreamMessage(SessionStream& /*stream*/, protocol::Message message) {
  using namespace protocol;
  if (auto* reply = std::get_if<ContentReply>(&message)) return OnContent(std::move(*reply));
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
void PeerLink::Ask(Request request, Done done, uint32_t content_bytes) {
  request.id = next_request_++;
  requests_.emplace(request.id, Pending{std::move(done), content_bytes});
  content_asked_bytes_ += content_bytes;
  Send(request);
}

void PeerLink::RequestContent(protocol::ContentRequest request, ContentDone done) {
  const uint32_t bytes = request.length;
  Ask(std::move(request), std::move(done), bytes);
  MaybeDialContentStreams();
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
  content_asked_bytes_ = 0;
  for (auto& [id, request] : pending) {
    std::visit([](auto& done) { done(std::nullopt); }, request.done);
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
         stream_.queued_bytes() < kBackloggedBytes) {
    if (streamed_ == core_.index.last_sequence() && said_caught_up_) return;
    // Rows do not wait for content. But a page waits for the one before, and for what is owed.
    if (!stream_.MayAddRows()) return;
    protocol::IndexUpdate page = Page(streamed_);
    streamed_ = page.to;
    said_caught_up_ = page.caught_up;
    Send(page);
  }
}

}  // namespace atozsync
