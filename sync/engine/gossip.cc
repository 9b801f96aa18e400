#include "sync/engine/gossip.h"

#include <algorithm>

#include "sync/base/planted_fault.h"
#include "sync/base/probe.h"
#include "sync/engine/planner.h"

namespace atozsync {

TombstoneGossip::TombstoneGossip(Core& core, Peers& peers) : core_(core), peers_(peers) {}

TombstoneGossip::~TombstoneGossip() {
  core_.executor.CancelTimer(timer_);
}

void TombstoneGossip::Start() {
  timer_ = core_.PostAfter(core_.options.tombstone_gossip_ms, [this] { Round(); });
}

void TombstoneGossip::Round() {
  if (core_.failed()) return;
  Start();
  if (core_.index.totals().tombstones == 0 || OnlyAgeIsMissing()) return;
  looked_ms_ = core_.clock.MonoMs();
  more_is_missing_ = false;
  StorePositions();
  Page(RelPath());
  AskAll();
}

bool TombstoneGossip::OnlyAgeIsMissing() const {
  return all_wait_at_ == core_.index.last_sequence() &&
         core_.clock.MonoMs() - looked_ms_ < kAgedLookMs;
}

// By the clock that cannot jump: one that is a year ahead does not make it old at once.
bool TombstoneGossip::OldEnough(const FileVersion& tombstone) const {
  if (core_.options.tombstone_keep_ms == 0) return true;
  return Core::MsOfHlc(tombstone.hlc) <= core_.retention.now_ms() - core_.options.tombstone_keep_ms;
}

// Who was sent our Hello may be saying what it has, long before we hear its own. What it said then
// is as old as that; only when the link is ready, or gone, can that be told.
bool TombstoneGossip::GreetsSomebody() const {
  return std::any_of(peers_.all().begin(), peers_.all().end(), [](const auto& peer) {
    const PeerLink* link = peer.second->link.get();
    return link != nullptr && link->outgoing() && !link->ready();
  });
}

// A deletion that everyone has may still be older than what a slow link brings from one of them:
// said before it had the deletion, it would bring the file back where the deletion is forgotten.
void TombstoneGossip::AskAll() {
  if (unanswered_ > 0 || GreetsSomebody()) return;
  asked_at_ = core_.index.last_sequence();
  unanswered_ = 1;  // this function itself
  auto answered = [this] {
    if (--unanswered_ == 0) heard_at_ = asked_at_;
  };
  for (const auto& [id, peer] : peers_.all()) {
    if (!peer->connected()) continue;
    ++unanswered_;
    ask(*peer, answered);
  }
  answered();
}

void TombstoneGossip::StorePositions() {
  IndexBatch batch;
  for (const auto& [id, peer] : peers_.all()) {
    if (!peer->connected()) continue;
    PeerPosition position = core_.index.Peer(id);
    position.acknowledged = std::max(position.acknowledged, peer->link->acknowledged());
    position.last_seen_ms = core_.clock.WallMs();
    batch.peers[id] = position;
  }
  core_.Commit(batch).IgnoreError();  // a failure has stopped the engine
}

Sequence TombstoneGossip::AcknowledgedByAll() {
  Sequence all = core_.index.last_sequence();
  for (const auto& [id, peer] : peers_.all()) {
    PeerPosition position = core_.index.Peer(id);
    if (position.index_id != 0) all = std::min(all, position.acknowledged);
  }
  return all;
}

void TombstoneGossip::Page(const RelPath& after) {
  std::vector<IndexRow> rows = core_.index.Tombstones(after, kPageRows);
  if (rows.empty()) return;
  std::vector<uint32_t> members = peers_.MemberPrefixes();
  Sequence acknowledged = AcknowledgedByAll();
  IndexBatch batch;
  for (IndexRow& row : rows) {
    FileVersion before = row.version;
    AcknowledgeTombstone(row.version, core_.prefix(), members);
    bool everyone_has_it = Includes(row.version.complete_by, members) &&
                           row.sequence <= acknowledged && row.sequence <= heard_at_ &&
                           row.version == before && core_.index.NeedsOf(row.path).empty();
    more_is_missing_ |= !everyone_has_it;
    if ((everyone_has_it && OldEnough(row.version)) ||
        Planted(PlantedFault::kForgetTombstoneEarly)) {
      Probe(ProbeId::kTombstoneForgotten);
      batch.erased_rows.push_back(row.path);
      core_.NoteForgotten(row.version, batch);
    } else if (row.version != before) {
      batch.rows.push_back(row);
    }
  }
  if (!core_.Commit(batch).ok()) return;
  if (rows.size() < kPageRows) {
    if (!more_is_missing_) all_wait_at_ = core_.index.last_sequence();
    return;
  }
  core_.Post([this, last = rows.back().path] { Page(last); });
}

}  // namespace atozsync
