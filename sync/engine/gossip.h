// TombstoneGossip: how deletions are forgotten – when everyone has them, never by age alone.
//
// A tombstone carries who has it (known_by) and who knows that all have it (complete_by). Both sets
// only grow and travel with the row. It is erased here when all members know that all have it and
// every peer has acknowledged this last word of ours: so a replica that was away for a year meets
// the tombstone, and a file made anew at the path meets none that could beat it
// (docs/reconcile.md). It stays for tombstone_keep_ms at least, for machines that are set back to a
// snapshot. Loop thread only.
#pragma once

#include <functional>
#include <optional>

#include "sync/engine/core.h"
#include "sync/engine/peers.h"

namespace atozsync {

class TombstoneGossip {
 public:
  TombstoneGossip(Core& core, Peers& peers);
  ~TombstoneGossip();
  void Start();

  // Asks a connected peer something and calls `answered` when it did, or is gone.
  std::function<void(Peer& peer, UniqueFunction<void()> answered)> ask;

 private:
  static constexpr size_t kPageRows = 500;  // looked at in one turn

  static constexpr int64_t kAgedLookMs = 3'600'000;  // while nothing is missing but age

  void Round();
  // Nothing has changed since a round found that all wait for nothing but their age.
  bool OnlyAgeIsMissing() const;
  bool OldEnough(const FileVersion& tombstone) const;
  // What connected peers have acknowledged since their Hello.
  void StorePositions();
  void Page(const RelPath& after);
  // The lowest position up to which every peer that was ever met has our stream.
  Sequence AcknowledgedByAll();

  // All that connected peers had sent by now is here when they have answered.
  void AskAll();
  bool GreetsSomebody() const;

  Core& core_;
  Peers& peers_;
  TimerId timer_ = 0;
  size_t unanswered_ = 0;
  Sequence asked_at_ = 0;                // our position when they were asked
  Sequence heard_at_ = 0;                // … the last time that all have answered
  bool more_is_missing_ = true;          // than age, as far as this round has looked
  std::optional<Sequence> all_wait_at_;  // our position when nothing was
  int64_t looked_ms_ = 0;                // monotonic; the last round that looked at tombstones
};

}  // namespace atozsync
