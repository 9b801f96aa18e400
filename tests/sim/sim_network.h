// SimNetwork: the machines of a simulated cluster and the links between them. SimTransport (below)
// is what one process on a machine sees of it.
//
// Each pair of machines has one link with latency, bandwidth and a window; streams are cut into
// random pieces, stay in order and lose nothing – until a reset, a partition that lasts, or a
// half-open direction. docs/simulation.md states the fault model. Single-threaded; outlives its
// transports and connections.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "sync/base/transport.h"
#include "tests/sim/sim_endpoint.h"
#include "tests/sim/sim_random.h"
#include "tests/sim/sim_scheduler.h"

namespace atozsync {

struct SimLinkOptions {
  int64_t latency_min_ns = 5 * kMs;
  int64_t latency_max_ns = 20 * kMs;
  uint64_t bytes_per_second = 0;      // of each direction, shared by its streams; 0 = no limit
  size_t piece_bytes_max = 16 << 10;  // a stream is cut into pieces of 1 … this
  size_t window_bytes = 64 << 10;     // sent and not read by the other side; then Send() waits
  uint32_t reset_permille = 0;        // this often a piece kills its connection
  uint32_t loss_permille = 0;         // this often a piece has to be sent again, after retry_ns
  int64_t retry_ns = 200 * kMs;
  int64_t stall_timeout_ns = 900 * kSecond;  // a system gives up on bytes that are not answered
};

class SimTransport;

class SimNetwork {
 public:
  explicit SimNetwork(SimScheduler& scheduler);
  ~SimNetwork();
  SimNetwork(const SimNetwork&) = delete;
  SimNetwork& operator=(const SimNetwork&) = delete;

  // `name` is the host part of the machine's addresses ("node-2:1").
  void AddNode(const std::string& name, const ReplicaId& id);
  void SetLinkOptions(const std::string& a, const std::string& b, SimLinkOptions options);
  void SetAllLinkOptions(SimLinkOptions options);

  // Down: nothing passes; connections wait and go on when it is up again in time.
  void SetLink(const std::string& a, const std::string& b, bool up);
  // All links of one machine.
  void SetNodeLinks(const std::string& node, bool up);
  // From → to: bytes vanish, and no new connection succeeds. A connection that lost bytes stays
  // broken in that direction after it is switched off.
  void SetHalfOpen(const std::string& from, const std::string& to, bool half_open);
  // All links up, nothing half-open.
  void HealAll();
  // Both sides of every connection between the two see a reset at once.
  void ResetConnections(const std::string& a, const std::string& b);

  enum class Death {
    kProcess,  // the system says goodbye for it: peers see a reset
    kPower,    // silence: a peer learns of it when it sends to the restarted machine
  };
  // No callback reaches this machine's process any more. The next SimTransport of the name is the
  // restart.
  void Kill(const std::string& node, Death death);

  // Content bytes that arrived, since the beginning.
  uint64_t bytes_carried(const std::string& from, const std::string& to) const;
  uint64_t total_bytes_carried() const;
  // Not yet finished on both sides.
  size_t connections() const { return endpoints_.size() / 2; }

 private:
  friend class SimTransport;
  friend class SimConnection;
  using EndpointPtr = std::shared_ptr<SimEndpoint>;
  using Direction = std::pair<std::string, std::string>;  // from, to
  using DialAnswer = UniqueFunction<void(Result<std::unique_ptr<Connection>>)>;

  static constexpr size_t kLowMarkBytes = 256 << 10;  // as stated in transport.h

  struct Node {
    ReplicaId id;
    SimTransport* transport = nullptr;
    bool powered = true;
  };

  static Direction LinkKey(const std::string& a, const std::string& b);
  const SimLinkOptions& OptionsOf(const std::string& a, const std::string& b) const;
  bool IsUp(const std::string& a, const std::string& b) const;
  // Would a packet get there and its answer back?
  bool CanTalk(const std::string& a, const std::string& b) const;
  int64_t LatencyNs(const std::string& a, const std::string& b);
  EndpointPtr Find(uint64_t id) const;
  EndpointPtr OtherEnd(const SimEndpoint& end) const { return Find(end.id ^ 1); }

  // sim_network_dial.cc: a dial is a chain of events; `answer` is given when one of them ends it.
  void Dial(const std::string& from, const std::string& address, const ReplicaId& expected,
            StreamUse use, DialAnswer answer);
  void Handshake(const std::string& from, const std::string& address, const ReplicaId& expected,
                 StreamUse use, DialAnswer answer);
  SimTransport* ListenerAt(const std::string& address) const;
  std::unique_ptr<Connection> Establish(const std::string& from, const std::string& address,
                                        StreamUse use);

  // sim_network_stream.cc: bytes between the two ends of a connection.
  void Pump(SimEndpoint& end);
  Bytes TakePiece(SimEndpoint& end);
  void NoteDrained(SimEndpoint& end);
  void Transmit(SimEndpoint& from, SimSegment segment);
  void Arrive(uint64_t target, SimSegment segment);
  void NoteHalfOpen(SimEndpoint& sender);
  void GiveUp(SimEndpoint& sender);
  void Accept(SimEndpoint& target, SimEndpoint& sender, SimSegment segment);
  void Stall(SimEndpoint& target, SimSegment segment);
  void ReleaseStalled(uint64_t target);
  void ScheduleDelivery(SimEndpoint& end);
  void Deliver(uint64_t id);
  void Break(SimEndpoint& end);
  void SendReset(SimEndpoint& from);
  void EndWith(SimEndpoint& end, Status reason);
  void StartClosing(SimEndpoint& end);
  void Abandon(SimEndpoint& end);
  void ForgetIfFinished(uint64_t id);

  SimScheduler& scheduler_;
  SimRandom random_;
  std::map<std::string, Node> nodes_;
  SimLinkOptions default_options_;
  std::map<Direction, SimLinkOptions> options_;  // key in order of names
  std::set<Direction> down_;                     // key in order of names
  std::set<Direction> half_open_;
  std::map<Direction, int64_t> busy_until_ns_;
  std::map<Direction, uint64_t> bytes_carried_;
  std::map<uint64_t, EndpointPtr> endpoints_;
  uint64_t next_endpoint_ = 2;
  uint32_t next_port_ = 40'000;
};

// What one process sees of the network. Destroying it ends listening and dialling; its connections
// live on with their owners.
class SimTransport final : public Transport {
 public:
  SimTransport(SimScheduler& scheduler, SimNetwork& network, const std::string& node);
  ~SimTransport() override;
  SimTransport(const SimTransport&) = delete;
  SimTransport& operator=(const SimTransport&) = delete;

  // kInvalid for another machine's address, kExists when it is taken.
  Status Listen(const std::string& address) override;
  std::vector<std::string> bound_addresses() const override;
  void SetAcceptor(Acceptor acceptor) override { acceptor_ = std::move(acceptor); }
  void Dial(const std::string& address, const ReplicaId& expected, StreamUse use,
            int64_t timeout_ms, DialDone done) override;

 private:
  friend class SimNetwork;
  struct PendingDial {
    DialDone done;
    SimScheduler::EventId timeout = 0;
  };
  void Finish(uint64_t dial, Result<std::unique_ptr<Connection>> result);
  void StopAll();

  SimScheduler& scheduler_;
  SimNetwork& network_;
  std::string node_;
  std::set<std::string> listening_;
  Acceptor acceptor_;
  std::map<uint64_t, PendingDial> dials_;
  uint64_t next_dial_ = 1;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace atozsync
