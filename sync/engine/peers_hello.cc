// The greeting: who the other is, what each has of the other's stream, and whose index is an old
// one.
#include <algorithm>

#include "sync/base/planted_fault.h"
#include "sync/base/probe.h"
#include "sync/engine/former_indexes.h"
#include "sync/engine/meta_keys.h"
#include "sync/engine/meta_values.h"
#include "sync/engine/peers.h"

namespace atozsync {

namespace {

constexpr size_t kNeedsPage = 1'000;
constexpr int64_t kWallMsMax = 253'402'300'800'000;  // the year 10000: no clock says that

}  // namespace

protocol::Hello Peers::MakeHello(const Peer& peer) const {
  protocol::Hello hello;
  hello.capabilities = {protocol::kCapabilityParts};
  hello.name = core_.options.name;
  hello.program_version = core_.options.program_version;
  hello.protocol_version = core_.options.protocol_version;
  hello.cluster_tag = cluster_tag_;
  hello.index_id = core_.index.index_id();
  hello.last_sequence = core_.index.last_sequence();
  PeerPosition position = core_.index.Peer(peer.config.id);
  hello.seen_index_id = position.index_id;
  hello.seen_sequence = position.received;
  hello.life = core_.life();
  hello.seen_life =
      ParseNumber(core_.index.Meta(meta::kLifeOf + peer.config.id.ToString()).value_or("0"));
  hello.former_index_ids = FormerIndexes(core_.index, peer.config.id);
  hello.wall_ms = core_.clock.WallMs();
  hello.link_id = peer.link->link_id();
  hello.members = MemberList(true);
  return hello;
}

Status Peers::CheckHello(const protocol::Hello& hello) const {
  if (hello.protocol_version < protocol::kProtocolVersionMin ||
      hello.protocol_version_min > protocol::kProtocolVersion) {
    return {Errc::kProtocol, "speaks another version of the protocol (" +
                                 Printable(hello.program_version) +
                                 "): update the older of the two replicas"};
  }
  if (hello.cluster_tag != cluster_tag_) {
    return {Errc::kProtocol, "belongs to another cluster: join it with an invitation of this one"};
  }
  return Status::Ok();
}

Status Peers::CheckIndexes(Peer& peer, const protocol::Hello& hello) {
  const std::vector<uint64_t>& former = hello.former_index_ids;
  uint64_t ours = core_.index.index_id();
  std::string why;
  if (std::find(former.begin(), former.end(), ours) != former.end()) {
    Probe(ProbeId::kFormerIndexNoticed);
    why = peer.config.name + " knows a newer index of this replica";
  } else if (hello.seen_index_id == ours &&
             !core_.Remembers(hello.seen_life, hello.seen_sequence)) {
    Probe(ProbeId::kOldIndexNoticed);
    why = peer.config.name + " knows change " + std::to_string(hello.seen_sequence) +
          " of this replica as one that its index (now at " +
          std::to_string(core_.index.last_sequence()) + ") does not remember";
  }
  if (!why.empty()) {
    why += ": an older copy of the index was put back";
    core_.Fail(why);
    core_.host.OnRestartNeeded(RestartReason::kIndexUnusable, why);
    return {Errc::kCancelled, "rebuilding the index"};
  }
  if (!IsFormerIndex(core_.index, peer.config.id, hello.index_id)) return Status::Ok();
  if (!peer.link->outgoing()) peer.link->Send(MakeHello(peer));  // so that it learns of it
  return {Errc::kProtocol, "an older copy of its index was put back: it has to make a new one"};
}

Status Peers::OnHello(Peer& peer, const protocol::Hello& hello) {
  TRY(CheckHello(hello));
  TRY(CheckIndexes(peer, hello));
  peer.link->SetReady(hello.link_id);
  bool hello_is_old = peer.link->outgoing();
  if (!hello_is_old) peer.link->Send(MakeHello(peer));
  const auto& said = hello.capabilities;
  if (std::find(said.begin(), said.end(), protocol::kCapabilityParts) != said.end()) {
    peer.link->AllowParts();
  }
  peer.clock_less_mono_ms.reset();
  if (hello.wall_ms > 0 && hello.wall_ms < kWallMsMax) {
    peer.clock_less_mono_ms = hello.wall_ms - core_.clock.MonoMs();
  }
  // Who came or went since it was sent, before there was anybody to tell.
  if (hello_is_old) peer.link->Send(protocol::Members{MemberList(true)});
  peer.problem.clear();
  core_.Log(LogLevel::kInfo, peer.config.name + ": connected, " + peer.link->address());
  TakePositions(peer, hello);
  MergeMembers(hello.members);
  if (Peer* still = Find(peer.config.id); still != nullptr) events_.OnPeerReady(*still);
  return Status::Ok();
}

void Peers::TakePositions(Peer& peer, const protocol::Hello& hello) {
  bool knows_us = hello.seen_index_id == core_.index.index_id();
  Sequence acknowledged = knows_us ? hello.seen_sequence : 0;
  PeerPosition position = core_.index.Peer(peer.config.id);
  IndexBatch batch;
  bool another_index = position.index_id != hello.index_id;
  if (another_index && position.index_id != 0) Probe(ProbeId::kPeerLostIndex);
  if (another_index || Planted(PlantedFault::kReconnectDropsNeeds)) {
    // What it announced under its lost index may exist nowhere any more; it says all that it has
    // anew.
    uint64_t after = 0;
    for (std::vector<Need> page = core_.index.Needs(after, kNeedsPage); !page.empty();
         page = core_.index.Needs(after, kNeedsPage)) {
      for (const Need& need : page) {
        if (need.peer == peer.config.id) batch.erased_needs.emplace_back(need.path, need.peer);
      }
      after = page.back().arrival;
    }
  }
  const std::string life_key = meta::kLifeOf + peer.config.id.ToString();
  if (another_index) {
    if (position.index_id != 0) {
      NoteFormerIndex(core_.index, peer.config.id, position.index_id, batch);
    }
    position = {.index_id = hello.index_id};
    batch.meta[life_key] = std::to_string(hello.life);
  }
  position.acknowledged = acknowledged;
  position.last_seen_ms = core_.clock.WallMs();
  batch.peers[peer.config.id] = position;
  peer.life_to_note = hello.life;
  if (!core_.Commit(batch).ok()) return;
  peer.link->StartStream(acknowledged);
}

}  // namespace atozsync
