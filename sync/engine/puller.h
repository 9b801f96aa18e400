// Puller: works off the needs – versions that peers announced and that are not here.
//
// For each path: plan (planner.h), get the content if any (what the folder holds already first,
// then a peer that has it), stage it, hand it to the applier. Only a bounded window of needs is in
// memory; what cannot be done now is deferred with growing pauses and stays in the index. Loop
// thread only.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "sync/engine/applier.h"
#include "sync/engine/core.h"
#include "sync/engine/fetch_file.h"
#include "sync/engine/gate.h"
#include "sync/engine/oldest_held.h"
#include "sync/engine/peers.h"
#include "sync/engine/planner.h"
#include "sync/engine/scanner.h"
#include "sync/engine/wanted_copies.h"

namespace atozsync {

class Puller {
 public:
  Puller(Core& core, Peers& peers, Scanner& scanner, Gate& gate);
  ~Puller();

  // New needs: go on. Nothing that was passed over is looked at again …
  void Continue();
  // … and here it is, from the beginning: a peer came, a pause ended.
  void Wake();
  void SetStopped(bool stopped);
  // A losing content that no peer gave in several tries does not keep us busy.
  bool idle() const;
  // Losing versions that are looked for; not those that were in vain long enough.
  size_t copies_wanted() const { return copies_wanted_.hopeful(); }
  bool disk_full() const { return disk_full_ || volume_was_full_; }

  // Also gets the losing content of a conflict that is not here yet, in the end: with pauses that
  // grow, however often this is asked for …
  void FetchConflictCopy(const ConflictRecord& record);
  // … and at once and often again, as something was heard of it, or a peer came that may have it.
  void FetchConflictCopyAnew(const ConflictRecord& record);
  // A peer announced it, be it known already: that peer may have the losing content now.
  void OnRecordHeard(const ConflictRecord& record);

  // The bytes of this file are not what the row says although nobody changed it: the right ones are
  // brought from another place or replica, the damaged ones are kept. False: it is busy already.
  bool Repair(const IndexRow& row);
  // The file is gone although nobody deleted it: it is brought from a kept version or a replica;
  // on_brought() says how it went: kNotFound when every replica was asked and none has it. False:
  // not now.
  bool BringBack(const IndexRow& row);
  // The same, as a person does not want what happened to the file here: where `stands` is given,
  // that content is what stands there now, and goes to the kept versions. Where another replica has
  // replaced or deleted what the row says, that is done instead: nobody may have the old content.
  bool TakeBack(const IndexRow& row, const std::optional<Standing>& stands);
  // Files that could not be written at the last try: a program has them open, or rights are
  // missing. Those that cannot be read either the scanner lists.
  uint64_t files_locked() const;
  void ListLocked(OldestHeld& out) const;
  std::optional<HeldFile> LockedAt(const RelPath& path) const;
  bool AnyLocked(const RelPath& path) const;  // at or below it
  // Tries all of them at or below `path` again now. False: there is none.
  bool TryLocked(const RelPath& path);

  // Needs at or below `path` come before all others.
  void Hurry(const RelPath& path);

  std::function<void()> on_progress;
  std::function<void(const RelPath& path, const Status& status)> on_brought;
  // Bytes that a third program wrote in the instant of a swap and that could not be put back.
  std::function<void(const RelPath& path, const RelPath& kept_at)> on_late_write;

 private:
  struct Work {
    Need need;
    Plan plan;
    std::vector<RelPath> local_sources;    // tried first, last one first
    std::vector<FetchFile::Source> peers;  // then these
    StageTarget target;
    std::vector<ChunkRef> chunks;
    std::unique_ptr<FetchFile> fetch;
    uint64_t bytes_counted = 0;   // of bytes_in_flight_
    bool holds_mark = false;      // in obtaining_
    bool conflict_copy = false;   // staged → conflicts/, nothing else
    bool hopeless = false;        // a conflict copy that was looked for in vain often enough
    bool brings_back = false;     // on_brought() is told, once
    ReplicaId asked;              // last
    std::set<ReplicaId> lacking;  // of those that were asked
    bool at_gate = false;         // staged; the database was asked
    bool answers_all = false;     // its commit leaves no need of this path
    ContentHash conflict_id;
  };
  struct Deferred {
    int64_t until_ms = 0;
    int attempts = 0;
    bool locked = false;          // the system did not let it be written at the last try …
    int64_t locked_since_ms = 0;  // … and since when (retention clock); 0 = it always did
  };
  struct Arrived {
    RelPath path;
    protocol::ContentReply reply;
  };

