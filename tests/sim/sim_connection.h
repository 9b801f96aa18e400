// SimConnection: a process's hold on one end of a simulated connection. See sim_network.h.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "tests/sim/sim_network.h"

namespace atozsync {

class SimConnection final : public Connection {
 public:
  SimConnection(SimNetwork& network, std::shared_ptr<SimEndpoint> end)
      : network_(network), end_(std::move(end)) {}
  ~SimConnection() override {
    if (!end_->finished()) network_.Abandon(*end_);
  }
  SimConnection(const SimConnection&) = delete;
  SimConnection& operator=(const SimConnection&) = delete;

  void SetHandler(ConnectionHandler* handler) override;
  void Send(Bytes bytes) override;
  size_t UnsentBytes() const override { return end_->unsent_bytes; }
  void PauseReading(bool paused) override;
  void Close() override;
  const ReplicaId& peer_id() const override { return end_->peer_id; }
  std::string remote_address() const override { return end_->remote_address; }
  bool outgoing() const override { return end_->outgoing; }
  StreamUse use() const override { return end_->use; }

 private:
  SimNetwork& network_;
  std::shared_ptr<SimEndpoint> end_;
};

}  // namespace atozsync
