#include "sync/engine/gate_arriving.h"

#include <algorithm>
#include <utility>

#include "sync/base/planted_fault.h"
#include "sync/base/probe.h"
#include "sync/model/patient_path.h"

namespace atozsync {

namespace {

constexpr int64_t kAskAgainMinMs = 250;
constexpr int64_t kAskAgainMaxMs = 30'000;
constexpr int64_t kAskAgainEachMs = 10;  // of all that wait: not more than 100 are asked a second
constexpr size_t kNeedsPage = 512;

}  // namespace

ArrivingGate::ArrivingGate(Core& core, RowSource* rows, RowQuestions* questions)
    : core_(core),
      rows_(rows),
      questions_(questions),
      parts_(core, questions, [this](const RelPath& from, const AskInParts::Visit& visit) {
        auto at = arriving_.lower_bound(from);
        while (at != arriving_.end() && visit(at->first, at->second.pass == Pass::kWait)) ++at;
      }) {}

void ArrivingGate::Start(UniqueFunction<void()> done) {
  using Found = std::map<ContentHash, size_t>;
  core_.Async<Found>(
      Lane::kWalk,
      [files = &core_.files] {
        Found found;
        Result<std::vector<DirEntry>> entries = files->List(layout::Staging());
        if (!entries.ok()) return found;
        for (const DirEntry& entry : *entries) {
          Result<ContentHash> hash = layout::HashOfHeld(entry.name);
          if (hash.ok()) found[*hash] = 0;
        }
        return found;
      },
      [this, done = std::move(done)](Found found) mutable {
        DropUnwanted(std::move(found));
        done();
      });
}

// What no need wants any more goes. The rest may be the only copy there is: also without a database
// it stays until its file stands in the folder.
void ArrivingGate::DropUnwanted(std::map<ContentHash, size_t> found) {
  uint64_t after = 0;
  while (!found.empty()) {
    std::vector<Need> needs = core_.index.Needs(after, kNeedsPage);
    if (needs.empty()) break;
    for (const Need& need : needs) {
      if (found.erase(need.version.hash) > 0) contents_[need.version.hash] = 0;
    }
    after = needs.back().arrival;
  }
  for (const auto& [hash, users] : found) core_.DiscardStaged(layout::Held(hash));
}

bool ArrivingGate::Concerns(const Plan& plan) const {
  if (rows_ == nullptr || plan.kind != PlanKind::kSwap || !plan.needs_content) return false;
  bool file_here = plan.base && plan.base->version.kind == VersionKind::kFile;
  return !file_here && InPatientFolder(plan.path);
}

ArrivingGate::Pass ArrivingGate::MayAppear(const RelPath& path) {
  if (Planted(PlantedFault::kGateOpen)) return Pass::kOpen;
  auto [at, fresh] = arriving_.try_emplace(path);
  if (fresh) {
    int64_t held_ms = core_.index.Gate(path).held_ms;
    at->second.since_ms = held_ms != 0 ? held_ms : core_.KeptMs();
    questions_->Ask(path);
  }
  return at->second.pass;
}

void ArrivingGate::Park(const RelPath& path, const ContentHash& hash) {
  auto at = arriving_.find(path);
  if (at == arriving_.end() || at->second.parked) {
    if (!contents_.contains(hash)) DropContent(hash);
    return;
  }
  ++contents_[hash];
  at->second.parked = true;
  at->second.hash = hash;
  ++parked_;
  if (at->second.pass == Pass::kOpen) Open(path, at->second);
}

bool ArrivingGate::parked(const RelPath& path) const {
  auto at = arriving_.find(path);
  return at != arriving_.end() && at->second.parked;
}

void ArrivingGate::Unpark(Arriving& arriving) {
  if (!arriving.parked) return;
  arriving.parked = false;
  --parked_;
  auto content = contents_.find(arriving.hash);
  if (content != contents_.end() && content->second > 0) --content->second;
}

void ArrivingGate::DropContent(const ContentHash& hash) {
  contents_.erase(hash);
  core_.DiscardStaged(layout::Held(hash));
}

void ArrivingGate::Forget(const RelPath& path) {
  auto at = arriving_.find(path);
  if (at == arriving_.end()) return;
  ContentHash hash = at->second.hash;
  if (at->second.pass == Pass::kWait) --waiting_;
  Unpark(at->second);
  arriving_.erase(at);
  auto content = contents_.find(hash);
  if (content != contents_.end() && content->second == 0) DropContent(hash);
}

void ArrivingGate::Open(const RelPath& path, Arriving& arriving) {
  bool was_parked = arriving.parked;
  if (arriving.pass == Pass::kWait) --waiting_;
  arriving.pass = Pass::kOpen;
  Unpark(arriving);
  if (was_parked && on_open) on_open(path);
}

bool ArrivingGate::OnRowState(const RelPath& path, RowState state, IndexBatch& batch) {
  auto at = arriving_.find(path);
  if (at == arriving_.end()) return false;
  Arriving& arriving = at->second;
  arriving.last = state;
  if (arriving.pass == Pass::kOpen) return true;
  bool asked_first = arriving.pass == Pass::kAsking;
  int64_t left_ms = arriving.since_ms + core_.options.GateWaitMs(path) - core_.KeptMs();
  bool time_up = left_ms <= 0 && !Planted(PlantedFault::kGateForEver);
  if (state == RowState::kNamed || time_up) {
    // Whoever announced it takes it back: a later file of this name waits for a row of its own.
    if (core_.index.NeedsOf(path).empty()) {
      Forget(path);
      if (asked_first && on_answer) on_answer(path);
      return true;
    }
    Probe(state == RowState::kNamed ? ProbeId::kGateOpened : ProbeId::kGateTimeUp);
    if (state != RowState::kNamed) {
      core_.Log(LogLevel::kWarning, Printable(path) +
                                        ": no row has come for it in all its time: "
                                        "it appears without one");
    }
    Open(path, arriving);
    if (asked_first && on_answer) on_answer(path);
    return true;
  }
  int64_t pause_max_ms = std::max(kAskAgainMaxMs, kAskAgainEachMs * static_cast<int64_t>(waiting_));
  int64_t pause_ms = std::min(pause_max_ms, kAskAgainMinMs << std::min(arriving.attempts, 12));
  ++arriving.attempts;
  questions_->Ask(path, std::clamp<int64_t>(left_ms, 1, pause_ms));
  if (!asked_first) return true;
  Probe(ProbeId::kGateWaits);
  arriving.pass = Pass::kWait;
  ++waiting_;
  if (core_.index.Gate(path).held_ms == 0) {
    batch.gate_notes.push_back({path, false, arriving.since_ms});
  }
  if (on_answer) on_answer(path);
  return true;
}

void ArrivingGate::OnRowsChanged(const RelPath& dir) {
  if (!arriving_.empty()) parts_.AskAllAt(dir);
}

void ArrivingGate::AddNotes(const IndexRow& row, GateNote& note) const {
  auto at = arriving_.find(row.path);
  if (at != arriving_.end() && at->second.last == RowState::kNamed) note.row_seen = true;
  note.held_ms = 0;
}

void ArrivingGate::OnCommitted(const IndexBatch& batch) {
  for (const IndexRow& row : batch.rows) {
    // Without a database nobody else lets go of what waited for one.
    if (rows_ == nullptr && contents_.contains(row.version.hash)) DropContent(row.version.hash);
    auto at = arriving_.find(row.path);
    if (at == arriving_.end()) continue;
    bool asking = at->second.pass == Pass::kAsking;
    Forget(row.path);
    // The answer finds nobody here any more, but work may wait for it with its staged content.
    if (asking) {
      core_.Post([this, path = row.path] {
        if (on_answer) on_answer(path);
      });
    }
    if (on_open && !core_.index.NeedsOf(row.path).empty()) on_open(row.path);
  }
  // Another version of what waits: its content is fetched, too.
  for (const Need& need : batch.needs) {
    auto at = arriving_.find(need.path);
    if (at == arriving_.end() || !at->second.parked) continue;
    if (need.version.hash == at->second.hash) continue;
    Probe(ProbeId::kGateNewVersion);
    Unpark(at->second);
    if (on_open) on_open(need.path);
  }
}

bool ArrivingGate::Release(const RelPath& path) {
  bool any = false;
  for (auto& [held, arriving] : arriving_) {
    if (!held.IsAtOrBelow(path) || arriving.pass != Pass::kWait) continue;
    any = true;
    Open(held, arriving);
  }
  return any;
}

void ArrivingGate::List(OldestHeld& out) const {
  for (const auto& [path, arriving] : arriving_) {
    if (arriving.pass != Pass::kWait || !out.Wants(arriving.since_ms)) continue;
    bool answered = arriving.last == RowState::kNotNamed;
    out.Add({path, HeldWhy::kRow, arriving.since_ms,
             arriving.since_ms + core_.options.GateWaitMs(path),
             answered ? "no row names it yet" : "the database does not answer"});
  }
}

}  // namespace atozsync
