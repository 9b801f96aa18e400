#include "sync/engine/gate.h"

#include <algorithm>

#include "sync/engine/meta_keys.h"
#include "sync/model/patient_path.h"

namespace atozsync {

namespace {

constexpr size_t kUrgentMax = 2'000;
constexpr int64_t kUrgentMs = 900'000;  // appointments are told again before that

// Written by Open Dental when a patient signs a treatment or payment plan: asked for soon, and the
// first kind made anew where it is missing.
bool IsSignedPlan(const RelPath& path) {
  const std::string_view name = path.name();
  bool archive = name.starts_with("TPArchive") || name.starts_with("PayPlanArchive");
  return archive && InPatientFolder(path);
}

}  // namespace

Gate::Gate(Core& core, RowSource* rows)
    : core_(core),
      rows_(rows),
      questions_(rows != nullptr ? std::make_unique<RowQuestions>(core, *rows) : nullptr),
      arriving_(core, rows, questions_.get()),
      leaving_(core, rows, questions_.get()),
      rows_gone_(core, rows, questions_.get()),
      early_word_(core, rows, questions_.get()) {
  if (questions_ == nullptr) return;
  questions_->on_answers = [this](const RowQuestions::Answers& answers) { OnAnswers(answers); };
  rows_gone_.expected = [this](const RelPath& path) { return early_word_.Expects(path); };
  early_word_.on_expected = [this](const RelPath& path) { rows_gone_.OnExpected(path); };
}

void Gate::Start(UniqueFunction<void()> done) {
  // There may be some of an earlier life that had a database.
  bool notes = rows_ != nullptr || core_.index.Meta(meta::kGateNotes).value_or("") == "1";
  if (!notes) {
    done();
    return;
  }
  core_.before_commit = [this](IndexBatch& batch) { AddNotes(batch); };
  core_.after_commit = [this](const IndexBatch& batch) { OnCommitted(batch); };
  if (rows_ != nullptr) {
    IndexBatch batch;
    batch.meta.emplace(meta::kGateNotes, "1");
    core_.Commit(batch).IgnoreError();  // a failure has stopped the engine
    rows_->Start([this, guard = std::weak_ptr<int>(alive_)](const RowHint& hint) {
      if (!guard.expired()) OnHint(hint);
    });
    rows_gone_.Start();
    if (core_.options.letter_folders) MakeLetterFolders();
  }
  arriving_.Start(std::move(done));
}

// Open Dental takes a folder without "A" for none at all, and an empty directory for a patient's
// letter is soon wanted. Found by the scanner like any that a person makes.
void Gate::MakeLetterFolders() {
  core_.Async<Status>(
      Lane::kWrite,
      [files = &core_.files] {
        for (char letter = 'A'; letter <= 'Z' && layout::RootPresent(*files); ++letter) {
          Status made = files->MakeDir(RelPath().Child(std::string(1, letter)));
          if (!made.ok() && !made.Is(Errc::kExists)) return made;
        }
        return Status::Ok();
      },
      [this](const Status& status) {
        if (!status.ok()) core_.AddProblem(RelPath(), "letter folders: " + status.ToString());
      });
}

void Gate::OnHint(const RowHint& hint) {
  // A row whose file is not here makes that file urgent; its announcement may still be on its way.
  if (!hint.path.is_root()) SetUrgent(hint.path);
  if (hint.kind == RowHintKind::kUrgent) return;
  arriving_.OnRowsChanged(hint.path);
  leaving_.OnRowsChanged(hint.path);
  rows_gone_.OnRowsChanged(hint.path);
}

void Gate::SetUrgent(const RelPath& dir) {
  int64_t now_ms = core_.clock.MonoMs();
  if (urgent_.size() >= kUrgentMax) {
    std::erase_if(urgent_, [now_ms](const auto& entry) { return entry.second < now_ms; });
  }
  if (urgent_.size() < kUrgentMax) urgent_[dir] = now_ms + kUrgentMs;
  if (on_urgent) on_urgent(dir);
}

void Gate::HurryUrgentNeeds(const std::vector<Need>& needs) {
  if (!on_urgent) return;
  for (const Need& need : needs) {
    auto folder = urgent_.find(need.path.parent());
    bool wanted = folder != urgent_.end() && folder->second >= core_.clock.MonoMs();
    if (wanted || IsSignedPlan(need.path)) on_urgent(need.path);
  }
}

void Gate::OnAnswers(const RowQuestions::Answers& answers) {
  IndexBatch batch;
  for (const auto& [path, state] : answers) {
    bool elsewhere = arriving_.OnRowState(path, state, batch) || leaving_.OnRowState(path, state);
    if (!elsewhere) rows_gone_.OnRowState(path, state, batch);
    early_word_.OnRowState(path, state);
  }
  core_.Commit(batch).IgnoreError();  // a failure has stopped the engine
}

void Gate::NoteOf(const RelPath& path, const IndexRow* row, IndexBatch& batch) {
  if (!InPatientFolder(path)) return;
  const GateNote known = core_.index.Gate(path);
  GateNote note = known;
  if (row != nullptr && row->version.kind == VersionKind::kFile) {
    arriving_.AddNotes(*row, note);
  } else {
    note = {path, false, 0};
  }
  if (note != known) batch.gate_notes.push_back(note);
}

void Gate::AddNotes(IndexBatch& batch) {
  for (const IndexRow& row : batch.rows) NoteOf(row.path, &row, batch);
  for (const RelPath& path : batch.erased_rows) NoteOf(path, nullptr, batch);
  std::map<RelPath, size_t> erased;
  for (const auto& [path, peer] : batch.erased_needs) ++erased[path];
  // Answered by a row of this commit: that is noted above.
  for (const IndexRow& row : batch.rows) erased.erase(row.path);
  for (const auto& [path, count] : erased) {
    GateNote known = core_.index.Gate(path);
    if (known.held_ms == 0) continue;
    // A later version under this name begins to wait anew.
    bool last = core_.index.NeedsOf(path).size() <= count;
    if (last) batch.gate_notes.push_back({path, known.row_seen, 0});
  }
}

void Gate::OnCommitted(const IndexBatch& batch) {
  arriving_.OnCommitted(batch);
  if (rows_ == nullptr) return;
  leaving_.OnCommitted(batch);
  rows_gone_.OnCommitted(batch);
  HurryUrgentNeeds(batch.needs);
}

RowsHealth Gate::health() const {
  return rows_ != nullptr ? rows_->health() : RowsHealth();
}

void Gate::List(OldestHeld& out) const {
  rows_gone_.List(out);
  leaving_.List(out);
  arriving_.List(out);
}

bool Gate::Release(const RelPath& path) {
  bool any = arriving_.Release(path);
  any = leaving_.Release(path) || any;
  return rows_gone_.Release(path) || any;
}

Status Gate::Revert(const RelPath& path) {
  bool any = leaving_.Revert(path);
  any = rows_gone_.Revert(path) || any;
  if (any) return Status::Ok();
  if (arriving_.parked(path)) {
    return {Errc::kInvalid, Printable(path) +
                                ": waits for its row; release it, or delete it where "
                                "it was made"};
  }
  return {Errc::kNotFound, Printable(path) + ": nothing of it is held"};
}

}  // namespace atozsync
