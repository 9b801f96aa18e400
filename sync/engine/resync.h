// ResyncRun: a person wants to know, now, that folder, index and peers agree – and to have mended
// what does not. Scans (or, in a dry run, only looks), waits until the replica has settled,
// compares the trees with each peer digest by digest, asks for the stream again where something
// differs. Multi-step operation; `done` is called once. Loop thread only.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "sync/engine/core.h"
#include "sync/engine/peers.h"
#include "sync/engine/scanner.h"

namespace atozsync {

class ResyncRun {
 public:
  using Progress = Replica::ResyncProgress;
  using Done = UniqueFunction<void(ResyncReport)>;
  // Nothing left to hash, receive or apply, here and at the peers that are connected?
  using Idle = std::function<bool()>;

  ResyncRun(Core& core, Peers& peers, Scanner& scanner, Idle idle, ResyncOptions options,
            Progress progress, Done done);
  ~ResyncRun();
  void Start();
  // Something moved: look whether the current step is over.
  void OnProgress();
  void OnFound(const RelPath& path, const std::string& what);
  void OnDamage(const IndexRow& row);
  bool finished() const { return state_ == State::kDone; }

 private:
  enum class State : uint8_t { kScan, kLook, kSettle, kCompare, kRepair, kDone };
  struct PeerDir {
    ReplicaId peer;
    RelPath dir;
    std::string after;
  };

  void LookAtNextDir();
  void OnLooked(const RelPath& dir, bool root_present, Result<std::vector<DirEntry>> entries);
  void StartCompare();
  void CompareNext();
  void OnDigest(PeerDir at, std::optional<protocol::DigestReply> reply);
  void CompareChildren(const PeerDir& at, const protocol::DigestReply& reply);
  void CompareChild(const PeerDir& at, const IndexRow* ours, const protocol::DigestEntry* theirs);
  void AfterCompare();
  void Add(const std::string& where, const RelPath& path, const std::string& what,
           const std::string& action);
  void Say(const std::string& line);
  void Finish();
  bool Wanted(const RelPath& path) const;

  Core& core_;
  Peers& peers_;
  Scanner& scanner_;
  const Idle idle_;
  const ResyncOptions options_;
  const Progress progress_;
  Done done_;
  State state_ = State::kScan;
  ResyncReport report_;
  std::deque<RelPath> look_;
  std::deque<PeerDir> compare_;
  std::vector<ReplicaId> differing_;
  uint64_t hashed_files_before_ = 0;
  uint64_t hashed_bytes_before_ = 0;
  int64_t step_started_ms_ = 0;
  int64_t said_ms_ = 0;
  TimerId timer_ = 0;
};

}  // namespace atozsync
