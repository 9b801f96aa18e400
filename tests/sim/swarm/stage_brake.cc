// The brake: a person lets go what it holds, or takes it back.
#include <algorithm>

#include "tests/sim/swarm/stage.h"

namespace atozsync::swarm {

namespace {

constexpr size_t kHeldShown = 10'000;
constexpr int64_t kDecidePollMs = 1'000;
constexpr int64_t kNothingHeldMs = 20'000;  // longer than anything waits to be judged
constexpr int64_t kDecideMaxMs = 600'000;

}  // namespace

bool Stage::ReleaseHeld(SimNode& node) {
  if (!node.running() || node.replica().Report().held_brake == 0) return false;
  ledger_.NoteReleased(node, node.replica().Held(kHeldShown));
  return node.replica().ReleaseHeld(RelPath()).ok();
}

void Stage::Decide(SimNode& node) {
  if (ReleaseHeld(node)) Narrate("a person lets go what the brake of " + node.name() + " holds");
}

void Stage::TakeBack(SimNode& node) {
  if (!node.running() || node.replica().Report().held_brake == 0) return;
  for (const HeldFile& held : node.replica().Held(kHeldShown)) {
    ledger_.NoteHeldTakenBack(node, held.path.str());
  }
  if (!node.replica().RevertHeld(RelPath()).ok()) return;
  Narrate("a person takes back what the brake of " + node.name() + " holds");
}

// Until nothing has been held for a while.
void Stage::AwaitDecisions() {
  if (scenario_.Get(Knob::kBrakeFiles) == 0) return;
  int64_t calm_ms = 0;
  for (int64_t waited_ms = 0; calm_ms < kNothingHeldMs; waited_ms += kDecidePollMs) {
    if (cluster_.violated() || waited_ms > kDecideMaxMs) return;
    cluster_.RunFor(kDecidePollMs);
    calm_ms += kDecidePollMs;
    for (auto& [name, node] : cluster_.nodes()) {
      if (ReleaseHeld(*node) || node->replica().Report().state == ReplicaState::kBraked) {
        calm_ms = 0;
      }
    }
  }
}

}  // namespace atozsync::swarm
