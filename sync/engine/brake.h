// Brake: when more than a stated share of the folder is deleted here, or rewritten into something
// that is not what its name says, within a window of time, these changes stay here until a person
// says what to do: a wrong command, a volume that is mounted by half, or a program that encrypts
// does not reach the other replicas. docs/brake.md has the rules and their reasons.
//
// The scanner asks before it commits a version. What is held is in no row: the next start finds it
// again, and only that the brake has tripped is written down. Nothing that arrives for a held path
// is placed meanwhile: it expects what the row says. Loop thread only.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sync/engine/check_job.h"
#include "sync/engine/core.h"
#include "sync/engine/oldest_held.h"
#include "sync/engine/planner.h"

namespace atozsync {

class Brake {
 public:
  // More are found again when these are decided. Some 300 bytes each.
  static constexpr size_t kHeldMax = 100'000;

  explicit Brake(Core& core);
  void Start();
  bool on() const { return core_.options.brake.share > 0; }

  // --- asked by the scanner ---
  // These are gone, of `missing` that seem to be: is that a burst? Then it is judged as a whole.
  void ExpectGone(const std::vector<RelPath>& gone, size_t missing);
  // `explained`: the database says that somebody deleted the document.
  bool MayLeave(const IndexRow& row, bool explained);
  bool MayChange(const IndexRow& row, const CheckResult& found);
  // As its row says, or as StampOf() does.
  void OnStands(const RelPath& path, const FileStat& stat);
  // Of a rewritten content that is held.
  std::optional<FileStamp> StampOf(const RelPath& path) const;
  // The folder was looked through, and nothing waits to be looked at.
  void OnScanned();
  void OnCommitted(const IndexBatch& batch);

  // Look at this name; `gone`: its deletion may be announced.
  std::function<void(const RelPath& path, bool gone)> look_again;
  std::function<void()> scan_all;
  // Has something happened to it that is not known yet?
  std::function<bool(const RelPath& path)> unsure;
  // Brings back what the row says; answers with OnBrought(). False: not now.
  std::function<bool(const IndexRow& row, const std::optional<Standing>& stands)> take_back;
  void OnBrought(const RelPath& path, const Status& status);
  std::function<void()> on_progress;

  // --- what people see and decide ---
  // Of what is held at or below `path`. False: nothing is.
  bool Release(const RelPath& path);
  bool Revert(const RelPath& path);
  void List(OldestHeld& out) const;
  bool tripped() const { return tripped_; }
  size_t held() const { return tripped_ ? held_.size() : 0; }
  // Nothing waits here, for a person or for being judged.
  bool idle() const { return held_.empty() && !tripped_; }

 private:
  enum class Stage : uint8_t {
    kGathered,   // not judged yet
    kHeld,       // a person decides
    kReverting,  // and has: it is being brought back
  };
  struct Held {
    Stage stage = Stage::kGathered;
    int64_t since_ms = 0;            // KeptMs()
    std::optional<Standing> stands;  // nothing: it was deleted
    ContentHash former;
    bool nobody_has_it = false;  // by the last try to bring it back
  };
  using HeldMap = std::map<RelPath, Held>;

  uint64_t Limit() const;
  size_t CountFiles(const RelPath& path, size_t enough) const;
  // The same content stands under another name: it was moved, or is one of several.
  bool StandsElsewhere(const IndexRow& row) const;
  // Another replica deleted it as well: there is nothing to keep from it.
  bool DeletedElsewhere(const RelPath& path) const;
  void PruneRecent();
  void Count(const RelPath& path);
  // May this rewritten file go at once? Counts it.
  bool IsFree(const RelPath& path);
  // False: there is no room for it. It is found again later.
  bool Hold(const IndexRow& row, std::optional<Standing> stands);
  void Forget(const RelPath& path);
  HeldMap::iterator Erase(HeldMap::iterator at);
  // `if_elsewhere`: only as long as its content stands under another name.
  void LetGo(const RelPath& path, bool if_elsewhere);
  void Consider(bool quiet);
  void Judge();
  void SetTripped(bool tripped);
  void EndIfEmpty();
  std::vector<RelPath> HeldAt(const RelPath& path) const;
  void PumpReverts();
  void RevertLater();
  void RevertOne(const RelPath& path);

  Core& core_;
  HeldMap held_;
  std::multimap<ContentHash, RelPath> deleted_contents_;  // of those that are held
  bool more_ = false;                                     // than there was room for
  // What was announced and counts, and when, MonoMs(). As many as Limit() at most.
  std::map<RelPath, int64_t> recent_;
  std::deque<int64_t> free_rewrites_;  // when they went, MonoMs(); a part of Limit() at most
  // What may be announced when the scanner sees it next. As many as were held at most.
  struct Approval {
    ContentHash hash;  // empty: that it was deleted
    bool if_elsewhere = false;
  };
  std::map<RelPath, Approval> approved_;
  bool bursting_ = false;
  size_t gathered_ = 0;
  bool rewrites_gathered_ = false;
  int64_t gathering_since_ms_ = 0;  // MonoMs()
  bool tripped_ = false;
  int64_t tripped_since_ms_ = 0;  // KeptMs()
  std::deque<RelPath> reverts_;   // still to be begun
  std::set<RelPath> reverting_;   // under way
  bool reverts_due_ = false;
};

}  // namespace atozsync
