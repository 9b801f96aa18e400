#include <utility>

#include "tests/sim/sim_connection.h"
#include "tests/sim/sim_network.h"

namespace atozsync {

void SimConnection::SetHandler(ConnectionHandler* handler) {
  if (end_->finished()) return;
  end_->handler = handler;
  network_.ScheduleDelivery(*end_);
}

void SimConnection::Send(Bytes bytes) {
  if (end_->finished() || end_->closing || end_->ending.has_value() || bytes.empty()) return;
  end_->unsent_bytes += bytes.size();
  end_->unsent.push_back(std::move(bytes));
  network_.Pump(*end_);
}

void SimConnection::PauseReading(bool paused) {
  end_->paused = paused;
  if (!end_->finished()) network_.ScheduleDelivery(*end_);
}

void SimConnection::Close() {
  if (!end_->finished() && !end_->closing) network_.StartClosing(*end_);
}

SimTransport::SimTransport(SimScheduler& scheduler, SimNetwork& network, const std::string& node)
    : scheduler_(scheduler), network_(network), node_(node) {
  SimNetwork::Node& machine = network_.nodes_.at(node);
  CHECK(machine.transport == nullptr);
  machine.transport = this;
  machine.powered = true;
}

SimTransport::~SimTransport() {
  StopAll();
  SimNetwork::Node& machine = network_.nodes_.at(node_);
  if (machine.transport == this) machine.transport = nullptr;
}

Status SimTransport::Listen(const std::string& address) {
  const size_t colon = address.rfind(':');
  if (colon == std::string::npos || address.substr(0, colon) != node_) {
    return Status(Errc::kInvalid, "listen on " + address + ": not an address of " + node_);
  }
  std::string bound = address;
  if (address.substr(colon + 1) == "0") {
    bound = node_ + ":" + std::to_string(network_.next_port_++);
  }
  if (!listening_.insert(bound).second) {
    return Status(Errc::kExists, "listen on " + address + ": already in use");
  }
  return Status::Ok();
}

std::vector<std::string> SimTransport::bound_addresses() const {
  return {listening_.begin(), listening_.end()};
}

void SimTransport::Dial(const std::string& address, const ReplicaId& expected, StreamUse use,
                        int64_t timeout_ms, DialDone done) {
  const uint64_t number = next_dial_++;
  PendingDial& dial = dials_[number];
  dial.done = std::move(done);
  dial.timeout = scheduler_.After(timeout_ms * kMs, "net/dial-timeout", [this, number, address] {
    Finish(number, Status(Errc::kTimeout, "dial " + address + ": no answer"));
  });
  network_.Dial(node_, address, expected, use,
                [this, alive = std::weak_ptr<bool>(alive_),
                 number](Result<std::unique_ptr<Connection>> result) {
                  if (!alive.expired()) Finish(number, std::move(result));
                });
}

void SimTransport::Finish(uint64_t dial, Result<std::unique_ptr<Connection>> result) {
  const auto found = dials_.find(dial);
  if (found == dials_.end()) return;  // gave up before
  PendingDial pending = std::move(found->second);
  dials_.erase(found);
  scheduler_.Cancel(pending.timeout);
  pending.done(std::move(result));
}

void SimTransport::StopAll() {
  const auto dials = std::exchange(dials_, {});
  for (const auto& [number, dial] : dials) scheduler_.Cancel(dial.timeout);
  listening_.clear();
  acceptor_ = nullptr;
}

}  // namespace atozsync
