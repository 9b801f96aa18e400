// Bytes between the two ends of a connection: cut, delayed, stalled, lost and delivered.
#include <algorithm>
#include <utility>

#include "tests/sim/sim_network.h"

namespace atozsync {
namespace {

constexpr size_t kDeliveryBytesMax = 64 << 10;
// An orderly close that the other side does not read is cut short after this.
constexpr int64_t kLingerNs = 10 * kSecond;

}  // namespace

Bytes SimNetwork::TakePiece(SimEndpoint& end) {
  const SimLinkOptions& options = OptionsOf(end.node, end.remote);
  const size_t room = options.window_bytes - end.in_flight;
  const Bytes& front = end.unsent.front();
  size_t size = std::min({front.size() - end.front_offset, room, options.piece_bytes_max});
  // Mostly full pieces, sometimes any size: a reader must not rely on how a stream is cut.
  if (random_.Chance(200)) size = static_cast<size_t>(random_.Below(size)) + 1;
  const auto begin = front.begin() + static_cast<ptrdiff_t>(end.front_offset);
  Bytes piece(begin, begin + static_cast<ptrdiff_t>(size));
  end.front_offset += size;
  end.unsent_bytes -= size;
  end.in_flight += size;
  if (end.front_offset == front.size()) {
    end.unsent.pop_front();
    end.front_offset = 0;
  }
  return piece;
}

void SimNetwork::Pump(SimEndpoint& end) {
  if (end.unsent_bytes >= kLowMarkBytes) end.above_low_mark = true;
  const size_t window = OptionsOf(end.node, end.remote).window_bytes;
  while (!end.end_sent && !end.unsent.empty() && end.in_flight < window) {
    Bytes piece = TakePiece(end);
    Transmit(end, {std::move(piece), std::nullopt});
  }
  if (end.closing && !end.end_sent && end.unsent.empty()) {
    end.end_sent = true;
    Transmit(end, {{}, Status::Ok()});
    EndWith(end, Status::Ok());
  }
  NoteDrained(end);
}

void SimNetwork::NoteDrained(SimEndpoint& end) {
  if (!end.above_low_mark || end.unsent_bytes >= kLowMarkBytes) return;
  end.above_low_mark = false;
  scheduler_.After(0, "net/drained", [this, id = end.id] {
    const EndpointPtr drained = Find(id);
    if (drained == nullptr || drained->finished() || drained->handler == nullptr) return;
    if (drained->unsent_bytes < kLowMarkBytes) drained->handler->OnDrained();
  });
}

void SimNetwork::Transmit(SimEndpoint& from, SimSegment segment) {
  const SimLinkOptions& options = OptionsOf(from.node, from.remote);
  if (!segment.end.has_value() && random_.Chance(options.reset_permille)) {
    scheduler_.After(0, "net/reset", [this, id = from.id] {
      for (uint64_t side : {id, id ^ 1}) {
        if (const EndpointPtr end = Find(side); end != nullptr) Break(*end);
      }
    });
  }
  NoteHalfOpen(from);
  int64_t sent_ns = scheduler_.now_ns();
  if (options.bytes_per_second > 0) {
    int64_t& busy_until_ns = busy_until_ns_[{from.node, from.remote}];
    const auto size = static_cast<int64_t>(segment.bytes.size());
    sent_ns = std::max(sent_ns, busy_until_ns) +
              size * kSecond / static_cast<int64_t>(options.bytes_per_second);
    busy_until_ns = sent_ns;
  }
  while (random_.Chance(options.loss_permille)) sent_ns += options.retry_ns;
  const int64_t arrival_ns =
      std::max(sent_ns + LatencyNs(from.node, from.remote), from.last_arrival_ns);
  from.last_arrival_ns = arrival_ns;
  scheduler_.After(arrival_ns - scheduler_.now_ns(), "net/arrive",
                   [this, target = from.id ^ 1, segment = std::move(segment)]() mutable {
                     Arrive(target, std::move(segment));
                   });
}

void SimNetwork::Arrive(uint64_t target_id, SimSegment segment) {
  const EndpointPtr target = Find(target_id);
  if (target == nullptr) return;
  const EndpointPtr sender = OtherEnd(*target);
  NoteHalfOpen(*sender);
  if (sender->vanishes || (sender->gave_up && !segment.end.has_value())) return;
  if (!IsUp(sender->node, target->node) || !target->stalled.empty()) {
    Stall(*target, std::move(segment));
    return;
  }
  Accept(*target, *sender, std::move(segment));
}

void SimNetwork::NoteHalfOpen(SimEndpoint& sender) {
  if (sender.vanishes || half_open_.count({sender.node, sender.remote}) == 0) return;
  sender.vanishes = true;
  scheduler_.After(OptionsOf(sender.node, sender.remote).stall_timeout_ns, "net/give-up",
                   [this, id = sender.id] {
                     if (const EndpointPtr end = Find(id); end != nullptr) GiveUp(*end);
                   });
}

// The system tires of sending the same bytes again.
void SimNetwork::GiveUp(SimEndpoint& sender) {
  sender.gave_up = true;
  EndWith(sender, Status(Errc::kTimeout, sender.remote + " does not answer"));
}

void SimNetwork::Accept(SimEndpoint& target, SimEndpoint& sender, SimSegment segment) {
  if (target.finished() || target.ending.has_value()) {
    // Nobody is there who knows this connection. A machine that is off stays silent.
    if (!segment.end.has_value() && nodes_.at(target.node).powered) SendReset(target);
    ForgetIfFinished(target.id);
    return;
  }
  if (segment.end.has_value()) {
    if (!segment.end->ok() && random_.Chance(500)) target.received.clear();
    EndWith(target, std::move(*segment.end));
    return;
  }
  bytes_carried_[{sender.node, target.node}] += segment.bytes.size();
  target.received.push_back(std::move(segment.bytes));
  ScheduleDelivery(target);
}

void SimNetwork::Stall(SimEndpoint& target, SimSegment segment) {
  const bool first = target.stalled.empty();
  target.stalled.push_back(std::move(segment));
  if (!first) return;
  const uint64_t stall = ++target.stalls;
  scheduler_.After(OptionsOf(target.node, target.remote).stall_timeout_ns, "net/give-up",
                   [this, id = target.id, stall] {
                     const EndpointPtr end = Find(id);
                     if (end == nullptr || end->stalled.empty() || end->stalls != stall) return;
                     end->stalled.clear();
                     GiveUp(*OtherEnd(*end));
                   });
}

void SimNetwork::ReleaseStalled(uint64_t target_id) {
  const EndpointPtr target = Find(target_id);
  if (target == nullptr || !IsUp(target->node, target->remote)) return;
  const EndpointPtr sender = OtherEnd(*target);
  const std::deque<SimSegment> stalled = std::exchange(target->stalled, {});
  for (const SimSegment& segment : stalled) Accept(*target, *sender, segment);
}

void SimNetwork::ScheduleDelivery(SimEndpoint& end) {
  if (end.delivery_scheduled || end.finished() || end.handler == nullptr) return;
  const bool bytes_ready = !end.received.empty() && !end.paused;
  const bool end_ready = end.received.empty() && end.ending.has_value();
  if (!bytes_ready && !end_ready) return;
  end.delivery_scheduled = true;
  scheduler_.After(random_.Between(0, 100 * kUs), "net/deliver",
                   [this, id = end.id] { Deliver(id); });
}

void SimNetwork::Deliver(uint64_t id) {
  const EndpointPtr end = Find(id);
  if (end == nullptr) return;
  end->delivery_scheduled = false;
  if (end->finished() || end->handler == nullptr) return;
  if (end->received.empty()) {
    if (!end->ending.has_value()) return;
    end->closed = true;
    ForgetIfFinished(id);
    scheduler_.Trace("net/closed " + end->node, id);
    end->handler->OnClosed(*end->ending);
    return;
  }
  if (end->paused) return;
  Bytes bytes = std::move(end->received.front());
  end->received.pop_front();
  while (!end->received.empty() && bytes.size() < kDeliveryBytesMax && random_.Chance(300)) {
    bytes.insert(bytes.end(), end->received.front().begin(), end->received.front().end());
    end->received.pop_front();
  }
  const EndpointPtr sender = OtherEnd(*end);
  sender->in_flight -= bytes.size();
  if (!sender->finished()) Pump(*sender);
  ScheduleDelivery(*end);
  scheduler_.Trace("net/bytes " + end->node, Fnv1a(ByteSpan(bytes)));
  end->handler->OnBytes(bytes);
}

// The last callback will be OnClosed(reason), after the bytes that are there. The first reason
// wins.
void SimNetwork::EndWith(SimEndpoint& end, Status reason) {
  if (end.finished() || end.ending.has_value()) return;
  end.ending = std::move(reason);
  end.unsent.clear();
  end.front_offset = 0;
  end.unsent_bytes = 0;
  ScheduleDelivery(end);
}

void SimNetwork::Break(SimEndpoint& end) {
  end.end_sent = true;
  end.received.clear();
  EndWith(end, Status(Errc::kPeerGone, "connection to " + end.remote + " was reset"));
}

void SimNetwork::SendReset(SimEndpoint& from) {
  from.end_sent = true;
  Transmit(from, {{}, Status(Errc::kPeerGone, "connection to " + from.node + " was reset")});
}

void SimNetwork::StartClosing(SimEndpoint& end) {
  end.closing = true;
  Pump(end);
  if (end.end_sent) return;
  scheduler_.After(kLingerNs, "net/linger", [this, id = end.id] {
    const EndpointPtr late = Find(id);
    if (late == nullptr || late->finished() || late->end_sent) return;
    SendReset(*late);
    EndWith(*late, Status(Errc::kTimeout, late->remote + " did not read the last bytes"));
  });
}

// The process let go of it, by destroying its Connection or by dying.
void SimNetwork::Abandon(SimEndpoint& end) {
  end.gone = true;
  end.handler = nullptr;
  end.unsent.clear();
  end.unsent_bytes = 0;
  end.received.clear();
  if (!end.end_sent) SendReset(end);
  ForgetIfFinished(end.id);
}

void SimNetwork::ForgetIfFinished(uint64_t id) {
  const EndpointPtr end = Find(id);
  if (end == nullptr) return;
  const EndpointPtr other = OtherEnd(*end);
  if (!end->finished() || !other->finished()) return;
  endpoints_.erase(id);
  endpoints_.erase(id ^ 1);
}

}  // namespace atozsync
