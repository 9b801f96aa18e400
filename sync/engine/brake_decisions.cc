// What people see of the brake, and what they decide.
#include <utility>

#include "sync/base/probe.h"
#include "sync/engine/brake.h"

namespace atozsync {

namespace {

constexpr size_t kRevertsMax = 200;  // under way
constexpr int64_t kRevertPauseMs = 100;
constexpr int64_t kFailedPauseMs = 5'000;

}  // namespace

std::vector<RelPath> Brake::HeldAt(const RelPath& path) const {
  std::vector<RelPath> at;
  if (!tripped_) return at;
  for (const auto& [held, what] : held_) {
    if (held.IsAtOrBelow(path)) at.push_back(held);
  }
  return at;
}

bool Brake::Release(const RelPath& path) {
  bool any = false;
  for (const RelPath& held : HeldAt(path)) {
    // What is being brought back, too: whoever has it may not be reached for days.
    if (held_.at(held).stage == Stage::kGathered) continue;
    any = true;
    LetGo(held, false);
  }
  if (any) Probe(ProbeId::kBrakeReleased);
  return any;
}

bool Brake::Revert(const RelPath& path) {
  bool any = false;
  for (const RelPath& held : HeldAt(path)) {
    any = true;
    Held& what = held_.at(held);
    what.nobody_has_it = false;
    if (std::exchange(what.stage, Stage::kReverting) != Stage::kReverting) reverts_.push_back(held);
  }
  if (any) PumpReverts();
  return any;
}

void Brake::PumpReverts() {
  for (size_t left = reverts_.size(); left > 0 && reverting_.size() < kRevertsMax; --left) {
    const RelPath path = std::move(reverts_.front());
    reverts_.pop_front();
    RevertOne(path);
  }
  if (!reverts_.empty() && reverting_.empty()) RevertLater();
}

void Brake::RevertLater() {
  if (std::exchange(reverts_due_, true)) return;
  core_.PostAfter(kRevertPauseMs, [this] {
    reverts_due_ = false;
    PumpReverts();
  });
}

void Brake::RevertOne(const RelPath& path) {
  auto at = held_.find(path);
  if (at == held_.end() || at->second.stage != Stage::kReverting) return;
  std::optional<IndexRow> row = core_.index.Get(path);
  if (!row || row->version.kind != VersionKind::kFile) {
    Erase(at);
    return;
  }
  const std::optional<Standing>& stands = at->second.stands;
  if (stands && !stands->stamp.trusted()) {
    look_again(path, false);
  } else {
    reverting_.insert(path);  // the answer may come at once
    if (take_back(*row, stands)) return;
    reverting_.erase(path);
  }
  reverts_.push_back(path);
  RevertLater();
}

void Brake::OnBrought(const RelPath& path, const Status& status) {
  if (reverting_.erase(path) == 0) return;
  auto at = held_.find(path);
  if (at == held_.end()) return;
  if (status.ok()) {
    Probe(ProbeId::kBrakeReverted);
    Erase(at);
  } else if (status.Is(Errc::kNotFound)) {
    at->second.stage = Stage::kHeld;
    at->second.nobody_has_it = true;
  } else {
    // Somebody wrote to it, or who has it cannot be reached: it is tried until it goes.
    look_again(path, !at->second.stands);
    core_.PostAfter(kFailedPauseMs, [this, path] {
      reverts_.push_back(path);
      PumpReverts();
    });
  }
  if (!reverts_.empty()) RevertLater();
  on_progress();
}

void Brake::List(OldestHeld& out) const {
  if (!tripped_) return;
  for (const auto& [path, held] : held_) {
    if (!out.Wants(held.since_ms)) continue;
    std::string text =
        held.stands ? "rewritten into something that is not what its name says" : "deleted here";
    if (held.stage == Stage::kReverting) {
      text += ": being brought back";
    } else if (held.nobody_has_it) {
      text += ", and no replica has its former content any more: look for it in a backup";
    } else {
      text += held.stands ? ", with very many others: `held release` sends it to the others, "
                            "`held revert` brings the former content back and keeps this one"
                          : ", with very many others: `held release` deletes it at the others, "
                            "too, `held revert` brings it back";
    }
    out.Add({path, HeldWhy::kBrake, held.since_ms, 0, std::move(text)});
  }
}

}  // namespace atozsync
