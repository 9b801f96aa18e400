// Which need comes next, and those that wait at the gate to the database.
#include <algorithm>

#include "sync/engine/puller.h"

namespace atozsync {

namespace {

constexpr size_t kPageNeeds = 512;
constexpr size_t kHurriedMax = 1'000;  // paths; then the earliest are forgotten, not their needs
constexpr size_t kHurriedNeeds = 512;  // below one of them

}  // namespace

// What is urgent first, then in order of arrival. False: there is none.
bool Puller::Next(Need& need) {
  while (hurried_page_.empty() && !hurried_.empty()) {
    RelPath path = std::move(hurried_.front());
    hurried_.pop_front();
    hurried_page_ = core_.index.NeedsBelow(path, kHurriedNeeds);
    for (Need& own : core_.index.NeedsOf(path)) hurried_page_.push_back(std::move(own));
    std::reverse(hurried_page_.begin(), hurried_page_.end());
  }
  if (!hurried_page_.empty()) {
    need = std::move(hurried_page_.back());
    hurried_page_.pop_back();
    return true;
  }
  if (page_.empty()) {
    page_ = core_.index.Needs(cursor_, kPageNeeds);
    if (page_.empty()) return false;
    std::reverse(page_.begin(), page_.end());
  }
  need = std::move(page_.back());
  page_.pop_back();
  cursor_ = need.arrival;
  return true;
}

void Puller::Hurry(const RelPath& path) {
  if (core_.index.need_totals().paths == 0) return;
  if (hurried_.size() >= kHurriedMax) hurried_.pop_front();
  hurried_.push_back(path);
  Continue();
}

// --- the gate to the database ---

// Its content is here from before, and the row has not come: nothing has to be done now.
bool Puller::WaitsWithContent(const Need& need, const Plan& plan) {
  ArrivingGate& gate = gate_.arriving();
  if (need.arrival == 0 || !gate.Concerns(plan)) {
    gate.Forget(need.path);
    return false;
  }
  // Asked now, so that the answer is there when the content is.
  bool open = gate.MayAppear(need.path) == ArrivingGate::Pass::kOpen;
  if (open || !gate.HasContent(plan.target.hash)) return false;
  gate.Park(need.path, plan.target.hash);
  return true;
}

bool Puller::PassesGate(const RelPath& key) {
  Work& work = in_flight_.at(key);
  if (work.need.arrival == 0 || !gate_.arriving().Concerns(work.plan)) return true;
  switch (gate_.arriving().MayAppear(key)) {
    case ArrivingGate::Pass::kOpen: return true;
    case ArrivingGate::Pass::kAsking: work.at_gate = true; return false;
    case ArrivingGate::Pass::kWait: Park(key); return false;
  }
  return true;
}

void Puller::Park(const RelPath& key) {
  const Work& work = in_flight_.at(key);
  core_.Async<Status>(
      Lane::kWrite,
      [files = &core_.files, staged = work.target.staged, hash = work.target.hash] {
        Status moved = files->RenameNoReplace(staged, layout::Held(hash));
        if (!moved.Is(Errc::kExists)) return moved;
        return files->RemoveFile(staged);  // another path waits with the same content
      },
      [this, key, hash = work.target.hash](const Status& status) {
        deferred_.erase(key);
        if (status.ok()) {
          gate_.arriving().Park(key, hash);
          FinishWork(key);
        } else {
          FinishWork(key);
          OnTrouble(key, status);
        }
      });
}

}  // namespace atozsync
