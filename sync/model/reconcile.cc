#include "sync/model/reconcile.h"

#include <algorithm>

#include "sync/base/planted_fault.h"
#include "sync/base/probe.h"

namespace atozsync {

const char* OutcomeName(Outcome outcome) {
  switch (outcome) {
    case Outcome::kIgnore: return "ignore";
    case Outcome::kKeep: return "keep";
    case Outcome::kAdopt: return "adopt";
    case Outcome::kTake: return "take";
    case Outcome::kTakeMerged: return "take-merged";
    case Outcome::kKeepMerged: return "keep-merged";
    case Outcome::kConflictTake: return "conflict-take";
    case Outcome::kConflictKeep: return "conflict-keep";
  }
  return "unknown";
}

namespace {

bool Unversioned(const Situation& s) {
  return s.local == LocalKind::kUnversionedFile || s.local == LocalKind::kUnversionedDir;
}
bool LocalGone(const Situation& s) {
  return s.local == LocalKind::kTombstone || s.local == LocalKind::kCompleteTombstone;
}
bool RemoteGone(const Situation& s) {
  return s.remote != RemoteKind::kFile && s.remote != RemoteKind::kDir;
}
// Everybody had the deletion when it was completed: whatever does not include it came later.
bool RemoteComplete(const Situation& s) {
  return s.remote == RemoteKind::kCompleteTombstone || s.remote == RemoteKind::kForgottenTombstone;
}
bool IsDir(const Situation& s, bool ours) {
  return ours ? s.local == LocalKind::kDir || s.local == LocalKind::kUnversionedDir
              : s.remote == RemoteKind::kDir;
}
bool Concurrent(const Situation& s) {
  return s.order == VectorOrder::kConcurrent;
}

}  // namespace

const std::vector<DecisionRow>& DecisionTable() {
  using S = const Situation&;
  static const std::vector<DecisionRow> table = {
      // Nothing known here.
      {"forgotten", "everyone has forgotten this deletion",
       [](S s) {
         return s.local == LocalKind::kAbsent && s.remote == RemoteKind::kForgottenTombstone;
       },
       Outcome::kIgnore},
      {"new-deletion", "deleted elsewhere, never seen here",
       [](S s) { return s.local == LocalKind::kAbsent && RemoteGone(s); }, Outcome::kTake},
      {"new", "new elsewhere", [](S s) { return s.local == LocalKind::kAbsent; }, Outcome::kTake},

      // A folder that joined, or whose index was lost: content without history.
      {"adopt-equal", "the same content was here before joining",
       [](S s) { return Unversioned(s) && s.same_content; }, Outcome::kAdopt},
      {"adopt-older", "what was here before joining is an older version of it",
       [](S s) { return Unversioned(s) && s.ours_in_their_chain; }, Outcome::kTake},
      {"adopt-after-deletion", "an old deletion that everyone has; this came later",
       [](S s) { return Unversioned(s) && RemoteComplete(s); }, Outcome::kKeep},
      {"adopt-against-deletion", "deleted elsewhere, but this content is unknown there",
       [](S s) { return Unversioned(s) && RemoteGone(s); }, Outcome::kConflictKeep},
      {"adopt-type-keep", "directory here, file there: the directory stays",
       [](S s) { return Unversioned(s) && IsDir(s, true); }, Outcome::kConflictKeep},
      {"adopt-type-take", "file here, directory there: the directory stays",
       [](S s) { return Unversioned(s) && IsDir(s, false); }, Outcome::kConflictTake},
      {"adopt-theirs", "different before joining: theirs was chosen",
       [](S s) { return Unversioned(s) && s.authority_is_theirs; }, Outcome::kConflictTake},
      {"adopt-mine", "different before joining: ours was chosen",
       [](S s) { return Unversioned(s); }, Outcome::kConflictKeep},

      // One has seen the other.
      {"older", "ours is newer", [](S s) { return s.order == VectorOrder::kAfter; },
       Outcome::kKeep},
      {"newer-equal", "theirs is newer with the same content",
       [](S s) { return s.order == VectorOrder::kBefore && s.same_content; }, Outcome::kAdopt},
      {"newer", "theirs is newer", [](S s) { return s.order == VectorOrder::kBefore; },
       Outcome::kTake},
      {"equal-deletions", "the same deletion: acknowledgements join",
       [](S s) { return s.order == VectorOrder::kEqual && LocalGone(s) && RemoteGone(s); },
       Outcome::kAdopt},
      // The same content from two hands met others in different orders: times and author agree,
      // too.
      {"equal-adopt", "the same content: theirs ranks higher",
       [](S s) {
         return s.order == VectorOrder::kEqual && s.same_content && s.theirs_ranks_higher;
       },
       Outcome::kAdopt},
      {"equal", "the same version",
       [](S s) { return s.order == VectorOrder::kEqual && s.same_content; }, Outcome::kKeep},
      // Three versions met in different orders on different replicas: the vectors agree already,
      // the rank makes the contents agree.
      {"split-take", "same history, different content: theirs ranks higher",
       [](S s) { return s.order == VectorOrder::kEqual && s.theirs_ranks_higher; },
       Outcome::kConflictTake},
      {"split-keep", "same history, different content: ours ranks higher",
       [](S s) { return s.order == VectorOrder::kEqual; }, Outcome::kConflictKeep},

      // At this point we know: concurrent, and ours has a history.
      {"same-edit", "both made the same content", [](S s) { return s.same_content; },
       Outcome::kAdopt},
      {"after-deletion-take", "made after a deletion that everyone had",
       [](S s) { return s.local == LocalKind::kCompleteTombstone; }, Outcome::kTakeMerged},
      {"after-deletion-keep", "made after a deletion that everyone had",
       [](S s) { return RemoteComplete(s); }, Outcome::kKeepMerged},
      {"chain-take", "theirs replaced exactly what we have",
       [](S s) { return s.ours_in_their_chain && !s.theirs_in_our_chain; }, Outcome::kTakeMerged},
      {"chain-keep", "ours replaced exactly what they have",
       [](S s) { return s.theirs_in_our_chain && !s.ours_in_their_chain; }, Outcome::kKeepMerged},
      {"edit-delete-keep", "edited here, deleted there: the edit stays",
       [](S s) { return Concurrent(s) && RemoteGone(s); }, Outcome::kConflictKeep},
      {"edit-delete-take", "deleted here, edited there: the edit stays",
       [](S s) { return Concurrent(s) && LocalGone(s); }, Outcome::kConflictTake},
      {"type-keep", "directory here, file there: the directory stays",
       [](S s) { return IsDir(s, true); }, Outcome::kConflictKeep},
      {"type-take", "file here, directory there: the directory stays",
       [](S s) { return IsDir(s, false); }, Outcome::kConflictTake},
      {"edit-edit-take", "edited on both sides: theirs was seen later",
       [](S s) { return s.theirs_ranks_higher; }, Outcome::kConflictTake},
      {"edit-edit-keep", "edited on both sides: ours was seen later", [](S) { return true; },
       Outcome::kConflictKeep},
  };
  return table;
}

namespace {

LocalKind KindOf(const LocalView& local) {
  if (local.version == nullptr) return LocalKind::kAbsent;
  bool is_dir = local.version->kind == VersionKind::kDir;
  if (local.version->kind == VersionKind::kTombstone) {
    return local.version->complete_by.empty() ? LocalKind::kTombstone
                                              : LocalKind::kCompleteTombstone;
  }
  if (local.unversioned) return is_dir ? LocalKind::kUnversionedDir : LocalKind::kUnversionedFile;
  return is_dir ? LocalKind::kDir : LocalKind::kFile;
}

RemoteKind KindOf(const FileVersion& remote, const ReconcileContext& ctx) {
  if (remote.kind == VersionKind::kDir) return RemoteKind::kDir;
  if (remote.kind == VersionKind::kFile) return RemoteKind::kFile;
  if (ctx.remote_is_forgotten) return RemoteKind::kForgottenTombstone;
  return remote.complete_by.empty() ? RemoteKind::kTombstone : RemoteKind::kCompleteTombstone;
}

}  // namespace

Situation Observe(const LocalView& local, const FileVersion& remote, const ReconcileContext& ctx) {
  Situation s;
  s.local = KindOf(local);
  s.remote = KindOf(remote, ctx);
  s.authority_is_theirs = ctx.authority_is_theirs;
  if (local.version == nullptr) return s;
  const FileVersion& ours = *local.version;
  s.order = ours.vector.Compare(remote.vector);
  if (Planted(PlantedFault::kOrderByFileTime) && ours.mtime_ns != remote.mtime_ns) {
    s.order = ours.mtime_ns < remote.mtime_ns ? VectorOrder::kBefore : VectorOrder::kAfter;
  }
  s.same_content = ours.SameContent(remote) || (Planted(PlantedFault::kMergeUnequalContents) &&
                                                ours.exists() && ours.kind == remote.kind);
  // Of what has no history only the content can be compared.
  s.ours_in_their_chain = local.unversioned
                              ? ours.kind == VersionKind::kFile && remote.ChainHas(ours.hash)
                              : remote.Replaced(ours);
  s.theirs_in_our_chain = ours.Replaced(remote);
  s.theirs_ranks_higher = CompareRank(remote, ours) > 0;
  return s;
}

const DecisionRow& Decide(const Situation& situation) {
  const auto& table = DecisionTable();
  auto row = std::find_if(table.begin(), table.end(),
                          [&](const DecisionRow& r) { return r.matches(situation); });
  CHECK(row != table.end());  // the last row matches everything
  return *row;
}

namespace {

// Which of the rare rows are ever reached.
void ProbeRow(std::string_view label) {
  static constexpr std::pair<std::string_view, ProbeId> kRare[] = {
      {"forgotten", ProbeId::kRowForgotten},
      {"adopt-equal", ProbeId::kRowAdoptEqual},
      {"adopt-older", ProbeId::kRowAdoptOlder},
      {"adopt-after-deletion", ProbeId::kRowAdoptAfterDeletion},
      {"adopt-against-deletion", ProbeId::kRowAdoptAgainstDeletion},
      {"adopt-type-keep", ProbeId::kRowAdoptTypeKeep},
      {"adopt-type-take", ProbeId::kRowAdoptTypeTake},
      {"adopt-theirs", ProbeId::kRowAdoptTheirs},
      {"adopt-mine", ProbeId::kRowAdoptMine},
      {"newer-equal", ProbeId::kRowNewerEqual},
      {"equal-adopt", ProbeId::kRowEqualAdopt},
      {"split-take", ProbeId::kRowSplitTake},
      {"split-keep", ProbeId::kRowSplitKeep},
      {"same-edit", ProbeId::kRowSameEdit},
      {"after-deletion-take", ProbeId::kRowAfterDeletionTake},
      {"after-deletion-keep", ProbeId::kRowAfterDeletionKeep},
      {"chain-take", ProbeId::kRowChainTake},
      {"chain-keep", ProbeId::kRowChainKeep},
  };
  for (const auto& [name, id] : kRare) {
    if (name == label) Probe(id);
  }
}

// What the table says, unless a test has planted something else.
Outcome OutcomeOf(const DecisionRow& row) {
  std::string_view label = row.label;
  if (Planted(PlantedFault::kOlderIsConflict) && label == "older") return Outcome::kConflictKeep;
  if (Planted(PlantedFault::kJoinReplacesSilently) && label == "adopt-theirs") {
    return Outcome::kTake;
  }
  if (Planted(PlantedFault::kDeleteBeatsEdit) && label == "edit-delete-keep") {
    return Outcome::kConflictTake;
  }
  if (Planted(PlantedFault::kDeleteBeatsEdit) && label == "edit-delete-take") {
    return Outcome::kConflictKeep;
  }
  return row.outcome;
}

}  // namespace

Decision Reconcile(const LocalView& local, const FileVersion& remote, const ReconcileContext& ctx) {
  const DecisionRow& row = Decide(Observe(local, remote, ctx));
  if constexpr (kTestPoints) ProbeRow(row.label);
  return {OutcomeOf(row), &row};
}

namespace {

bool TheirsStays(const FileVersion& local, const FileVersion& remote, Outcome outcome) {
  if (outcome == Outcome::kTakeMerged || outcome == Outcome::kConflictTake) return true;
  if (outcome == Outcome::kKeepMerged || outcome == Outcome::kConflictKeep) return false;
  VectorOrder order = local.vector.Compare(remote.vector);
  if (order == VectorOrder::kBefore) return true;
  return order != VectorOrder::kAfter && CompareRank(remote, local) > 0;
}

// As the newest of what `version` replaced.
void PutInChain(FileVersion& version, const ContentHash& content) {
  std::erase(version.chain, content);
  version.chain.insert(version.chain.begin(), content);
  if (version.chain.size() > FileVersion::kChainMax) version.chain.pop_back();
}

}  // namespace

FileVersion MadeOver(FileVersion decision, const FileVersion& seen) {
  if (!CheckJoin(decision, seen).ok()) return decision;
  decision.vector = decision.vector.Merged(seen.vector);
  if (seen.kind == VersionKind::kFile && !decision.SameContent(seen)) {
    PutInChain(decision, seen.hash);
  }
  return decision;
}

FileVersion ResultingVersion(const FileVersion& local, const FileVersion& remote, Outcome outcome) {
  bool theirs = TheirsStays(local, remote, outcome);
  const FileVersion& stays = theirs ? remote : local;
  const FileVersion& goes = theirs ? local : remote;
  FileVersion result = stays;
  result.vector = local.vector.Merged(remote.vector);
  if (goes.kind == VersionKind::kFile && !stays.SameContent(goes) && !stays.ChainHas(goes.hash)) {
    PutInChain(result, goes.hash);
  }
  if (!result.exists()) {
    // Acknowledgements speak of one version: they hold for the result when it is that version.
    VectorOrder order = local.vector.Compare(remote.vector);
    bool local_holds = order == VectorOrder::kEqual || order == VectorOrder::kAfter;
    bool remote_holds = order == VectorOrder::kEqual || order == VectorOrder::kBefore;
    std::vector<uint32_t> none;
    result.known_by =
        JoinMembers(local_holds ? local.known_by : none, remote_holds ? remote.known_by : none);
    result.complete_by = JoinMembers(local_holds ? local.complete_by : none,
                                     remote_holds ? remote.complete_by : none);
  }
  return result;
}

ConflictKind KindOfConflict(const FileVersion& local, const FileVersion& remote) {
  if (!local.exists() || !remote.exists()) return ConflictKind::kEditDelete;
  if (local.kind != remote.kind) return ConflictKind::kType;
  for (const VersionVector::Entry& entry : local.vector.entries()) {
    if (remote.vector.CounterOf(entry.author) != 0) return ConflictKind::kEditEdit;
  }
  return ConflictKind::kCreateCreate;
}

}  // namespace atozsync