  void Pump();
  bool HasRoom() const;
  bool Next(Need& need);
  void Begin(Need need);
  bool WaitsWithContent(const Need& need, const Plan& plan);
  bool MayRepair(const RelPath& path) const;
  bool TakeNewer(const IndexRow& row, const std::optional<Standing>& stands);
  void ExpectStanding(Plan& plan, const std::optional<Standing>& stands);
  Work& BeginRepair(const IndexRow& row, const char* reason);
  void MayAskEverybody(Work& work);
  bool PassesGate(const RelPath& key);
  void Park(const RelPath& key);
  bool ReadyForDirectory(const Need& need, const std::optional<IndexRow>& row);
  void DropNeed(const Need& need);
  void CommitPlan(Plan plan);
  // All needs of the path that `row` answers are done.
  // True: no need of that path is left.
  bool EraseAnsweredNeeds(const IndexRow& row, IndexBatch& batch);
  void Prepare(Work& work, const std::vector<Need>& needs);  // all of work.need.path
  void Obtain(const RelPath& key);
  // One path at a time asks peers for a content. False: another one does, and this one has to wait.
  bool TakeMark(const RelPath& key);
  void ReleaseMark(const ContentHash& hash);
  void Arrive(const RelPath& key, protocol::ContentReply reply);
  void CopyLocally(const RelPath& key);
  bool LeavingItsPlace(const RelPath& source, const ContentHash& hash);
  void WaitForLocalContent(const RelPath& key);
  void AskPeer(const RelPath& key);
  void AskWhole(const RelPath& key, FetchFile::Source source, PeerLink* link);
  void AskChunks(const RelPath& key, FetchFile::Source source);
  void StageArrived();
  void OnReceived(const RelPath& key, const Status& status);
  void OnObtained(const RelPath& key, const Status& status);
  void OnStaged(const RelPath& key);
  static bool NeedStillStands(Need& need, const std::vector<Need>& needs, bool& changed);
  bool PlanStillHolds(Work& work);
  void OnApplied(ApplyItem item, SwapResult result);
  void TellOfLateCopy(const ContentHash& conflict_id, IndexBatch& batch);
  void OnConflictCopyStaged(const RelPath& key);
  void FinishWork(const RelPath& key);
  void TellBrought(Work& work, const Status& status);
  void Defer(const RelPath& path, int64_t min_pause_ms);
  void ArmTimer(int64_t due_ms);
  void OnTrouble(const RelPath& path, const Status& status);
  void HoldLocked(const RelPath& path, const Status& status);
  bool IsLocked(const RelPath& path, const Deferred& deferred) const;
  HeldFile LockedFile(const RelPath& path, const Deferred& deferred) const;
  static bool WantsConflictCopy(const ConflictRecord& record);
  void StartConflictCopies();
  void BeginConflictCopy(const ConflictRecord& record, bool hopeless);
  void CheckSpace();
  PeerLink* LinkOf(const ReplicaId& id);

  Core& core_;
  Peers& peers_;
  Scanner& scanner_;
  Gate& gate_;
  Applier applier_;
  std::map<RelPath, Work> in_flight_;                    // conflict copies under their kept place
  std::map<ContentHash, std::vector<RelPath>> waiters_;  // in deferred_, too
  std::set<ContentHash> obtaining_;  // one path at a time gets a content; others copy it then
  std::map<RelPath, Deferred> deferred_;
  WantedCopies copies_wanted_;
  std::vector<Need> page_;          // in reverse order
  std::deque<RelPath> hurried_;     // at or below these first; at most kHurriedMax
  std::vector<Need> hurried_page_;  // of the first of them, in reverse order
  uint64_t cursor_ = 0;             // arrival of the last need taken from the index
  uint64_t bytes_in_flight_ = 0;
  size_t hopeless_in_flight_ = 0;
  std::vector<Arrived> arrived_;
  bool stage_posted_ = false;
  bool pump_posted_ = false;
  bool looking_ = false;  // a look at the needs goes on in the next turn
  bool woken_ = false;    // since; it begins anew when it is over
  bool stopped_ = true;
  bool disk_full_ = false;        // nothing is begun
  bool volume_was_full_ = false;  // until something was written again
  bool space_checked_ = false;
  TimerId timer_ = 0;
  int64_t timer_due_ms_ = 0;
};

}  // namespace atozsync
