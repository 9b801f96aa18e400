// How a connection comes about: one trip to find the listener, one and a half for the handshake.
#include <utility>

#include "tests/sim/sim_connection.h"
#include "tests/sim/sim_network.h"

namespace atozsync {
namespace {

std::string HostOf(const std::string& address) {
  return address.substr(0, address.rfind(':'));
}

}  // namespace

SimTransport* SimNetwork::ListenerAt(const std::string& address) const {
  SimTransport* transport = nodes_.at(HostOf(address)).transport;
  return transport != nullptr && transport->listening_.count(address) != 0 ? transport : nullptr;
}

void SimNetwork::Dial(const std::string& from, const std::string& address,
                      const ReplicaId& expected, StreamUse use, DialAnswer answer) {
  const std::string host = HostOf(address);
  if (nodes_.count(host) == 0) {
    scheduler_.After(kMs, "net/no-host", [address, answer = std::move(answer)]() mutable {
      answer(Status(Errc::kPeerGone, "dial " + address + ": no such host"));
    });
    return;
  }
  scheduler_.After(
      LatencyNs(from, host) + LatencyNs(from, host), "net/dial",
      [this, from, address, expected, use, host, answer = std::move(answer)]() mutable {
        if (!CanTalk(from, host) || !nodes_.at(host).powered) return;
        if (ListenerAt(address) == nullptr) {
          answer(Status(Errc::kPeerGone, "dial " + address + ": refused"));
          return;
        }
        Handshake(from, address, expected, use, std::move(answer));
      });
}

void SimNetwork::Handshake(const std::string& from, const std::string& address,
                           const ReplicaId& expected, StreamUse use, DialAnswer answer) {
  const std::string host = HostOf(address);
  scheduler_.After(
      LatencyNs(from, host) + LatencyNs(from, host), "net/handshake",
      [this, from, address, expected, use, host, answer = std::move(answer)]() mutable {
        if (!CanTalk(from, host) || !nodes_.at(host).powered) return;
        if (ListenerAt(address) == nullptr) {
          answer(Status(Errc::kPeerGone, "dial " + address + ": reset"));
        } else if (nodes_.at(host).id != expected) {
          answer(Status(Errc::kPermission, "dial " + address + ": another replica answers there: " +
                                               nodes_.at(host).id.ToString()));
        } else {
          answer(Establish(from, address, use));
        }
      });
}

std::unique_ptr<Connection> SimNetwork::Establish(const std::string& from,
                                                  const std::string& address, StreamUse use) {
  const std::string host = HostOf(address);
  auto client = std::make_shared<SimEndpoint>();
  client->id = next_endpoint_;
  client->node = from;
  client->remote = host;
  client->remote_address = address;
  client->peer_id = nodes_.at(host).id;
  client->outgoing = true;
  auto server = std::make_shared<SimEndpoint>();
  server->id = next_endpoint_ + 1;
  server->node = host;
  server->remote = from;
  server->remote_address = from + ":" + std::to_string(next_port_++);
  server->peer_id = nodes_.at(from).id;
  client->use = server->use = use;
  endpoints_.emplace(client->id, client);
  endpoints_.emplace(server->id, server);
  next_endpoint_ += 2;

  // The accepting side learns of it half a trip later, when the last message of the handshake is
  // there; bytes that are faster wait.
  scheduler_.After(LatencyNs(from, host), "net/accept", [this, address, server] {
    if (server->gone) return;
    auto connection = std::make_unique<SimConnection>(*this, server);
    SimTransport* transport = ListenerAt(address);
    if (transport == nullptr || !transport->acceptor_) return;  // closes it
    const Transport::Acceptor acceptor = transport->acceptor_;
    acceptor(std::move(connection));
  });
  return std::make_unique<SimConnection>(*this, client);
}

}  // namespace atozsync
