// MotifWriter: puts motifs between the steps of a history. What a motif is, the derived class says.
// Pure; lives as long as one drawing.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "tests/sim/sim_random.h"
#include "tests/sim/swarm/scenario.h"

namespace atozsync::swarm {

class MotifWriter {
 public:
  MotifWriter(Scenario& scenario, SimRandom random)
      : scenario_(scenario), random_(std::move(random)) {}
  virtual ~MotifWriter() = default;
  MotifWriter(const MotifWriter&) = delete;
  MotifWriter& operator=(const MotifWriter&) = delete;

  // Keeps a part of the steps and adds one to three motifs, each begun when all is calm.
  void Add() {
    std::vector<Step> drawn = std::move(scenario_.steps);
    size_t at = random_.Below(std::min<size_t>(drawn.size(), 8) + 1);
    steps_.assign(drawn.begin(), drawn.begin() + static_cast<ptrdiff_t>(at));
    if (scenario_.Get(Knob::kFirstFiles) < 3) scenario_.Set(Knob::kFirstFiles, 3);
    for (int64_t left = random_.Between(1, 3); left > 0; --left) {
      Calm();
      One();
      for (int64_t more = random_.Between(0, 3); more > 0 && at < drawn.size(); --more) {
        steps_.push_back(drawn[at++]);
      }
    }
    scenario_.steps = std::move(steps_);
  }

 protected:
  // Between the machines a_ and b_, about file_.
  virtual void One() = 0;

  void Do(StepKind kind, uint32_t node, uint32_t x, uint32_t y, int64_t pause_max_ms) {
    Step step{kind, node, x, y, 0};
    step.pause_ms = static_cast<uint32_t>(random_.Between(0, pause_max_ms));
    steps_.push_back(step);
  }
  // After the step that was added last.
  void Pause(int64_t min_ms, int64_t max_ms) {
    steps_.back().pause_ms = static_cast<uint32_t>(random_.Between(min_ms, max_ms));
  }
  uint32_t Below(uint64_t bound) { return static_cast<uint32_t>(random_.Below(bound)); }
  template <size_t kCount>
  StepKind Either(const StepKind (&kinds)[kCount]) {
    return kinds[random_.Below(kCount)];
  }

  // All run, and have what the others have.
  void Calm() {
    Do(StepKind::kHealAll, 0, 0, 0, 0);
    Do(StepKind::kStartAll, 0, 0, 0, 10);
    steps_.back().pause_ms = random_.Chance(700) ? 1'500 : 100;
    a_ = Below(static_cast<uint64_t>(scenario_.Get(Knob::kReplicas)));
    b_ = (a_ + 1) % static_cast<uint32_t>(scenario_.Get(Knob::kReplicas));
    file_ = Below(1'000);  // the same one on all, as long as they have the same files
  }

  // The number by which a step of `node` means the machine `other`.
  static uint32_t Peer(uint32_t node, uint32_t other) { return other < node ? other : other - 1; }

  Scenario& scenario_;
  SimRandom random_;
  std::vector<Step> steps_;
  uint32_t a_ = 0;
  uint32_t b_ = 0;
  uint32_t file_ = 0;
};

}  // namespace atozsync::swarm
