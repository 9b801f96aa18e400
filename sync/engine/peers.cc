#include "sync/engine/peers.h"

#include <xxhash.h>

#include <algorithm>
#include <cstdio>

#include "sync/base/planted_fault.h"
#include "sync/base/probe.h"
#include "sync/engine/meta_keys.h"

namespace atozsync {

namespace {

constexpr int64_t kTickMs = 1'000;
constexpr int64_t kDialTimeoutMs = 15'000;
constexpr int64_t kStableMs = 10'000;  // a link that lived so long resets the growing pause

}  // namespace

Peers::Peers(Core& core, PeerEvents& events, std::vector<PeerConfig> configured,
             std::vector<protocol::MemberInfo> removed)
    : core_(core),
      events_(events),
      cluster_tag_(XXH3_64bits(core.secret->data(), core.secret->size())) {
  for (protocol::MemberInfo& member : removed) removed_[member.id] = std::move(member);
  for (const PeerConfig& config : configured) AddPeer(config, 1);
}

Peers::~Peers() {
  core_.transport.SetAcceptor(nullptr);
  for (auto& [id, peer] : peers_) core_.executor.CancelTimer(peer->dial_timer);
}

void Peers::Start() {
  started_ = true;
  core_.transport.SetAcceptor(
      [this](std::unique_ptr<Connection> connection) { Accept(std::move(connection)); });
  core_.PostAfter(kTickMs, [this] { Tick(); });
}

void Peers::SetAllowed(bool allowed, const std::string& why) {
  allowed_ = allowed;
  refusal_ = why;
  for (auto& [id, peer] : peers_) {
    if (!allowed && peer->link) peer->link->Close(why);
    if (allowed) {
      peer->failures = 0;
      ScheduleDial(*peer);
    }
  }
}

void Peers::Tick() {
  core_.PostAfter(kTickMs, [this] { Tick(); });
  for (auto& [id, peer] : peers_) {
    if (peer->link) peer->link->OnTick();
  }
  // One that closes leaves the list inside the call, and lives until the turn is over.
  std::vector<PeerLink*> links;
  for (const Stranger& stranger : strangers_) links.push_back(stranger.link.get());
  int64_t now_ms = core_.clock.MonoMs();
  for (PeerLink* link : links) {
    link->OnTick();
    if (now_ms - link->opened_ms() > kStrangerMaxMs) link->Close("took too long");
  }
}

Peer* Peers::Find(const ReplicaId& id) {
  auto at = peers_.find(id);
  return at == peers_.end() ? nullptr : at->second.get();
}

void Peers::PumpStreams() {
  for (auto& [id, peer] : peers_) {
    if (peer->link) peer->link->PumpStream();
  }
}

// --- connections ---

void Peers::ScheduleDial(Peer& peer) {
  if (!started_ || !allowed_ || peer.link || peer.dialling || peer.dial_timer != 0 ||
      peer.config.addresses.empty()) {
    return;
  }
  int64_t pause_ms = 0;
  if (peer.failures > 0) {
    int doublings = std::min(peer.failures - 1, 20);
    pause_ms =
        std::min(core_.options.reconnect_max_ms, core_.options.reconnect_min_ms << doublings);
    // Between half and one and a half: replicas that lost a link together do not come back
    // together.
    pause_ms = pause_ms / 2 + static_cast<int64_t>(core_.random.Below(
                                  static_cast<uint64_t>(std::max<int64_t>(pause_ms, 1))));
  }
  peer.dial_timer = core_.PostAfter(pause_ms, [this, id = peer.config.id] {
    Peer* found = Find(id);
    if (found == nullptr) return;
    found->dial_timer = 0;
    Dial(*found);
  });
}

void Peers::Dial(Peer& peer) {
  if (!allowed_ || peer.link || peer.dialling || peer.config.addresses.empty()) return;
  peer.dialling = true;
  std::string address = peer.config.addresses[peer.next_address++ % peer.config.addresses.size()];
  auto done = core_.GuardWith<Result<std::unique_ptr<Connection>>>(
      [this, id = peer.config.id, address](Result<std::unique_ptr<Connection>> connection) {
        Peer* found = Find(id);
        if (found == nullptr) return;
        found->dialling = false;
        if (connection.ok() && allowed_) {
          Adopt(*found, std::move(connection).value());
          return;
        }
        ++found->failures;
        found->problem = address + ": " + connection.status().ToString();
        core_.Log(LogLevel::kDebug, found->config.name + ": " + found->problem);
        ScheduleDial(*found);
      });
  core_.transport.Dial(address, peer.config.id, StreamUse::kLink, kDialTimeoutMs, std::move(done));
}

void Peers::Accept(std::unique_ptr<Connection> connection) {
  Peer* peer = Find(connection->peer_id());
  if (connection->use() == StreamUse::kContent) {
    // Of nobody's link: destroyed, that is closed.
    if (peer != nullptr && peer->link) peer->link->AcceptContentStream(std::move(connection));
    return;
  }
  if (peer != nullptr) {
    Adopt(*peer, std::move(connection));
    return;
  }
  Probe(ProbeId::kStranger);
  if (strangers_.size() >= kStrangersMax) return;  // destroyed: closed
  strangers_.push_back({std::make_unique<PeerLink>(core_, *this, std::move(connection)), false});
}

bool Peers::NewOneStays(const Peer& peer, const Connection& fresh) const {
  const PeerLink& old = *peer.link;
  if (old.closed() || old.outgoing() == fresh.outgoing()) return true;
  bool old_is_silent =
      core_.clock.MonoMs() - old.heard_ms() > core_.options.session.ping_after_ms + kTickMs;
  Probe(old_is_silent ? ProbeId::kSilentLinkReplaced : ProbeId::kBothDialled);
  if (old_is_silent) return true;
  // Both dialled: the connection that the smaller id dialled stays. Both sides come to this.
  bool we_are_smaller = core_.options.id < peer.config.id;
  return fresh.outgoing() == we_are_smaller;
}

void Peers::Adopt(Peer& peer, std::unique_ptr<Connection> connection) {
  if (peer.link && !NewOneStays(peer, *connection)) return;
  if (peer.link) DropLink(peer);
  bool outgoing = connection->outgoing();
  peer.link = std::make_unique<PeerLink>(core_, *this, std::move(connection));
  peer.status.reset();
  peer.caught_up = false;
  // The one who dialled speaks first: the other may be shown an invitation instead.
  if (outgoing) peer.link->Send(MakeHello(peer));
}

void Peers::DropLink(Peer& peer) {
  std::unique_ptr<PeerLink> link = std::move(peer.link);
  bool was_ready = link->ready();
  if (!link->closed()) link->Close("a newer connection took its place");
  Bury(std::move(link));
  if (was_ready) events_.OnPeerGone(peer);
}

void Peers::Bury(std::unique_ptr<PeerLink> link) {
  // It may be on the stack right now.
  auto holder = std::make_shared<std::unique_ptr<PeerLink>>(std::move(link));
  core_.Post([holder]() mutable { holder->reset(); });
}

void Peers::OnLinkClosed(PeerLink& link, const Status& reason) {
  auto stranger = std::find_if(strangers_.begin(), strangers_.end(),
                               [&](const Stranger& s) { return s.link.get() == &link; });
  if (stranger != strangers_.end()) {
    Bury(std::move(stranger->link));
    strangers_.erase(stranger);
    return;
  }
  Peer* peer = Find(link.peer_id());
  if (peer == nullptr || peer->link.get() != &link) return;
  bool lived = core_.clock.MonoMs() - link.opened_ms() > kStableMs;
  peer->failures = lived ? 1 : peer->failures + 1;
  peer->problem = reason.ToString();
  core_.Log(LogLevel::kInfo, peer->config.name + ": disconnected: " + peer->problem);
  Bury(std::move(peer->link));
  peer->status.reset();
  events_.OnPeerGone(*peer);
  ScheduleDial(*peer);
}

// --- messages ---

Status Peers::OnMessage(PeerLink& link, protocol::Message message) {
  if (auto* goodbye = std::get_if<protocol::Goodbye>(&message)) {
    return {Errc::kPeerGone, "it said: " + Printable(goodbye->reason)};
  }
  Peer* peer = Find(link.peer_id());
  if (peer == nullptr || peer->link.get() != &link) return OnStrangerMessage(link, message);
  if (auto* join = std::get_if<protocol::JoinRequest>(&message)) return OnJoin(link, *join);
  if (!link.ready()) {
    auto* hello = std::get_if<protocol::Hello>(&message);
    if (hello == nullptr) return {Errc::kProtocol, "the first message is not Hello"};
    if (!allowed_) return {Errc::kBusy, refusal_};
    return OnHello(*peer, *hello);
  }
  if (auto* members = std::get_if<protocol::Members>(&message)) {
    MergeMembers(members->members);
    return Status::Ok();
  }
  return events_.OnPeerMessage(*peer, std::move(message));
}

Status Peers::OnStrangerMessage(PeerLink& link, const protocol::Message& message) {
  auto stranger = std::find_if(strangers_.begin(), strangers_.end(),
                               [&](const Stranger& s) { return s.link.get() == &link; });
  if (stranger == strangers_.end()) return {Errc::kCancelled, "not expected any more"};
  if (auto* join = std::get_if<protocol::JoinRequest>(&message)) return OnJoin(link, *join);
  if (auto* list = std::get_if<protocol::ListRequest>(&message); list && stranger->previewing) {
    link.Send(link.Page(list->after));
    return Status::Ok();
  }
  if (removed_.contains(link.peer_id())) {
    return {Errc::kPermission, "this replica was removed from the cluster: it needs an invitation"};
  }
  return {Errc::kPermission, "not a member of this cluster: it needs an invitation"};
}

Status Peers::OnJoin(PeerLink& link, protocol::JoinRequest request) {
  request.name = Printable(request.name);  // goes into logs and files
  protocol::JoinReply reply = core_.host.OnJoinRequest(link.peer_id(), request);
  if (reply.accepted && reply.members.empty()) reply.members = MemberList(true);
  link.Send(reply);
  if (!reply.accepted) return Status::Ok();
  if (request.preview) {
    for (Stranger& stranger : strangers_) {
      if (stranger.link.get() == &link) stranger.previewing = true;
    }
    return Status::Ok();
  }
  Probe(ProbeId::kJoined);
  core_.Log(LogLevel::kInfo, request.name + ": joined the cluster");
  MergeMembers({{link.peer_id(), request.name, request.addresses, false, core_.NextHlc()}});
  return Status::Ok();
}

}  // namespace atozsync
