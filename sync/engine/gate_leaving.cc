#include "sync/engine/gate_leaving.h"

#include <algorithm>
#include <utility>

#include "sync/base/planted_fault.h"
#include "sync/base/probe.h"
#include "sync/model/patient_path.h"

namespace atozsync {

namespace {

constexpr int64_t kAskMinMs = 2;  // the row goes some milliseconds after its file
constexpr int64_t kAskMaxMs = 1'000;
constexpr int64_t kUnknownMinMs = 500;
constexpr int64_t kUnknownMaxMs = 10'000;
constexpr int64_t kBringMinMs = 1'000;
constexpr int64_t kBringMaxMs = 60'000;
constexpr int64_t kApprovedMs = 10'000;
constexpr int kDoublingsMax = 12;

}  // namespace

LeavingGate::LeavingGate(Core& core, RowSource* rows, RowQuestions* questions)
    : core_(core),
      rows_(rows),
      questions_(questions),
      parts_(core, questions, [this](const RelPath& from, const AskInParts::Visit& visit) {
        auto at = leaving_.lower_bound(from);
        while (at != leaving_.end() && visit(at->first, !at->second.bringing)) ++at;
      }) {}

LeavingGate::Leave LeavingGate::MayLeave(const IndexRow& row) {
  bool ours = rows_ != nullptr && row.version.kind == VersionKind::kFile && !row.unversioned &&
              RowsTell(row.path);
  if (!ours || Planted(PlantedFault::kLeaveUnasked)) return Leave::kYes;
  auto at = approved_.find(row.path);
  if (at != approved_.end()) {
    const Approved approved = at->second;
    approved_.erase(at);
    if (approved.until_ms >= core_.clock.MonoMs()) return approved.how;
  }
  if (leaving_.contains(row.path)) return Leave::kNo;
  bool row_seen = core_.index.Gate(row.path).row_seen;
  // Nothing says that it has a row.
  if (!row_seen && !rows_->health().answers()) return Leave::kYes;
  Leaving& leaving = leaving_[row.path];
  leaving.since_ms = core_.clock.MonoMs();
  leaving.since_kept_ms = core_.KeptMs();
  leaving.row_seen = row_seen;
  questions_->Ask(row.path);
  return Leave::kNo;
}

void LeavingGate::AskAgain(Entry at, int64_t min_ms, int64_t max_ms) {
  int doublings = std::min(at->second.attempts++, kDoublingsMax);
  questions_->Ask(at->first, std::min(max_ms, min_ms << doublings));
}

void LeavingGate::Approve(Entry at, Leave how) {
  const RelPath path = at->first;
  leaving_.erase(at);
  int64_t now_ms = core_.clock.MonoMs();
  // Not at each one: thousands may go together.
  if (approved_pruned_ms_ + kApprovedMs < now_ms) {
    approved_pruned_ms_ = now_ms;
    std::erase_if(approved_, [now_ms](const auto& each) { return each.second.until_ms < now_ms; });
  }
  approved_[path] = {now_ms + kApprovedMs, how};
  if (on_may_leave) on_may_leave(path);
}

bool LeavingGate::TimeUp(const RelPath& path, const Leaving& leaving) const {
  return core_.KeptMs() - leaving.since_kept_ms >= core_.options.GateWaitMs(path);
}

bool LeavingGate::OnRowState(const RelPath& path, RowState state) {
  auto at = leaving_.find(path);
  if (at == leaving_.end()) return false;
  Leaving& leaving = at->second;
  leaving.last = state;
  leaving.row_seen = leaving.row_seen || state == RowState::kNamed;
  if (leaving.bringing) return true;
  if (state == RowState::kNotNamed) {
    Probe(ProbeId::kRowWentToo);
    Approve(at, leaving.row_seen ? Leave::kRowWent : Leave::kYes);
  } else if (state == RowState::kUnknown) {
    if (!leaving.row_seen || TimeUp(path, leaving)) {
      Approve(at);
    } else {
      AskAgain(at, kUnknownMinMs, kUnknownMaxMs);
    }
  } else if (core_.clock.MonoMs() - leaving.since_ms < core_.options.vanish_wait_ms) {
    AskAgain(at, kAskMinMs, kAskMaxMs);
  } else if (!std::exchange(leaving.time_was_up, true)) {
    // That answer may be an old one, where machine or database stood still: from before the row
    // went.
    questions_->Ask(path);
  } else if (TimeUp(path, leaving) && leaving.nobody_has_it) {
    core_.Log(LogLevel::kError, Printable(path) +
                                    ": vanished although its row stands, and nobody "
                                    "has it any more: look for it in a backup");
    Approve(at);
  } else {
    BringBack(at);
  }
  return true;
}

void LeavingGate::BringBack(Entry at) {
  std::optional<IndexRow> row = core_.index.Get(at->first);
  if (!row || row->version.kind != VersionKind::kFile) {
    leaving_.erase(at);
    return;
  }
  at->second.bringing = true;
  if (bring_back && bring_back(*row)) return;
  at->second.bringing = false;
  AskAgain(at, kAskMinMs, kBringMaxMs);
}

void LeavingGate::OnBrought(const RelPath& path, const Status& status) {
  auto at = leaving_.find(path);
  if (at == leaving_.end() || !at->second.bringing) return;
  at->second.bringing = false;
  // An office that cannot be asked may have it: a line that is down for long must not make a
  // deletion of what was lost here.
  at->second.nobody_has_it = status.Is(Errc::kNotFound);
  bool something_stands = status.Is(Errc::kChangedUnderneath) || status.Is(Errc::kExists);
  if (status.ok()) {
    Probe(ProbeId::kVanishedHealed);
    core_.Log(LogLevel::kWarning,
              Printable(path) + ": vanished although its row stands: brought back");
  }
  if (status.ok() || something_stands) {
    leaving_.erase(at);  // where it is missing again, the scanner says so
    return;
  }
  AskAgain(at, kBringMinMs, kBringMaxMs);
}

void LeavingGate::OnRowsChanged(const RelPath& dir) {
  if (!leaving_.empty()) parts_.AskAllAt(dir);
}

void LeavingGate::OnCommitted(const IndexBatch& batch) {
  if (leaving_.empty()) return;
  // It is known to stand there again, or its deletion was.
  for (const std::vector<IndexRow>* rows : {&batch.rows, &batch.local_only_rows}) {
    for (const IndexRow& row : *rows) {
      auto at = leaving_.find(row.path);
      if (at != leaving_.end() && !at->second.bringing) leaving_.erase(at);
    }
  }
}

std::vector<RelPath> LeavingGate::LeavingAt(const RelPath& path) const {
  std::vector<RelPath> at;
  for (const auto& [gone, leaving] : leaving_) {
    if (gone.IsAtOrBelow(path)) at.push_back(gone);
  }
  return at;
}

bool LeavingGate::Release(const RelPath& path) {
  bool any = false;
  for (const RelPath& gone : LeavingAt(path)) {
    auto at = leaving_.find(gone);
    if (at == leaving_.end() || at->second.bringing) continue;
    any = true;
    Approve(at);
  }
  return any;
}

bool LeavingGate::Revert(const RelPath& path) {
  std::vector<RelPath> reverted = LeavingAt(path);
  for (const RelPath& gone : reverted) {
    auto at = leaving_.find(gone);
    if (at != leaving_.end() && !at->second.bringing) BringBack(at);
  }
  return !reverted.empty();
}

void LeavingGate::List(OldestHeld& out) const {
  int64_t ago_ms = core_.clock.MonoMs();
  for (const auto& [path, leaving] : leaving_) {
    int64_t since_ms = core_.KeptMs() - (ago_ms - leaving.since_ms);
    if (!out.Wants(since_ms)) continue;
    HeldFile held{path, HeldWhy::kLeaving, since_ms, 0, ""};
    if (!TimeUp(path, leaving))
      held.until_ms = leaving.since_kept_ms + core_.options.GateWaitMs(path);
    held.text =
        leaving.bringing ? "it vanished although its row stands: being brought back"
        : leaving.last == RowState::kNamed && TimeUp(path, leaving)
            ? "it vanished although its row stands, and not every replica can be asked for it"
        : leaving.last == RowState::kNamed
            ? "it vanished although its row stands: brought back unless the row goes, too"
            : "it vanished, and the database does not say whether its row did";
    out.Add(std::move(held));
  }
}

}  // namespace atozsync
