#include "protocol/session.h"

#include <algorithm>
#include <utility>

#include "protocol/codec.h"
#include "sync/base/planted_fault.h"
#include "sync/base/probe.h"

namespace atozsync::protocol {
namespace {

// An idle session does not keep the room of the largest frame it ever assembled.
constexpr size_t kInputKeptBytes = 64u << 10;
constexpr size_t kPartsBytesMax = kContentBytesMax + 64;  // of the payload of one ContentReply
constexpr size_t kPartBytesMin = 256;    // of one part, header included: less is not worth a frame
constexpr size_t kOvertakingMax = 3;     // then the one in front has its turn
constexpr size_t kLookAheadFrames = 64;  // for a small one

}  // namespace

Session::Session(SessionHandler* handler, int64_t now_ms, SessionLimits limits)
    : handler_(handler), limits_(limits), heard_ms_(now_ms), said_ms_(now_ms) {
  CHECK(handler != nullptr);
}

Status Session::OnBytes(ByteSpan bytes, int64_t now_ms) {
  if (failed_) return {Errc::kProtocol, "the session has failed already"};
  heard_ms_ = now_ms;
  Status status = Consume(bytes, now_ms);
  failed_ = !status.ok();
  return status;
}

Status Session::Consume(ByteSpan bytes, int64_t now_ms) {
  while (!bytes.empty()) {
    if (input_.empty()) {
      // The usual case: whole frames are taken where they lie, without a copy.
      ASSIGN_OR_RETURN(const size_t taken, TakeFrame(bytes, now_ms));
      if (taken > 0) {
        bytes = bytes.subspan(taken);
        continue;
      }
    }
    // Fill up to the end of the header, then to the end of this frame, never beyond.
    size_t wanted = kFrameHeaderBytes;
    if (input_.size() >= kFrameHeaderBytes) {
      ASSIGN_OR_RETURN(const FrameHeader header, ParseFrameHeader(input_));
      wanted += header.payload_bytes;
      input_.reserve(wanted);
    }
    const size_t count = std::min(bytes.size(), wanted - input_.size());
    input_.insert(input_.end(), bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(count));
    bytes = bytes.subspan(count);
    ASSIGN_OR_RETURN(const size_t taken, TakeFrame(input_, now_ms));
    if (taken > 0) {
      input_.clear();
      if (input_.capacity() > kInputKeptBytes) input_.shrink_to_fit();
    }
  }
  return Status::Ok();
}

Result<size_t> Session::TakeFrame(ByteSpan bytes, int64_t now_ms) {
  if (bytes.size() < kFrameHeaderBytes) return size_t{0};
  ASSIGN_OR_RETURN(const FrameHeader header, ParseFrameHeader(bytes));
  if (!IsKnownType(header.type) && (header.flags & kFrameOptional) == 0) {
    return Status(Errc::kProtocol, "a message of unknown type " + std::to_string(header.type) +
                                       ": the peer runs a newer version; update this one");
  }
  const size_t size = kFrameHeaderBytes + header.payload_bytes;
  if (bytes.size() < size) return size_t{0};
  const ByteSpan payload = bytes.subspan(kFrameHeaderBytes, header.payload_bytes);
  TRY(CheckPayload(header, payload));
  if ((header.flags & kFramePart) != 0) {
    TRY(OnPart(header, payload, now_ms));
  } else if (IsKnownType(header.type)) {
    TRY(OnFrame(header.type, payload, now_ms));
  }
  return size;
}

Status Session::OnPart(const FrameHeader& header, ByteSpan payload, int64_t now_ms) {
  if (header.type != MessageType(ContentReply{}) || payload.empty()) {
    return {Errc::kProtocol, "a part of something that does not come in parts"};
  }
  if (parts_.size() + payload.size() > kPartsBytesMax) {
    return {Errc::kProtocol, "a content in parts is over the limit"};
  }
  parts_.insert(parts_.end(), payload.begin(), payload.end());
  if ((header.flags & kFrameLastPart) == 0) return Status::Ok();
  Probe(ProbeId::kContentInParts);
  const Bytes whole = std::exchange(parts_, {});
  return OnFrame(header.type, whole, now_ms);
}

Status Session::OnFrame(uint8_t type, ByteSpan payload, int64_t now_ms) {
  ASSIGN_OR_RETURN(Message message, DecodeMessage(type, payload));
  if (const Ping* ping = std::get_if<Ping>(&message)) {
    pong_due_ = ping->nonce;
    return Status::Ok();
  }
  if (const Pong* pong = std::get_if<Pong>(&message)) {
    if (ping_nonce_ != 0 && pong->nonce == ping_nonce_) {
      round_trip_ms_ = now_ms - ping_sent_ms_;
      ping_nonce_ = 0;
    }
    return Status::Ok();
  }
  return handler_->OnMessage(std::move(message));
}

void Session::Send(const Message& message) {
  Bytes frame = EncodeFrame(message);
  if (std::holds_alternative<ContentReply>(message)) return SendContentFrame(std::move(frame));
  queued_bytes_ += frame.size();
  control_.push_back(std::move(frame));
}

void Session::SendContentFrame(Bytes frame) {
  queued_bytes_ += frame.size();
  content_.push_back(std::move(frame));
}

Bytes Session::TakeNext() {
  if (pong_due_.has_value()) {
    const uint64_t nonce = *std::exchange(pong_due_, std::nullopt);
    return EncodeFrame(Pong{nonce});
  }
  if (control_.empty()) return TakeContentFrame(0);
  Bytes frame = std::move(control_.front());
  control_.pop_front();
  queued_bytes_ -= frame.size();
  return frame;
}

// A whole frame, or what is left of one that has begun.
Bytes Session::TakeContentFrame(size_t index) {
  if (index == 0 && part_sent_bytes_ > 0) return TakePart(content_.front().size());
  const auto at = content_.begin() + static_cast<ptrdiff_t>(index);
  Bytes frame = std::move(*at);
  content_.erase(at);
  queued_bytes_ -= frame.size();
  return frame;
}

Bytes Session::TakePart(size_t payload_bytes_max) {
  const ByteSpan rest = ByteSpan(content_.front()).subspan(kFrameHeaderBytes + part_sent_bytes_);
  const size_t bytes = std::min(rest.size(), payload_bytes_max);
  Bytes part(kFrameHeaderBytes + bytes);
  std::copy_n(rest.begin(), bytes, part.begin() + kFrameHeaderBytes);
  const bool last = bytes == rest.size();
  SealFrame(content_.front()[4], last ? kFramePart | kFrameLastPart : kFramePart, part);
  part_sent_bytes_ += bytes;
  if (!last) return part;
  queued_bytes_ -= content_.front().size();
  content_.pop_front();
  part_sent_bytes_ = 0;
  return part;
}

size_t Session::NextContent(size_t quick_bytes_max) const {
  if (overtaking_ >= kOvertakingMax) return 0;
  const size_t begun = part_sent_bytes_ > 0 ? 1 : 0;
  const size_t end = std::min(content_.size(), kLookAheadFrames);
  for (size_t i = begun; i < end; ++i) {
    if (content_[i].size() <= quick_bytes_max) return i;
  }
  return 0;
}

Bytes Session::TakeContent(size_t bytes_max) {
  Bytes output;
  while (!content_.empty()) {
    const size_t left = bytes_max - std::min(bytes_max, output.size());
    const size_t room = std::max(left, kPartBytesMin);
    const size_t next = NextContent(kQuickOutputs * bytes_max);
    const bool begun = next == 0 && part_sent_bytes_ > 0;
    const bool fits = !begun && content_[next].size() <= room;
    const bool in_parts = !fits && next == 0 && parts_allowed_;
    // The first is taken whatever its size.
    const bool enough = in_parts ? left < kPartBytesMin : !fits;
    if (!output.empty() && enough) break;
    overtaking_ = next > 0 ? overtaking_ + 1 : 0;
    const Bytes some = in_parts ? TakePart(room - kFrameHeaderBytes) : TakeContentFrame(next);
    output.insert(output.end(), some.begin(), some.end());
    spoke_ = true;
  }
  return output;
}

Bytes Session::TakeControl(size_t bytes_max) {
  return Take(bytes_max, false);
}

Bytes Session::TakeOutput(size_t bytes_max) {
  return Take(bytes_max, true);
}

Bytes Session::Take(size_t bytes_max, bool with_content) {
  Bytes output;
  while (has_control() || (with_content && !content_.empty())) {
    const std::deque<Bytes>& queue = control_.empty() ? content_ : control_;
    const size_t next_bytes = pong_due_.has_value() ? 0 : queue.front().size();
    if (!output.empty() && output.size() + next_bytes > bytes_max) break;
    spoke_ = true;
    Bytes next = TakeNext();
    if (output.empty()) {
      output = std::move(next);
    } else {
      output.insert(output.end(), next.begin(), next.end());
    }
  }
  return output;
}

bool Session::has_output() const {
  return pong_due_.has_value() || !control_.empty() || !content_.empty();
}

size_t Session::queued_bytes() const {
  return queued_bytes_;
}

Status Session::OnTick(int64_t now_ms) {
  const int64_t quiet_ms = now_ms - heard_ms_;
  if (quiet_ms >= limits_.silence_max_ms && !Planted(PlantedFault::kSilenceNeverEnds)) {
    Probe(ProbeId::kSilence);
    return {Errc::kTimeout, "nothing was heard for " + std::to_string(quiet_ms / 1000) + " s"};
  }
  if (std::exchange(spoke_, false)) said_ms_ = now_ms;
  const bool quiet = quiet_ms >= limits_.ping_after_ms;
  // The other side's own Ping, or our answer, may stand behind a large frame on a slow line for
  // longer than the silence limit: who only listens says that it does.
  const bool only_listens = !quiet && now_ms - said_ms_ >= limits_.ping_after_ms && !has_output();
  if ((quiet && ping_nonce_ == 0) || only_listens) {
    ping_nonce_ = ++last_nonce_;
    ping_sent_ms_ = now_ms;
    Send(Ping{ping_nonce_});
  }
  return Status::Ok();
}

std::optional<int64_t> Session::round_trip_ms() const {
  return round_trip_ms_;
}

}  // namespace atozsync::protocol
