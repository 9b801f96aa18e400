// All small histories through real engines: every order of a few steps on names that are in each
// other's way. ATOZ_SMALL_WORLD_FULL=1 leaves out none.
#include "tests/sim/small_world.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

namespace atozsync {
namespace {

void RunAll(SmallWorldKind kind, uint64_t stride) {
  if (std::getenv("ATOZ_SMALL_WORLD_FULL") != nullptr) stride = 1;
  uint64_t histories = 0;
  for (bool base : {false, true}) {
    for (bool hasty : {false, true}) {
      kind.base = base;
      kind.hasty = hasty;
      histories += RunAllHistories(kind, stride).histories;
      if (testing::Test::HasFailure()) return;
    }
  }
  std::cout << histories << " histories\n";
  testing::Test::RecordProperty("histories", static_cast<int>(histories));
}

TEST(SmallHistories, TwoStepsOnTwoReplicas) {
  RunAll({.replicas = 2, .steps = 2}, 1);
}

TEST(SmallHistories, TwoStepsOnThreeReplicas) {
  RunAll({.replicas = 3, .steps = 2}, 1);
}

TEST(SmallHistories, ThreeStepsOnTwoReplicas) {
  RunAll({.replicas = 2, .steps = 3}, 3);
}

TEST(SmallHistories, ThreeStepsOnThreeReplicas) {
  RunAll({.replicas = 3, .steps = 3}, 20);
}

}  // namespace
}  // namespace atozsync
