#include "tests/sim/swarm/shrink.h"

#include <algorithm>

namespace atozsync::swarm {

namespace {

class Shrinker {
 public:
  Shrinker(Scenario scenario, const StillFails& still_fails, int tries_max)
      : best_(std::move(scenario)), still_fails_(still_fails), tries_left_(tries_max) {}

  Scenario Run() {
    for (bool smaller = true; smaller && tries_left_ > 0;) {
      smaller = FewerSteps();
      smaller = UsualWorld() || smaller;
      smaller = SmallerSteps() || smaller;
    }
    return best_;
  }

 private:
  bool Try(const Scenario& candidate) {
    if (candidate == best_ || tries_left_ <= 0) return false;
    --tries_left_;
    if (!still_fails_(candidate)) return false;
    best_ = candidate;
    return true;
  }

  bool FewerSteps() {
    bool any = false;
    for (size_t length = std::max<size_t>(best_.steps.size() / 2, 1);; length /= 2) {
      for (size_t at = 0; at < best_.steps.size();) {
        Scenario candidate = best_;
        auto first = candidate.steps.begin() + static_cast<ptrdiff_t>(at);
        size_t count = std::min(length, best_.steps.size() - at);
        candidate.steps.erase(first, first + static_cast<ptrdiff_t>(count));
        if (Try(candidate)) {
          any = true;
        } else {
          at += length;
        }
      }
      if (length <= 1) return any;
    }
  }

  bool UsualWorld() {
    bool any = false;
    for (size_t i = 0; i < kKnobCount; ++i) {
      auto knob = static_cast<Knob>(i);
      if (knob == Knob::kSeed) continue;
      Scenario candidate = best_;
      candidate.Set(knob, UsualValue(knob));
      if (Try(candidate)) {
        any = true;
      } else if (knob == Knob::kReplicas || knob == Knob::kFirstFiles) {
        candidate.Set(knob, best_.Get(knob) - 1);
        if (candidate.Get(knob) >= UsualValue(knob)) any = Try(candidate) || any;
      }
    }
    return any;
  }

  bool SmallerSteps() {
    bool any = false;
    for (size_t i = 0; i < best_.steps.size(); ++i) {
      for (uint32_t Step::*field : {&Step::pause_ms, &Step::y, &Step::x}) {
        for (uint32_t value : {0u, best_.steps[i].*field / 2}) {
          if (value >= best_.steps[i].*field) continue;
          Scenario candidate = best_;
          candidate.steps[i].*field = value;
          any = Try(candidate) || any;
        }
      }
    }
    return any;
  }

  Scenario best_;
  const StillFails& still_fails_;
  int tries_left_;
};

}  // namespace

Scenario Shrink(Scenario scenario, const StillFails& still_fails, int tries_max) {
  return Shrinker(std::move(scenario), still_fails, tries_max).Run();
}

}  // namespace atozsync::swarm
