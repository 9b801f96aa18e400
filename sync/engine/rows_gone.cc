#include "sync/engine/rows_gone.h"

#include <algorithm>

#include "sync/base/planted_fault.h"
#include "sync/base/probe.h"
#include "sync/engine/meta_keys.h"
#include "sync/model/patient_path.h"

namespace atozsync {

namespace {

constexpr int64_t kLearnMs = 2'000;  // after a new file: its row is there by then, mostly
constexpr int64_t kUnsureAgainMs = 50;
constexpr int64_t kSweepPauseMs = 1'000;  // between the steps of the walk
constexpr size_t kSweepFiles = 300;       // and folders, of one step: a million take an hour
constexpr int64_t kTakeOutAgainMs = 5'000;
constexpr size_t kBrakedMax = 10'000;

}  // namespace

RowsGone::RowsGone(Core& core, RowSource* rows, RowQuestions* questions)
    : core_(core), rows_(rows), questions_(questions) {}

void RowsGone::Start() {
  brake_on_ = core_.index.Meta(meta::kRowsBrake).value_or("") == "1";
  Sweep();
}

size_t RowsGone::AskFolder(const RelPath& dir) {
  size_t files = 0;
  for (const IndexRow& row : core_.index.Children(dir)) {
    if (row.version.kind != VersionKind::kFile) continue;
    ++files;
    if (!questions_->AskIfRoom(row.path)) round_tells_ = false;
  }
  return files;
}

// False: the round is over.
bool RowsGone::NextFolder() {
  while (folders_.empty()) {
    if (letters_.empty()) return false;
    RelPath letter = std::move(letters_.back());
    letters_.pop_back();
    for (const IndexRow& row : core_.index.Children(letter)) {
      bool patient = row.version.kind == VersionKind::kDir && IsPatientFolder(row.path);
      if (patient) folders_.push_back(row.path);
    }
    std::reverse(folders_.begin(), folders_.end());
  }
  return true;
}

void RowsGone::Sweep() {
  core_.PostAfter(kSweepPauseMs, [this] { Sweep(); });
  if (!rows_->health().answers() || questions_->behind()) return;
  if (letters_.empty() && folders_.empty()) {
    if (core_.clock.MonoMs() < round_due_ms_) return;
    round_due_ms_ = core_.clock.MonoMs() + core_.options.rows_round_ms;
    BeginRound();
  }
  for (size_t done = 0; done < kSweepFiles && NextFolder();) {
    RelPath folder = std::move(folders_.back());
    folders_.pop_back();
    done += 1 + AskFolder(folder);
  }
}

void RowsGone::BeginRound() {
  for (const IndexRow& row : core_.index.Children(RelPath())) {
    if (row.version.kind == VersionKind::kDir) letters_.push_back(row.path);
  }
  std::reverse(letters_.begin(), letters_.end());
  // The rows are back, or a person took the files away: nobody is left to release the brake for.
  if (brake_on_ && braked_.empty() && round_tells_) {
    core_.Log(LogLevel::kInfo, "no file is there whose row vanished: the brake is off");
    SetBrake(false);
  }
  round_tells_ = true;
}

void RowsGone::OnRowsChanged(const RelPath& dir) {
  if (dir.is_root()) {
    letters_.clear();
    folders_.clear();
    round_due_ms_ = 0;  // from the beginning, now
    round_tells_ = false;
  } else {
    AskFolder(dir);
  }
}

void RowsGone::OnCommitted(const IndexBatch& batch) {
  for (const IndexRow& row : batch.rows) {
    if (!row.version.exists()) braked_.erase(row.path);
    if (row.version.kind != VersionKind::kFile || !InPatientFolder(row.path)) continue;
    if (!core_.index.Gate(row.path).row_seen) questions_->AskIfRoom(row.path, kLearnMs);
  }
}

void RowsGone::OnRowState(const RelPath& path, RowState state, IndexBatch& batch) {
  if (!InPatientFolder(path)) return;
  if (state == RowState::kUnknown) {
    round_tells_ = false;
    return;
  }
  std::optional<IndexRow> row = core_.index.Get(path);
  if (!row || row->version.kind != VersionKind::kFile) return;
  bool row_seen = core_.index.Gate(path).row_seen;
  if (state == RowState::kNamed) {
    braked_.erase(path);
    if (!row_seen) batch.gate_notes.push_back({path, true, 0});
    return;
  }
  if (row_seen && !row->unversioned) OnVanished(path);
}

void RowsGone::OnVanished(const RelPath& path) {
  if (Planted(PlantedFault::kRowGoneIgnored)) return;
  if (taking_out_.contains(path) || braked_.contains(path)) return;
  if (unsure && unsure(path)) {
    // Not that often when very many are being looked at.
    questions_->Ask(path, questions_->behind() ? kTakeOutAgainMs : kUnsureAgainMs);
    return;
  }
  bool frozen = !rows_->health().frozen.empty() && !Planted(PlantedFault::kFreezeIgnored);
  if (frozen) {
    Probe(ProbeId::kRowGoneFrozen);
    round_tells_ = false;
    return;  // the walk comes by again
  }
  // Who deletes a document takes its file first. A database that lost its rows does not.
  bool counts = !(expected && expected(path)) && !Planted(PlantedFault::kRowBrakeMissing);
  if (!brake_on_ && counts) {
    int64_t now_ms = core_.clock.MonoMs();
    while (!recent_.empty() && now_ms - recent_.front().first > kBrakeWindowMs) {
      recent_.pop_front();
    }
    recent_.emplace_back(now_ms, path);
    if (recent_.size() > kBrakeFiles) SetBrake(true);
  }
  if (!brake_on_) {
    TakeOut(path);
  } else if (braked_.size() < kBrakedMax) {
    braked_.insert(path);
  }
}

void RowsGone::OnExpected(const RelPath& path) {
  std::erase_if(recent_, [&path](const auto& counted) { return counted.second == path; });
}

void RowsGone::TakeOut(const RelPath& path) {
  Probe(ProbeId::kRowGone);
  taking_out_.insert(path);
  take_out(path, [this, path](const Status& status) {
    taking_out_.erase(path);
    if (status.ok()) {
      core_.Log(LogLevel::kInfo,
                Printable(path) + ": its row was deleted: moved to the kept versions");
    } else if (status.Is(Errc::kInvalid)) {
      // Somebody has saved it since: it stays, as any edit does against a deletion.
      Probe(ProbeId::kRowGoneEdited);
      IndexBatch batch;
      batch.gate_notes.push_back({path, false, 0});
      core_.Commit(batch).IgnoreError();  // a failure has stopped the engine
    } else {
      questions_->Ask(path, kTakeOutAgainMs);
    }
  });
}

void RowsGone::SetBrake(bool on) {
  brake_on_ = on;
  recent_.clear();
  IndexBatch batch;
  batch.meta[meta::kRowsBrake] = on ? "1" : "0";
  core_.Commit(batch).IgnoreError();  // a failure has stopped the engine
  if (!on) return;
  Probe(ProbeId::kRowsBrake);
  core_.Log(LogLevel::kError, "the rows of more than " + std::to_string(kBrakeFiles) +
                                  " files vanished within an hour: no more files are taken out "
                                  "until a person decides (held release, held revert)");
}

std::vector<RelPath> RowsGone::TakeBrakedAt(const RelPath& path) {
  std::vector<RelPath> at;
  for (const RelPath& braked : braked_) {
    if (braked.IsAtOrBelow(path)) at.push_back(braked);
  }
  for (const RelPath& braked : at) braked_.erase(braked);
  if (braked_.empty() && brake_on_ && !at.empty()) SetBrake(false);
  return at;
}

bool RowsGone::Release(const RelPath& path) {
  std::vector<RelPath> released = TakeBrakedAt(path);
  for (const RelPath& braked : released) {
    std::optional<IndexRow> row = core_.index.Get(braked);
    if (row && row->version.kind == VersionKind::kFile) TakeOut(braked);
  }
  return !released.empty();
}

bool RowsGone::Revert(const RelPath& path) {
  std::vector<RelPath> reverted = TakeBrakedAt(path);
  IndexBatch batch;
  for (const RelPath& braked : reverted) batch.gate_notes.push_back({braked, false, 0});
  core_.Commit(batch).IgnoreError();  // a failure has stopped the engine
  return !reverted.empty();
}

void RowsGone::List(OldestHeld& out) const {
  for (const RelPath& path : braked_) {
    if (!out.Wants(0)) return;
    out.Add({path, HeldWhy::kBrake, 0, 0, "its row vanished together with very many others"});
  }
}

}  // namespace atozsync
