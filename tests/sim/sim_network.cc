// Machines and links, and what goes wrong with them.
#include "tests/sim/sim_network.h"

#include <algorithm>

namespace atozsync {

SimNetwork::SimNetwork(SimScheduler& scheduler)
    : scheduler_(scheduler), random_(scheduler.random().Fork("network")) {}

SimNetwork::~SimNetwork() = default;

void SimNetwork::AddNode(const std::string& name, const ReplicaId& id) {
  CHECK(name.find(':') == std::string::npos);
  CHECK(nodes_.emplace(name, Node{id, nullptr, true}).second);
}

SimNetwork::Direction SimNetwork::LinkKey(const std::string& a, const std::string& b) {
  return a < b ? Direction{a, b} : Direction{b, a};
}

const SimLinkOptions& SimNetwork::OptionsOf(const std::string& a, const std::string& b) const {
  const auto found = options_.find(LinkKey(a, b));
  return found == options_.end() ? default_options_ : found->second;
}

void SimNetwork::SetLinkOptions(const std::string& a, const std::string& b,
                                SimLinkOptions options) {
  options_[LinkKey(a, b)] = options;
}

void SimNetwork::SetAllLinkOptions(SimLinkOptions options) {
  default_options_ = options;
  options_.clear();
}

bool SimNetwork::IsUp(const std::string& a, const std::string& b) const {
  return down_.count(LinkKey(a, b)) == 0;
}

bool SimNetwork::CanTalk(const std::string& a, const std::string& b) const {
  return IsUp(a, b) && half_open_.count({a, b}) == 0 && half_open_.count({b, a}) == 0;
}

int64_t SimNetwork::LatencyNs(const std::string& a, const std::string& b) {
  const SimLinkOptions& options = OptionsOf(a, b);
  return random_.Between(options.latency_min_ns, options.latency_max_ns);
}

SimNetwork::EndpointPtr SimNetwork::Find(uint64_t id) const {
  const auto found = endpoints_.find(id);
  return found == endpoints_.end() ? nullptr : found->second;
}

void SimNetwork::SetLink(const std::string& a, const std::string& b, bool up) {
  scheduler_.Trace("net/link " + a + " " + b, up ? 1 : 0);
  if (!up) {
    down_.insert(LinkKey(a, b));
    return;
  }
  if (down_.erase(LinkKey(a, b)) == 0) return;
  for (const auto& [id, end] : endpoints_) {
    if (end->stalled.empty() || LinkKey(end->node, end->remote) != LinkKey(a, b)) continue;
    scheduler_.After(LatencyNs(a, b), "net/retransmit",
                     [this, target = id] { ReleaseStalled(target); });
  }
}

void SimNetwork::SetNodeLinks(const std::string& node, bool up) {
  for (const auto& [name, unused] : nodes_) {
    if (name != node) SetLink(node, name, up);
  }
}

void SimNetwork::SetHalfOpen(const std::string& from, const std::string& to, bool half_open) {
  scheduler_.Trace("net/half-open " + from + " " + to, half_open ? 1 : 0);
  if (half_open) {
    half_open_.insert({from, to});
  } else {
    half_open_.erase({from, to});
  }
}

void SimNetwork::HealAll() {
  half_open_.clear();
  const std::set<Direction> down = down_;
  for (const auto& [a, b] : down) SetLink(a, b, true);
}

void SimNetwork::ResetConnections(const std::string& a, const std::string& b) {
  for (const auto& [id, end] : endpoints_) {
    if (LinkKey(end->node, end->remote) == LinkKey(a, b)) Break(*end);
  }
}

void SimNetwork::Kill(const std::string& node, Death death) {
  scheduler_.Trace("net/kill " + node, death == Death::kPower ? 1 : 0);
  Node& killed = nodes_.at(node);
  if (killed.transport != nullptr) killed.transport->StopAll();
  killed.transport = nullptr;
  killed.powered = death != Death::kPower;
  const auto endpoints = endpoints_;
  for (const auto& [id, end] : endpoints) {
    if (end->node != node || end->finished()) continue;
    if (death == Death::kPower) end->end_sent = true;
    Abandon(*end);
  }
}

uint64_t SimNetwork::bytes_carried(const std::string& from, const std::string& to) const {
  const auto found = bytes_carried_.find({from, to});
  return found == bytes_carried_.end() ? 0 : found->second;
}

uint64_t SimNetwork::total_bytes_carried() const {
  uint64_t sum = 0;
  for (const auto& [direction, bytes] : bytes_carried_) sum += bytes;
  return sum;
}

}  // namespace atozsync
