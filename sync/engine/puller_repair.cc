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
  Work& work = BeginRepair(row, "held-revert: a person took back what had happened to it here");
  work.brings_back = true;
  if (stands) {
    work.plan.stands = stands->version;
    work.plan.order.expected_kind = VersionKind::kFile;
    work.plan.order.expected = stands->stamp;
    KeepReplaced(core_, work.plan, "replaced");
  }
  Obtain(row.path);
  return true;
}

void Puller::TellBrought(Work& work, const Status& status) {
  if (!std::exchange(work.brings_back, false) || !on_brought) return;
  on_brought(RelPath(work.plan.path), status);
}

}  // namespace atozsync
