// How the puller brings back what is damaged, or gone although nobody deleted it.
#include <optional>
#include <utility>

#include "sync/base/probe.h"
#include "sync/engine/puller.h"

namespace atozsync {

// What the row says, brought anew; nothing is expected to stand there.
Puller::Work& Puller::BeginRepair(const IndexRow& row, const char* reason) {
  Work& work = in_flight_[row.path];
  work.need = {row.path, core_.options.id, row.version, 0};
  Plan& plan = work.plan;
  plan.kind = PlanKind::kSwap;
  plan.path = row.path;
  plan.target = row.version;
  plan.needs_content = true;
  plan.base = row;
  plan.reason = reason;
  plan.order.op = SwapOp::kPlace;
  plan.order.path = row.path;
  Prepare(work, core_.index.NeedsOf(row.path));
  std::erase(work.local_sources, row.path);
  MayAskEverybody(work);
  return work;
}

bool Puller::Repair(const IndexRow& row) {
  if (in_flight_.contains(row.path) || core_.busy_paths.contains(row.path)) return false;
  Probe(ProbeId::kDamageRepaired);
  Work& work =
      BeginRepair(row, "repaired: the bytes were damaged; the right ones came from another place");
  work.plan.order.expected_kind = VersionKind::kFile;
  work.plan.order.expected = row.stamp;
  KeepReplaced(core_, work.plan, kKeptDamaged);
  Obtain(row.path);
  return true;
}

bool Puller::MayRepair(const RelPath& path) const {
  if (in_flight_.contains(path) || core_.busy_paths.contains(path)) return false;
  return !stopped_ && !disk_full_ && HasRoom();
}

bool Puller::BringBack(const IndexRow& row) {
  if (!MayRepair(row.path)) return false;
  Work& work = BeginRepair(row, "brought back: it vanished although its row stands");
  work.brings_back = true;
  Obtain(row.path);
  return true;
}

bool Puller::TakeBack(const IndexRow& row, const std::optional<Standing>& stands) {
  if (!MayRepair(row.path)) return false;
  if (TakeNewer(row, stands)) return true;
  Work& work = BeginRepair(row, "held-revert: a person took back what had happened to it here");
  work.brings_back = true;
  ExpectStanding(work.plan, stands);
  Obtain(row.path);
  return true;
}

void Puller::ExpectStanding(Plan& plan, const std::optional<Standing>& stands) {
  plan.order.expected_kind = stands ? VersionKind::kFile : VersionKind::kTombstone;
  plan.order.expected = stands ? stands->stamp : FileStamp();
  plan.order.kept_at = RelPath();
  plan.kept_id.clear();
  if (!stands) return;
  plan.stands = stands->version;
  KeepReplaced(core_, plan, plan.target.exists() ? "replaced" : "deleted");
}

bool Puller::TakeNewer(const IndexRow& row, const std::optional<Standing>& stands) {
  std::vector<Need> needs = core_.index.NeedsOf(row.path);
  for (const Need& need : needs) {
    if (peers_.Find(need.peer) == nullptr || !CheckJoin(row.version, need.version).ok()) continue;
    Plan plan = MakePlan(core_, peers_.MemberPrefixes(), row, row.path, need.version);
    bool newer = plan.kind == PlanKind::kSwap && !plan.conflict;
    bool whole = plan.order.op == SwapOp::kPlace || plan.order.op == SwapOp::kRemove;
    if (!newer || !whole) continue;
    ExpectStanding(plan, stands);
    Work& work = in_flight_[row.path];
    work.need = need;
    work.plan = std::move(plan);
    work.brings_back = true;
    if (work.plan.needs_content) {
      Prepare(work, needs);
      Obtain(row.path);
    } else {
      OnStaged(row.path);
    }
    return true;
  }
  return false;
}

void Puller::TellBrought(Work& work, const Status& status) {
  if (!std::exchange(work.brings_back, false) || !on_brought) return;
  on_brought(RelPath(work.plan.path), status);
}

}  // namespace atozsync
