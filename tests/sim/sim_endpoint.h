// SimEndpoint: one end of a simulated connection – what the machine's network stack would hold.
// Used by SimNetwork and SimTransport only.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "sync/base/transport.h"

namespace atozsync {

// What travels: a piece of the stream, or its end (OK: orderly; an error: reset).
struct SimSegment {
  Bytes bytes;
  std::optional<Status> end;
};

struct SimEndpoint {
  uint64_t id = 0;  // the other end has id ^ 1
  std::string node;
  std::string remote;
  std::string remote_address;
  ReplicaId peer_id;
  bool outgoing = false;
  StreamUse use = StreamUse::kLink;

  ConnectionHandler* handler = nullptr;
  bool paused = false;
  bool gone = false;    // its Connection was destroyed or its process died: no callbacks
  bool closed = false;  // OnClosed was delivered: the last callback

  // Sending.
  std::deque<Bytes> unsent;
  size_t front_offset = 0;  // of unsent.front(): already taken
  size_t unsent_bytes = 0;
  bool above_low_mark = false;
  size_t in_flight = 0;  // taken, and not yet read by the other side
  int64_t last_arrival_ns = 0;
  bool closing = false;   // Close() was called
  bool end_sent = false;  // an orderly end or a reset is on its way
  bool vanishes = false;  // half-open: what it sends never arrives
  bool gave_up = false;   // bytes were lost: no later ones may arrive

  // Receiving.
  std::deque<SimSegment> stalled;  // arrived at a link that is down
  uint64_t stalls = 0;
  std::deque<Bytes> received;    // bounded by the link's window
  std::optional<Status> ending;  // what OnClosed will say once `received` is read
  bool delivery_scheduled = false;

  bool finished() const { return gone || closed; }
};

}  // namespace atozsync
