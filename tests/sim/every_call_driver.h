// The loops around EveryCallRun: every point of a scene, or every n-th of them where the whole
// would take too long for a default run, and the words in which a failure can be run again.
//
// ATOZ_EVERY_CALL_FULL=1   every point and more draws
// ATOZ_EVERY_CALL_N=n      point n alone (in two-fault tests: of the first one)
// ATOZ_EVERY_CALL_DRAW=d   that draw alone
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tests/sim/every_call.h"

namespace atozsync {

struct EveryCallCase {
  const EveryCallScene* scene = nullptr;
  std::string victim;
};
// All scenes, the first sync too, with either side as the victim.
std::vector<EveryCallCase> EveryCallCases();
std::string EveryCallCaseName(const EveryCallCase& each);

bool EveryCallInFull();
// ATOZ_EVERY_CALL_DRAW permits it.
bool EveryCallDraw(uint64_t draw);

// Draws of a power loss: the two extremes, and `by_lot` (in full: three times as many) others.
std::vector<uint64_t> EveryCallDraws(uint64_t by_lot);

// `usual`, or `long_ones` for scenes of which one run takes long; in full 1 or the last one.
uint64_t EveryCallStride(const EveryCallScene& scene, uint64_t usual, uint64_t long_ones,
                         uint64_t long_ones_in_full = 1);

// What is to happen at point n of a survey; may be several things, one run each.
using AtPoint = std::function<std::vector<Interruption>(uint64_t n, bool is_call)>;

// Surveys the scene after `before` has happened, then interrupts it at each `stride`-th point; all
// runs end as the survey did, unless `users`. Stops at the first failure and prints how to repeat.
// Returns the number of runs.
uint64_t ForEveryPoint(const EveryCallCase& each, const std::vector<Interruption>& before,
                       uint64_t stride, bool users, const AtPoint& at_point);
// Printed, and a property of the test.
void ReportRuns(uint64_t runs);

}  // namespace atozsync
