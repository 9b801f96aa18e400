// ConflictRecord: one logged conflict. Replicates like a row; merging two records of the same id
// gives the same result in any order (docs/reconcile.md, "Conflicts").
#pragma once

#include <cstdint>
#include <string>

#include "sync/base/ids.h"
#include "sync/base/rel_path.h"
#include "sync/model/file_version.h"

namespace atozsync {

// The numbers are on disk and on the wire: do not change them.
enum class ConflictKind : uint8_t {
  kEditEdit = 1,
  kCreateCreate = 2,
  kEditDelete = 3,  // outcome: the edit stays; a person reviews
  kType = 4,        // file against directory: the directory stays
  kCase = 5,        // two names that differ in letter case only: both stay, `other_path` names one
  kLateWrite = 6,   // a program wrote to a file after it was replaced
};
const char* ConflictKindName(ConflictKind kind);  // "edit-edit" …
Result<ConflictKind> ParseConflictKind(std::string_view name);

enum class ConflictState : uint8_t {
  kOpen = 0,
  kKeptWinner = 1,
  kKeptLoser = 2,
  kKeptBoth = 3,
  kGone = 4,  // the reason vanished by itself (case clash whose other name is gone)
};
const char* ConflictStateName(ConflictState state);  // "open", "kept-winner" …

struct ConflictRecord {
  ContentHash id;  // ConflictId(): the same on every replica
  RelPath path;
  RelPath other_path;  // kCase only
  ConflictKind kind = ConflictKind::kEditEdit;
  FileVersion winner;       // what stood in the folder after the decision
  FileVersion loser;        // what lost; its bytes are kept unless it is a deletion or a directory
  int64_t detected_ms = 0;  // wall time of the first replica that saw it; earliest wins in a merge
  ConflictState state = ConflictState::kOpen;
  uint64_t state_hlc = 0;  // later state wins; 0: never decided
  std::string rule;        // label of the row of the decision table

  bool operator==(const ConflictRecord&) const = default;
};

// From path, kind, the losing dot and the losing content. XXH3-128, no key: it is a name.
ContentHash ConflictId(const RelPath& path, ConflictKind kind, const FileVersion& loser);
// REQUIRES: a.id == b.id. Commutative, associative, idempotent.
ConflictRecord MergeConflicts(const ConflictRecord& a, const ConflictRecord& b);

}  // namespace atozsync
