// Reconcile: what to do about a version of a path that a peer has and we may not.
//
// Pure and total: one labelled decision table (reconcile.cc, docs/reconcile.md), first matching row
// decides, a test enumerates every situation. No I/O, no clock, no randomness. Every replica that
// compares the same two versions comes to the same result, so no messages are needed to agree.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sync/model/conflict.h"
#include "sync/model/file_version.h"

namespace atozsync {

enum class Outcome : uint8_t {
  kIgnore,        // nothing is or was here that matters
  kKeep,          // ours already includes it
  kAdopt,         // same content: only vector, times and acknowledgements change
  kTake,          // theirs replaces ours, which they had seen
  kTakeMerged,    // the same without a conflict although concurrent; vectors merge
  kKeepMerged,    // ours stays without a conflict although concurrent; vectors merge
  kConflictTake,  // theirs wins, ours is kept and logged
  kConflictKeep,  // ours wins, theirs is kept and logged
};
const char* OutcomeName(Outcome outcome);

enum class LocalKind : uint8_t {
  kAbsent,
  kTombstone,
  kCompleteTombstone,
  kFile,
  kDir,
  kUnversionedFile,
  kUnversionedDir
};
enum class RemoteKind : uint8_t {
  kTombstone,
  kCompleteTombstone,
  kForgottenTombstone,
  kFile,
  kDir
};

// All that the decision depends on. Not every combination can occur; each has an answer.
struct Situation {
  LocalKind local = LocalKind::kAbsent;
  RemoteKind remote = RemoteKind::kFile;
  VectorOrder order = VectorOrder::kBefore;  // ours compared with theirs
  bool same_content = false;
  bool ours_in_their_chain = false;  // they replaced (or deleted) exactly what we have
  bool theirs_in_our_chain = false;
  bool theirs_ranks_higher = false;  // CompareRank
  bool authority_is_theirs = false;  // for unversioned files that differ
};

struct DecisionRow {
  const char* label;  // stands in records, logs and `explain`
  const char* words;  // for a person
  bool (*matches)(const Situation&);
  Outcome outcome;
};
const std::vector<DecisionRow>& DecisionTable();

struct Decision {
  Outcome outcome = Outcome::kIgnore;
  const DecisionRow* row = nullptr;  // never null in what Reconcile returns
};

struct LocalView {
  const FileVersion* version = nullptr;  // null: no row
  bool unversioned = false;
};

struct ReconcileContext {
  // Of two versions of a file that never met: is theirs to stay?
  bool authority_is_theirs = true;
  // Every present member has this deletion and knows that all have it.
  bool remote_is_forgotten = false;
};

Situation Observe(const LocalView& local, const FileVersion& remote, const ReconcileContext& ctx);
// The first row that matches. Total.
const DecisionRow& Decide(const Situation& situation);
Decision Reconcile(const LocalView& local, const FileVersion& remote, const ReconcileContext& ctx);

// The version that results where both were concurrent (or equal in content): the greater by rank,
// or the one the chain rule chose, with merged vectors. The same whoever computes it. REQUIRES:
// outcome is kAdopt, kTakeMerged, kKeepMerged, kConflictTake or kConflictKeep.
FileVersion ResultingVersion(const FileVersion& local, const FileVersion& remote, Outcome outcome);

// A version that a person made having seen the other, whatever stood at the path: it includes the
// other and names it as what it was put over, so that whoever has the other in a later version does
// not take his own chain for the last word. Unchanged where the two cannot be joined within bounds.
FileVersion MadeOver(FileVersion decision, const FileVersion& seen);

// REQUIRES: they conflict.
ConflictKind KindOfConflict(const FileVersion& local, const FileVersion& remote);

}  // namespace atozsync
