#include "sync/engine/planner.h"

#include <algorithm>

#include "sync/base/planted_fault.h"
#include "sync/base/probe.h"

namespace atozsync {

bool Includes(const std::vector<uint32_t>& set, const std::vector<uint32_t>& members) {
  return std::includes(set.begin(), set.end(), members.begin(), members.end());
}

namespace {

constexpr std::string_view kConflictKeptPrefix = "conflict-";

void Insert(std::vector<uint32_t>& set, uint32_t member) {
  auto at = std::lower_bound(set.begin(), set.end(), member);
  if (at == set.end() || *at != member) set.insert(at, member);
}

}  // namespace

void AcknowledgeTombstone(FileVersion& version, uint32_t self,
                          const std::vector<uint32_t>& members) {
  if (version.exists()) return;
  Insert(version.known_by, self);
  bool all_know = Includes(version.known_by, members);
  if (all_know || Planted(PlantedFault::kTombstoneCompleteEarly)) {
    Insert(version.complete_by, self);
  }
}

std::string ConflictKeptId(const ContentHash& conflict_id) {
  return std::string(kConflictKeptPrefix) + conflict_id.ToHex();
}

std::string ConflictKeptId(const RelPath& copy) {
  return std::string(kConflictKeptPrefix) + std::string(copy.name());
}

Result<ContentHash> ConflictOfKeptId(std::string_view kept_id) {
  if (!kept_id.starts_with(kConflictKeptPrefix)) {
    return Status(Errc::kInvalid, std::string(kept_id) + ": not kept for a conflict");
  }
  std::string_view rest = kept_id.substr(kConflictKeptPrefix.size());
  return ContentHash::Parse(rest.substr(0, rest.find('-')));
}

std::optional<ConflictRecord> OpenConflictOf(const Core& core, const KeptVersion& kept) {
  if (core.index.open_conflicts() == 0) return std::nullopt;
  // The losing bytes may have been kept as a replaced version, before the conflict was known here.
  for (const ConflictRecord& record : core.index.Conflicts()) {
    bool loser = record.state == ConflictState::kOpen && record.path == kept.path &&
                 record.loser.kind == VersionKind::kFile && record.loser.hash == kept.version.hash;
    if (loser) return record;
  }
  Result<ContentHash> conflict = ConflictOfKeptId(kept.id);
  if (!conflict.ok()) return std::nullopt;
  std::optional<ConflictRecord> record = core.index.Conflict(*conflict);
  return record && record->state == ConflictState::kOpen ? record : std::nullopt;
}

void EraseKept(const Core& core, const KeptVersion& kept, IndexBatch& batch) {
  batch.erased_kept.push_back(kept.id);
  std::optional<ConflictRecord> record = OpenConflictOf(core, kept);
  if (!record) return;
  Probe(ProbeId::kConflictCopyGone);
  batch.conflicts.push_back(std::move(*record));
}

ConflictRecord MakeConflict(const Core& core, const RelPath& path, ConflictKind kind,
                            const FileVersion& winner, const FileVersion& loser,
                            const std::string& rule) {
  ConflictRecord record;
  record.id = ConflictId(path, kind, loser);
  record.path = path;
  record.kind = kind;
  record.winner = winner;
  record.loser = loser;
  for (FileVersion* version : {&record.winner, &record.loser}) {
    version->known_by.clear();
    version->complete_by.clear();
  }
  record.detected_ms = core.clock.WallMs();
  record.rule = rule;
  return record;
}

namespace {

// Is our row's history worth something against that version? Not when it was found without one, nor
// when the version holds a change of ours that the row does not: then the index was rolled back,
// and counters given since mean something else to others. The contents are compared instead. Not
// so where the row may be without it because a deletion was forgotten.
bool WithoutHistory(const Core& core, const IndexRow& row, const FileVersion& remote) {
  if (row.unversioned) return true;
  if (Planted(PlantedFault::kAcceptOldIndex)) return false;
  for (const VersionVector::Entry& entry : remote.vector.entries()) {
    if (!core.MadeChangesHere(entry.author)) continue;
    if (entry.counter <= row.version.vector.CounterOf(entry.author)) continue;
    if (entry.counter <= core.ForgottenUpTo(entry.author)) continue;
    Probe(ProbeId::kForgottenOwnChange);
    return true;
  }
  return false;
}

}  // namespace

Decision DecideFor(const Core& core, const std::vector<uint32_t>& members, const IndexRow* row,
                   const FileVersion& remote) {
  LocalView local;
  ReconcileContext ctx;
  if (row != nullptr) {
    local.version = &row->version;
    local.unversioned = WithoutHistory(core, *row, remote);
    switch (core.authority()) {
      case Authority::kInviter: ctx.authority_is_theirs = true; break;
      case Authority::kMine: ctx.authority_is_theirs = false; break;
      case Authority::kNewest:
        ctx.authority_is_theirs = remote.mtime_ns >= row->version.mtime_ns;
        break;
    }
  }
  ctx.remote_is_forgotten = !remote.exists() && Includes(remote.complete_by, members);
  Decision decision = Reconcile(local, remote, ctx);
  // What has no history gets a version of its own later, when all has been compared. A row that has
  // one would stay below theirs for ever.
  bool has_version = row != nullptr && !row->unversioned;
  if (local.unversioned && has_version && decision.outcome == Outcome::kKeep) {
    decision.outcome = Outcome::kKeepMerged;
  }
  return decision;
}

namespace {

constexpr uint64_t kDistinctBound = 1u << 24;  // tells kept files of one name and moment apart

}  // namespace

void KeepReplaced(Core& core, Plan& plan, const char* why) {
  uint64_t distinct = core.random.Below(kDistinctBound);
  int64_t now_ms = core.KeptMs();
  const FileVersion& stands = plan.stands ? *plan.stands : plan.base->version;
  plan.order.kept_at = layout::KeptVersion(plan.path, now_ms, stands.hash, distinct);
  plan.kept_id = std::to_string(now_ms) + "-" + std::to_string(distinct);
  plan.kept_why = why;
}

namespace {

bool LiveFile(const std::optional<IndexRow>& row) {
  return row && row->version.kind == VersionKind::kFile;
}

void ProbeConflict(ConflictKind kind, bool unversioned) {
  if (unversioned) Probe(ProbeId::kConflictUnversioned);
  switch (kind) {
    case ConflictKind::kEditEdit: Probe(ProbeId::kConflictEditEdit); break;
    case ConflictKind::kCreateCreate: Probe(ProbeId::kConflictCreateCreate); break;
    case ConflictKind::kEditDelete: Probe(ProbeId::kConflictEditDelete); break;
    case ConflictKind::kType: Probe(ProbeId::kConflictType); break;
    case ConflictKind::kCase:
    case ConflictKind::kLateWrite: break;  // never made by comparing
  }
}

// How the folder gets from `base` to `target`. False: it is there already.
bool FillOrder(Core& core, Plan& plan) {
  const std::optional<IndexRow>& base = plan.base;
  SwapOrder& order = plan.order;
  order.path = plan.path;
  order.mtime_ns = plan.target.mtime_ns;
  if (base && base->version.exists()) order.expected_kind = base->version.kind;
  if (LiveFile(base)) order.expected = base->stamp;
  VersionKind there = order.expected_kind;
  switch (plan.target.kind) {
    case VersionKind::kTombstone:
      if (there == VersionKind::kTombstone) return false;
      order.op = SwapOp::kRemove;
      break;
    case VersionKind::kDir:
      if (there == VersionKind::kDir) return false;
      order.op = SwapOp::kDir;
      break;
    case VersionKind::kFile:
      if (LiveFile(base) && base->version.SameContent(plan.target)) {
        if (base->version.mtime_ns == plan.target.mtime_ns) return false;
        order.op = SwapOp::kTouch;
      } else {
        order.op = SwapOp::kPlace;
        plan.needs_content = true;
      }
      break;
  }
  if (order.op == SwapOp::kTouch || there == VersionKind::kTombstone) return true;
  bool conflict_copy =
      plan.conflict && LiveFile(base) && plan.conflict->loser.hash == base->version.hash;
  if (conflict_copy) {
    order.kept_at = layout::ConflictCopy(plan.conflict->id, core.random.Below(kDistinctBound));
    plan.kept_id = ConflictKeptId(order.kept_at);
    plan.kept_why = "conflict";
  } else {
    KeepReplaced(core, plan, plan.target.exists() ? "replaced" : "deleted");
  }
  return true;
}

}  // namespace

Plan MakePlan(Core& core, const std::vector<uint32_t>& members, std::optional<IndexRow> row,
              const RelPath& path, const FileVersion& remote) {
  Plan plan;
  plan.path = path;
  plan.base = std::move(row);
  const IndexRow* base = plan.base ? &*plan.base : nullptr;
  Decision decision = DecideFor(core, members, base, remote);
  plan.reason = std::string(decision.row->label) + ": " + decision.row->words;
  FileVersion local = base != nullptr ? base->version : FileVersion();
  bool conflict =
      decision.outcome == Outcome::kConflictTake || decision.outcome == Outcome::kConflictKeep;
  if (decision.outcome == Outcome::kIgnore || decision.outcome == Outcome::kKeep) return plan;
  if (LiveFile(plan.base) && !base->stamp.trusted() && decision.outcome != Outcome::kAdopt) {
    Probe(ProbeId::kLookFirst);
    plan.kind = PlanKind::kLookFirst;
    return plan;
  }
  if (conflict) {
    bool unversioned = WithoutHistory(core, *base, remote);
    ProbeConflict(KindOfConflict(local, remote), unversioned);
    if (unversioned) local = core.Versioned(*base);
  }
  plan.target = decision.outcome == Outcome::kTake
                    ? remote
                    : ResultingVersion(local, remote, decision.outcome);
  AcknowledgeTombstone(plan.target, core.prefix(), members);
  if (conflict && !Planted(PlantedFault::kConflictNotLogged)) {
    bool theirs_wins = decision.outcome == Outcome::kConflictTake;
    plan.conflict = MakeConflict(core, path, KindOfConflict(local, remote), plan.target,
                                 theirs_wins ? local : remote, decision.row->label);
  }
  bool folder_changes = FillOrder(core, plan);
  plan.kind = folder_changes ? PlanKind::kSwap : PlanKind::kCommit;
  bool nothing_new = base != nullptr && !base->unversioned && plan.target == base->version;
  if (!folder_changes && nothing_new) {
    Probe(ProbeId::kNeedAnswered);
    plan.kind = PlanKind::kDrop;
  }
  return plan;
}

Plan RevivePlan(Core& core, const IndexRow& dir, const FileVersion& remote) {
  Plan plan;
  plan.path = dir.path;
  plan.base = dir;
  plan.kind = PlanKind::kCommit;
  Probe(ProbeId::kDirRevived);
  IndexRow merged = dir;
  merged.version.vector = dir.version.vector.Merged(remote.vector);
  plan.target = core.NextVersion(&merged, VersionKind::kDir, 0, {}, 0);
  plan.conflict = MakeConflict(core, dir.path, KindOfConflict(dir.version, remote), plan.target,
                               remote, "dir-revived");
  plan.reason = "dir-revived: removed elsewhere, but something new is in it here";
  return plan;
}

}  // namespace atozsync
