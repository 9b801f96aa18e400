// The rooms of the engine, put together. Private to replica*.cc.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "sync/engine/brake.h"
#include "sync/engine/content_server.h"
#include "sync/engine/core.h"
#include "sync/engine/exchange.h"
#include "sync/engine/gate.h"
#include "sync/engine/gossip.h"
#include "sync/engine/keeper.h"
#include "sync/engine/peers.h"
#include "sync/engine/puller.h"
#include "sync/engine/resync.h"
#include "sync/engine/scanner.h"

namespace atozsync {

class Replica::Impl {
 public:
  Impl(const Parts& parts, ReplicaOptions options, std::vector<PeerConfig> peers,
       std::vector<protocol::MemberInfo> removed);

  Status Start();
  ReplicaReport Report() const;
  void CheckSettled(UniqueFunction<void(bool)> done);
  void SetPaused(bool paused);
  void Explain(const RelPath& path, UniqueFunction<void(ExplainReport)> done);
  std::vector<HeldFile> Held(size_t limit) const;
  std::vector<HeldFile> HeldAt(const RelPath& path) const;
  Status ReleaseHeld(const RelPath& path);
  Status RevertHeld(const RelPath& path);
  void StartResync(ResyncOptions options, ResyncProgress progress,
                   UniqueFunction<void(ResyncReport)> done);

  Core core;
  Scanner scanner;
  Exchange exchange;
  Peers peers;
  Gate gate;
  Brake brake;
  Puller puller;
  ContentServer server;
  TombstoneGossip gossip;
  Keeper keeper;
  bool paused = false;

 private:
  // One question "is everything everywhere?" to all peers.
  struct Settling {
    size_t waiting = 0;
    bool all_equal = true;
    UniqueFunction<void(bool)> done;
  };
  struct Explaining {
    size_t waiting = 0;
    ExplainReport report;
    UniqueFunction<void(ExplainReport)> done;
  };

  void Wire();
  void WireBrake();
  void LookForRoot();
  void Recover();
  void CleanUp();
  void Run(std::vector<KeptVersion> kept);
  void OnFirstScan();
  void PeriodicRescan();
  // Posted once a turn when anything has moved.
  void Progress();
  void OnProgress();
  bool HasUnversioned();
  void GiveVersions(const RelPath& after);
  bool NothingMoves() const;
  bool AtRest() const;           // nothing to hash, receive or apply
  bool LocallyIdle() const;      // … nor to look at again
  bool OnlyRowsMissing() const;  // … but files that wait for their rows
  ReplicaState State() const;
  protocol::PeerStatus MyStatus(bool fresh);
  PeerReport ReportOf(const Peer& peer) const;
  bool InSync(const Peer& peer) const;
  bool ConnectedInSync() const;  // with every peer that is connected
  std::string Describe(const RelPath& path, const Result<FileStat>& stat) const;

  bool running_ = false;
  bool scanned_once_ = false;
  std::set<RelPath> damaged_;  // found to be so since the last regular scan
  bool compared_ = false;
  bool giving_versions_ = false;
  bool progress_posted_ = false;
  uint64_t next_nonce_ = 1;
  std::vector<std::unique_ptr<ResyncRun>> resyncs_;
};

}  // namespace atozsync
