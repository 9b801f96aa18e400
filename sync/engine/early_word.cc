#include "sync/engine/early_word.h"

#include <utility>

#include "sync/base/planted_fault.h"
#include "sync/base/probe.h"
#include "sync/model/patient_path.h"

namespace atozsync {

namespace {

constexpr int64_t kTellAgainMs = 1'000;
// Usually the row follows its file within milliseconds, and replicates as fast. What takes longer
// than this is overtaken by the deletion itself.
constexpr int64_t kWatchMs = 3'000;
constexpr int64_t kCloselyMs = 500;  // at first, then less closely
constexpr int64_t kClosePauseMs = 3;
constexpr int64_t kPauseMs = 20;
constexpr int64_t kUnknownPauseMs = 200;

}  // namespace

EarlyWord::EarlyWord(Core& core, RowSource* rows, RowQuestions* questions)
    : core_(core), rows_(rows), questions_(questions) {}

void EarlyWord::OnMissed(const IndexRow& row) {
  bool ours = rows_ != nullptr && row.version.kind == VersionKind::kFile && !row.unversioned &&
              InPatientFolder(row.path);
  if (!ours || Planted(PlantedFault::kEarlyWordUnsaid)) return;
  Expect(row.path);
  int64_t now_ms = core_.clock.MonoMs();
  if (told_.size() >= protocol::kGoingPathsMax) {
    std::erase_if(told_,
                  [now_ms](const auto& told) { return told.second + kTellAgainMs < now_ms; });
  }
  auto told = told_.find(row.path);
  if (told != told_.end() && told->second + kTellAgainMs >= now_ms) return;
  if (told == told_.end() && told_.size() >= protocol::kGoingPathsMax) return;
  told_[row.path] = now_ms;
  NoteSaid(row.path);  // it comes back from the others: not to be passed on then
  to_tell_.push_back(row.path);
  if (to_tell_.size() == 1) core_.Post([this] { TellNow(); });
}

void EarlyWord::TellNow() {
  protocol::Going going{std::exchange(to_tell_, {})};
  if (tell) tell(going);
}

bool EarlyWord::Expects(const RelPath& path) const {
  auto at = expected_.find(path);
  return at != expected_.end() && at->second >= core_.clock.MonoMs();
}

void EarlyWord::Expect(const RelPath& path) {
  int64_t now_ms = core_.clock.MonoMs();
  if (expected_.size() >= kExpectedMax) {
    std::erase_if(expected_, [now_ms](const auto& entry) { return entry.second < now_ms; });
  }
  if (expected_.size() < kExpectedMax) expected_[path] = now_ms + kExpectedMs;
  if (on_expected) on_expected(path);
}

bool EarlyWord::NoteSaid(const RelPath& path) {
  int64_t now_ms = core_.clock.MonoMs();
  auto old = [now_ms](const auto& said) { return said.second + kPassAgainMs < now_ms; };
  if (auto at = said_.find(path); at != said_.end()) {
    if (!old(*at)) return false;
    at->second = now_ms;
    return true;
  }
  if (said_.size() >= kPassedMax) std::erase_if(said_, old);
  return said_.size() < kPassedMax && said_.emplace(path, now_ms).second;
}

void EarlyWord::OnTold(const ReplicaId& from, const std::vector<RelPath>& paths) {
  protocol::Going passed;
  for (const RelPath& path : paths) {
    if (!InPatientFolder(path)) continue;
    Expect(path);
    std::optional<IndexRow> row = core_.index.Get(path);
    if (!row || row->version.kind != VersionKind::kFile) continue;
    if (NoteSaid(path)) passed.paths.push_back(path);
    if (rows_ != nullptr) Watch(path);
  }
  if (passed.paths.empty() || !pass_on || Planted(PlantedFault::kEarlyWordUnsaid)) return;
  Probe(ProbeId::kGoingPassedOn);
  pass_on(passed, from);
}

void EarlyWord::Watch(const RelPath& path) {
  if (watched_.size() >= kWatchedMax || watched_.contains(path)) return;
  Probe(ProbeId::kToldOfGoing);
  watched_[path] = core_.clock.MonoMs();
  questions_->Ask(path);
}

void EarlyWord::OnRowState(const RelPath& path, RowState state) {
  auto at = watched_.find(path);
  if (at == watched_.end()) return;
  int64_t age_ms = core_.clock.MonoMs() - at->second;
  std::optional<IndexRow> row = core_.index.Get(path);
  bool stands = row && row->version.kind == VersionKind::kFile;
  if (!stands || state == RowState::kNotNamed || age_ms >= kWatchMs) {
    watched_.erase(at);
    return;
  }
  int64_t pause_ms = age_ms < kCloselyMs ? kClosePauseMs : kPauseMs;
  questions_->Ask(path, state == RowState::kUnknown ? kUnknownPauseMs : pause_ms);
}

}  // namespace atozsync
