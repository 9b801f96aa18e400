// Planner: turns one decision of the table into what has to be done about one path: nothing, a
// commit, or a swap with or without content. Reads the index, changes nothing. Loop thread only.
#pragma once

#include <optional>
#include <string>

#include "sync/engine/core.h"
#include "sync/engine/swap.h"
#include "sync/model/reconcile.h"

namespace atozsync {

enum class PlanKind : uint8_t {
  kDrop,       // nothing to do: the need is out of date
  kCommit,     // the folder is right already; only the row changes
  kSwap,       // the folder changes
  kLookFirst,  // what stands here is not known well enough: the scanner looks, then again
};

// A content that stands in the folder and in no row.
struct Standing {
  FileVersion version;  // kind, size, time and hash only
  FileStamp stamp;
};

struct Plan {
  PlanKind kind = PlanKind::kDrop;
  RelPath path;
  FileVersion target;            // the row's version afterwards
  bool needs_content = false;    // target.hash has to be staged first
  SwapOrder order;               // order.staged is filled in when staged
  std::optional<IndexRow> base;  // the row this was planned on
  // What stands there and is to be kept, where it is known not to be what `base` says.
  std::optional<FileVersion> stands;
  std::optional<ConflictRecord> conflict;
  std::string kept_id;  // of what is kept; empty = nothing is
  std::string kept_why;
  std::string reason;  // label and words, for `explain`
};

// The path's answer to one announced version.
Plan MakePlan(Core& core, const std::vector<uint32_t>& members, std::optional<IndexRow> row,
              const RelPath& path, const FileVersion& remote);

// The decision alone.
Decision DecideFor(const Core& core, const std::vector<uint32_t>& members, const IndexRow* row,
                   const FileVersion& remote);

// What stands at plan.path now (plan.stands, or else plan.base) goes to the kept versions, under a
// name of its own. REQUIRES: plan.base.
void KeepReplaced(Core& core, Plan& plan, const char* why);

// A directory that was deleted elsewhere while something new was made in it here: it stays.
Plan RevivePlan(Core& core, const IndexRow& dir, const FileVersion& remote);

// This replica has the deletion; and when all members have it, it knows so.
void AcknowledgeTombstone(FileVersion& version, uint32_t self,
                          const std::vector<uint32_t>& members);
bool Includes(const std::vector<uint32_t>& set, const std::vector<uint32_t>& members);

ConflictRecord MakeConflict(const Core& core, const RelPath& path, ConflictKind kind,
                            const FileVersion& winner, const FileVersion& loser,
                            const std::string& rule);
// Why something is kept: its bytes are not what its row says.
inline constexpr char kKeptDamaged[] = "damaged";
// Ids of kept versions that are losing contents: "conflict-", the conflict's id and what tells one
// copy from another. There can be two: one is on its way from a peer while the swap puts the other
// aside, and each needs a row of its own. A late write's bytes exist once; nothing follows its id.
std::string ConflictKeptId(const ContentHash& conflict_id);
std::string ConflictKeptId(const RelPath& copy);  // REQUIRES: a layout::ConflictCopy()
Result<ContentHash> ConflictOfKeptId(std::string_view kept_id);
// The open conflict whose losing bytes these are.
std::optional<ConflictRecord> OpenConflictOf(const Core& core, const KeptVersion& kept);
// It is gone from the disk. The losing bytes of an open conflict are wanted again: its record
// counts as told anew, here and to the others.
void EraseKept(const Core& core, const KeptVersion& kept, IndexBatch& batch);

}  // namespace atozsync
