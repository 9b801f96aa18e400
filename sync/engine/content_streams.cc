#include "sync/engine/content_streams.h"

#include <algorithm>

#include "protocol/codec.h"
#include "sync/base/probe.h"

namespace atozsync {

namespace {

constexpr int64_t kDialTimeoutMs = 15'000;
// Given to one stream, more than the mark below which a connection tells that it is drained.
constexpr size_t kFedBytesMax = 512u << 10;

}  // namespace

void ContentStreams::Dial(const std::string& address, const ReplicaId& peer, uint64_t link_id,
                          size_t count) {
  link_id_ = link_id;
  for (size_t i = 0; i < count; ++i) {
    core_.transport.Dial(
        address, peer, StreamUse::kContent, kDialTimeoutMs,
        [this, alive = std::weak_ptr<int>(alive_)](Result<std::unique_ptr<Connection>> dialled) {
          // Without it the content takes the others.
          if (alive.expired() || !dialled.ok()) return;
          Add(std::move(*dialled)).Send(protocol::ContentStream{link_id_});
        });
  }
}

void ContentStreams::Accept(std::unique_ptr<Connection> connection, uint64_t link_id) {
  link_id_ = link_id;
  if (link_id == 0 || entries_.size() >= kStreamsMax) return;  // destroyed: closed
  Add(std::move(connection));
}

SessionStream& ContentStreams::Add(std::unique_ptr<Connection> connection) {
  entries_.push_back({std::make_unique<SessionStream>(core_, *this, std::move(connection))});
  if (parts_allowed_) entries_.back().stream->AllowParts();
  return *entries_.back().stream;
}

SessionStream& ContentStreams::Idlest() const {
  SessionStream* idlest = nullptr;
  for (const Entry& entry : entries_) {
    if (!entry.in_use || entry.stream->ended()) continue;
    if (idlest == nullptr || entry.stream->waiting_bytes() < idlest->waiting_bytes()) {
      idlest = entry.stream.get();
    }
  }
  return idlest != nullptr ? *idlest : link_;
}

void ContentStreams::Send(const protocol::ContentReply& reply) {
  frames_.push_back(protocol::EncodeFrame(reply));
  frames_bytes_ += frames_.back().size();
  Feed();
}

void ContentStreams::Feed() {
  while (!frames_.empty()) {
    SessionStream& stream = Idlest();
    // Under a limit the session has to see them all: small ones overtake there.
    if (!core_.upload.limited() && stream.waiting_bytes() >= kFedBytesMax) return;
    frames_bytes_ -= frames_.front().size();
    stream.SendContentFrame(std::move(frames_.front()));
    frames_.pop_front();
  }
}

ContentStreams::Entry& ContentStreams::EntryOf(const SessionStream& stream) {
  return *std::find_if(entries_.begin(), entries_.end(),
                       [&](const Entry& entry) { return entry.stream.get() == &stream; });
}

size_t ContentStreams::waiting_bytes() const {
  size_t bytes = frames_bytes_;
  for (const Entry& entry : entries_) bytes += entry.stream->waiting_bytes();
  return bytes;
}

void ContentStreams::OnTick() {
  for (size_t i = 0; i < entries_.size(); ++i) entries_[i].stream->OnTick();
  Feed();
}

void ContentStreams::Close(const std::string& reason) {
  frames_.clear();
  frames_bytes_ = 0;
  for (size_t i = 0; i < entries_.size(); ++i) {
    entries_[i].in_use = false;
    entries_[i].stream->Close(reason);
  }
}

Status ContentStreams::OnStreamMessage(SessionStream& stream, protocol::Message message) {
  if (auto* goodbye = std::get_if<protocol::Goodbye>(&message)) {
    return {Errc::kPeerGone, "it said: " + Printable(goodbye->reason)};
  }
  Entry& entry = EntryOf(stream);
  if (!entry.in_use) {
    const auto* named = std::get_if<protocol::ContentStream>(&message);
    if (named == nullptr || named->link_id != link_id_) {
      Probe(ProbeId::kContentStreamRefused);
      return {Errc::kProtocol, "a stream for content of another link"};
    }
    Probe(ProbeId::kContentStream);
    entry.in_use = true;
    if (!stream.connection().outgoing()) stream.Send(protocol::ContentStream{link_id_});
    Feed();
    return Status::Ok();
  }
  auto* reply = std::get_if<protocol::ContentReply>(&message);
  if (reply == nullptr) return {Errc::kProtocol, "something else on a stream for content"};
  return owner_.OnContent(std::move(*reply));
}

void ContentStreams::OnStreamEnded(SessionStream& stream, const Status& reason) {
  const bool was_in_use = std::exchange(EntryOf(stream).in_use, false);
  // It is on the stack right now.
  core_.Post([this, alive = std::weak_ptr<int>(alive_)] {
    if (!alive.expired()) RemoveEnded();
  });
  if (!was_in_use) return;
  Probe(ProbeId::kContentStreamLost);
  owner_.OnContentStreamLost(reason);
}

void ContentStreams::RemoveEnded() {
  std::erase_if(entries_, [](const Entry& entry) { return entry.stream->ended(); });
}

}  // namespace atozsync
