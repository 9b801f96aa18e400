// Membership: the later statement about a replica holds; statements reach everyone by Hello and by
// Members. Only a person adds or removes.
#include <algorithm>
#include <cstdio>

#include "sync/base/probe.h"
#include "sync/engine/peers.h"

namespace atozsync {

std::vector<protocol::MemberInfo> Peers::MemberList(bool with_self) const {
  std::vector<protocol::MemberInfo> members;
  if (with_self) {
    members.push_back(
        {core_.options.id, core_.options.name, core_.options.listen_addresses, false, 1});
  }
  for (const auto& [id, peer] : peers_) {
    members.push_back({id, peer->config.name, peer->config.addresses, false, peer->stamp});
  }
  for (const auto& [id, member] : removed_) members.push_back(member);
  if (members.size() > protocol::kMembersMax) members.resize(protocol::kMembersMax);
  return members;
}

// Later statements hold; of two of one moment the removal. What a peer says of the end of time
// cannot be outdone by a person any more: such statements count as made at the same moment –
// whoever was put in for ever can still be taken out.
bool Peers::Holds(const protocol::MemberInfo& member) const {
  auto peer = peers_.find(member.id);
  auto removed = removed_.find(member.id);
  uint64_t known = peer != peers_.end()        ? peer->second->stamp
                   : removed != removed_.end() ? removed->second.stamp
                                               : 0;
  known = std::min(known, Core::kHlcSeenMax);
  uint64_t stamp = std::min(member.stamp, Core::kHlcSeenMax);
  if (stamp != known) return stamp > known;
  return member.removed && peer != peers_.end();
}

void Peers::MergeMembers(const std::vector<protocol::MemberInfo>& members) {
  bool changed = false;
  for (protocol::MemberInfo member : members) {
    if (member.id == core_.options.id || !Holds(member)) continue;
    bool known = peers_.contains(member.id) || removed_.contains(member.id);
    if (!known && peers_.size() + removed_.size() >= kKnownMax) {
      core_.Log(LogLevel::kWarning, "too many members: " + member.id.ToString() +
                                        " is not taken in; remove some that are gone");
      continue;
    }
    member.name = Printable(member.name);
    core_.ObserveHlc(member.stamp);
    changed = true;
    if (member.removed) {
      removed_[member.id] = member;
      RemovePeer(member.id, "removed from the cluster");
      continue;
    }
    removed_.erase(member.id);
    AddPeer({member.id, member.name, member.addresses}, member.stamp);
  }
  if (changed) MembersChanged();
}

void Peers::MembersChanged() {
  // A failure has stopped the engine. Who was let in is noted all the same: it was told so.
  core_.CommitHlc().IgnoreError();
  core_.host.OnMembers(MemberList(false));
  for (auto& [id, peer] : peers_) {
    if (peer->connected()) peer->link->Send(protocol::Members{MemberList(true)});
  }
  events_.OnMembersChanged();
}

void Peers::AddPeer(const PeerConfig& config, uint64_t stamp) {
  std::unique_ptr<Peer>& peer = peers_[config.id];
  if (!peer) peer = std::make_unique<Peer>();
  peer->config = config;
  peer->stamp = std::max(peer->stamp, stamp);
  if (peer->config.name.empty()) peer->config.name = config.id.ToString().substr(0, 7);
  ScheduleDial(*peer);
}

void Peers::RemovePeer(const ReplicaId& id, const std::string& why) {
  auto at = peers_.find(id);
  if (at == peers_.end()) return;
  Probe(ProbeId::kMemberRemoved);
  core_.Log(LogLevel::kInfo, at->second->config.name + ": " + why);
  core_.executor.CancelTimer(at->second->dial_timer);
  std::shared_ptr<Peer> gone = std::move(at->second);
  peers_.erase(at);
  if (gone->link) {
    gone->link->Close(why);
    events_.OnPeerGone(*gone);
  }
  core_.Post([gone] {});  // may be on the stack
}

void Peers::SetConfigured(std::vector<PeerConfig> configured) {
  std::vector<ReplicaId> dropped;
  for (const auto& entry : peers_) {
    const ReplicaId& id = entry.first;  // clang 14: lambdas do not capture structured bindings
    bool listed = std::any_of(configured.begin(), configured.end(),
                              [&](const PeerConfig& config) { return config.id == id; });
    if (!listed) dropped.push_back(id);
  }
  for (const ReplicaId& id : dropped) {
    removed_[id] = {id, Find(id)->config.name, {}, true, core_.NextHlc()};
    RemovePeer(id, "removed from the configuration");
  }
  for (const PeerConfig& config : configured) {
    bool comes_back = removed_.erase(config.id) > 0;
    bool known = Find(config.id) != nullptr;
    AddPeer(config, comes_back || !known ? core_.NextHlc() : 1);
  }
  MembersChanged();
}

Status Peers::Remove(const ReplicaId& id) {
  Peer* peer = Find(id);
  if (peer == nullptr) return {Errc::kNotFound, "no such peer"};
  removed_[id] = {id, peer->config.name, {}, true, core_.NextHlc()};
  RemovePeer(id, "removed from the cluster");
  MembersChanged();
  return Status::Ok();
}

std::vector<uint32_t> Peers::MemberPrefixes() const {
  std::vector<uint32_t> prefixes = {core_.prefix()};
  for (const auto& [id, peer] : peers_) prefixes.push_back(id.prefix());
  std::sort(prefixes.begin(), prefixes.end());
  return prefixes;
}

std::string Peers::NameOf(uint32_t prefix) const {
  if (prefix == core_.prefix()) return core_.options.name;
  for (const auto& [id, peer] : peers_) {
    if (id.prefix() == prefix) return peer->config.name;
  }
  for (const auto& [id, member] : removed_) {
    if (id.prefix() == prefix) return member.name;
  }
  char hex[16];
  std::snprintf(hex, sizeof hex, "%08x", prefix);
  return hex;
}

}  // namespace atozsync
