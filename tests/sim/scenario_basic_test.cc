// The everyday life of a cluster: first sync, edits, renames, deletions – nobody interferes.
#include <gtest/gtest.h>

#include "tests/sim/checkers.h"
#include "tests/sim/sim_cluster.h"

namespace atozsync {
namespace {

TEST(ScenarioBasic, OneFileArrives) {
  SimCluster c({.seed = 1});
  c.Write("A", "S/Smith12/x.jpg", "one");
  c.StartAll();
  ASSERT_TRUE(c.Settle());
  EXPECT_EQ(c.Read("B", "S/Smith12/x.jpg"), "one");
  ExpectConverged(c);
}

}  // namespace
}  // namespace atozsync
