#include "sync/engine/case_clashes.h"

#include <algorithm>

#include "sync/base/planted_fault.h"
#include "sync/base/probe.h"
#include "sync/engine/hasher.h"
#include "sync/engine/meta_keys.h"
#include "sync/engine/meta_values.h"
#include "sync/engine/planner.h"

namespace atozsync {

namespace {

constexpr int64_t kClashPauseMs = 500;
constexpr size_t kNamesAtOnce = 500;

}  // namespace

void CaseClashes::Start() {
  CompareNamesAfter(ParseNumber(core_.index.Meta(meta::kNamesCompared).value_or("")));
}

void CaseClashes::OnCommitted(const IndexBatch& batch) {
  std::set<RelPath> gone;
  for (const IndexRow& row : batch.rows) {
    if (row.version.exists()) {
      if (!core_.index.CaseTwins(row.path).empty()) Note(row.path);
    } else {
      gone.insert(row.path);
    }
  }
  if (!gone.empty()) Close(gone);
}

// The last life may have ended before it came to rest.
void CaseClashes::CompareNamesAfter(Sequence after) {
  std::vector<IndexRow> rows = core_.index.RowsAfter(after, kNamesAtOnce);
  for (const IndexRow& row : rows) {
    if (row.version.exists() && !core_.index.CaseTwins(row.path).empty()) Note(row.path);
  }
  if (rows.size() < kNamesAtOnce) {
    old_names_compared_ = true;
    on_due();
    return;
  }
  core_.Post([this, last = rows.back().sequence] { CompareNamesAfter(last); });
}

void CaseClashes::Note(const RelPath& path) {
  core_.names_to_compare = true;
  maybe_clashing_[path] = core_.clock.MonoMs() + kClashPauseMs;
  core_.PostAfter(kClashPauseMs + 1, [this] { on_due(); });
}

void CaseClashes::Check() {
  int64_t now_ms = core_.clock.MonoMs();
  for (auto at = maybe_clashing_.begin(); at != maybe_clashing_.end();) {
    if (at->second > now_ms) {
      ++at;
      continue;
    }
    RelPath path = at->first;
    at = maybe_clashing_.erase(at);
    Find(path);
  }
  core_.names_to_compare = !maybe_clashing_.empty() || !old_names_compared_;
}

void CaseClashes::Find(const RelPath& path) {
  std::optional<IndexRow> here = core_.index.Get(path);
  if (!here || !here->version.exists() || Planted(PlantedFault::kCaseClashNotLogged)) return;
  for (const RelPath& twin : core_.index.CaseTwins(path)) {
    const RelPath& first = std::min(path, twin);
    const RelPath& second = std::max(path, twin);
    FileVersion marker;  // has no bytes of its own; its id comes from the other name
    marker.hash = HashOf(Bytes(kClusterSecretBytes), AsBytes(second.str()));
    std::optional<IndexRow> row = core_.index.Get(first);
    ConflictRecord record = MakeConflict(core_, first, ConflictKind::kCase,
                                         row ? row->version : FileVersion(), marker, "case");
    record.other_path = second;
    std::optional<ConflictRecord> known = core_.index.Conflict(record.id);
    if (known && known->state == ConflictState::kGone) {
      Probe(ProbeId::kCaseClashAgain);
      core_.SetConflictState(record.id, ConflictState::kOpen);
    } else if (!known) {
      Probe(ProbeId::kCaseClash);
      IndexBatch batch;
      batch.conflicts.push_back(record);
      core_.Commit(batch).IgnoreError();  // a failure has stopped the engine
    }
  }
}

void CaseClashes::Close(const std::set<RelPath>& gone) {
  if (core_.index.open_conflicts() == 0) return;
  for (const ConflictRecord& record : core_.index.Conflicts()) {
    bool ours = record.kind == ConflictKind::kCase && record.state == ConflictState::kOpen &&
                (gone.contains(record.path) || gone.contains(record.other_path));
    if (!ours) continue;
    Probe(ProbeId::kCaseClashGone);
    core_.SetConflictState(record.id, ConflictState::kGone);
  }
}

}  // namespace atozsync
