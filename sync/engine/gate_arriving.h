// ArrivingGate: a new file in a patient's folder appears only when the local database shows the row
// that names it. Open Dental makes a row of its own for every file in a patient's folder that has
// none, each time somebody opens that patient: a file that comes before its row would get two.
//
// The content is staged at once and waits in .atozsync/staging under its hash; the need stays in
// the index. After options.GateWaitMs() it appears anyway: nothing waits for ever. Loop thread
// only.
#pragma once

#include <functional>
#include <map>
#include <vector>

#include "sync/engine/ask_in_parts.h"
#include "sync/engine/planner.h"

namespace atozsync {

class ArrivingGate {
 public:
  ArrivingGate(Core& core, RowSource* rows, RowQuestions* questions);

  // Finds what waited when the last life ended.
  void Start(UniqueFunction<void()> done);

  // Does `plan` bring a file into a patient's folder where none stands?
  bool Concerns(const Plan& plan) const;
  enum class Pass : uint8_t {
    kOpen,    // it may appear
    kAsking,  // on_answer comes, once
    kWait,    // not yet: park it; on_open comes
  };
  Pass MayAppear(const RelPath& path);
  // The content is safe in staging, as layout::Held(hash).
  bool HasContent(const ContentHash& hash) const { return contents_.contains(hash); }
  void Park(const RelPath& path, const ContentHash& hash);
  bool parked(const RelPath& path) const;
  // Its need is answered, or is not one of these any more.
  void Forget(const RelPath& path);

  std::function<void(const RelPath&)> on_answer;
  std::function<void(const RelPath&)> on_open;  // of a parked one

  // Adds to a commit what the notes have to say of its rows; called before each.
  void AddNotes(const IndexRow& row, GateNote& note) const;
  void OnCommitted(const IndexBatch& batch);
  // True: it is one of these.
  bool OnRowState(const RelPath& path, RowState state, IndexBatch& batch);
  // Rows of files below `dir` may have come: they are asked for in later turns.
  void OnRowsChanged(const RelPath& dir);

  bool Release(const RelPath& path);
  void List(OldestHeld& out) const;
  size_t waiting() const { return waiting_; }
  size_t parked_count() const { return parked_; }

 private:
  struct Arriving {
    int64_t since_ms = 0;  // Core::KeptMs()
    int attempts = 0;
    RowState last = RowState::kUnknown;
    Pass pass = Pass::kAsking;
    bool parked = false;
    ContentHash hash;
  };

  void Open(const RelPath& path, Arriving& arriving);
  void Unpark(Arriving& arriving);
  void DropContent(const ContentHash& hash);
  void DropUnwanted(std::map<ContentHash, size_t> found);

  Core& core_;
  RowSource* const rows_;
  RowQuestions* const questions_;
  std::map<RelPath, Arriving> arriving_;    // some 200 bytes for each file that waits
  std::map<ContentHash, size_t> contents_;  // held in staging → parked paths that want it
  size_t waiting_ = 0;
  size_t parked_ = 0;
  AskInParts parts_;
};

}  // namespace atozsync
