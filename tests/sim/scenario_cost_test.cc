// What ordinary work costs, in calls of the file system: with many small files these are most of
// the CPU time.
#include <gtest/gtest.h>

#include <utility>

#include "sync/base/probe.h"
#include "tests/sim/checkers.h"
#include "tests/sim/sim_cluster.h"

namespace atozsync {
namespace {

TEST(ScenarioCost, AnArrivingFileIsLookedAtLessThanEightTimes) {
  constexpr int kFiles = 400;
  constexpr int kFolders = 40;
  SimCluster c(1);
  c.StartAll();
  ASSERT_TRUE(c.Settle());
  const SimFileSystem& files = c.node("B").files();
  const uint64_t before = files.calls(FsCall::kStat);
  for (int i = 0; i < kFiles; ++i) {
    c.Write("A", "S/Smith" + std::to_string(i % kFolders) + "/" + std::to_string(i) + ".jpg",
            "content " + std::to_string(i));
  }
  ASSERT_TRUE(c.Settle());
  ExpectConverged(c);
  EXPECT_LT(files.calls(FsCall::kStat) - before, uint64_t{8} * kFiles);
}

TEST(ScenarioCost, ANameIsNotLookedAtDuringItsSwap) {
  constexpr char kFile[] = "S/Smith12/x.jpg";
  SimCluster c(1, {"A", "B"}, [](SimNodeOptions& options) {
    options.executor.work_max_ns = 500 * kMs;  // the swap takes longer than the hint
  });
  c.StartAll();
  ASSERT_TRUE(c.Settle());
  auto waited = [] { return ProbeHits()[static_cast<size_t>(ProbeId::kLookWaitsForSwap)].hits; };
  const uint64_t before = waited();
  SimFileSystem& files = c.node("B").files();
  files.SetHook([&, done = false](FsCall call, const RelPath&, const RelPath&) mutable {
    if (call != FsCall::kSyncFiles || std::exchange(done, true)) return;
    c.Write("B", kFile, "saved while the other one is made durable");
  });
  c.Write("A", kFile, "of a");
  ASSERT_TRUE(c.Settle());
  files.SetHook(nullptr);
  EXPECT_GT(waited(), before);
  // What was saved meanwhile was found all the same: nothing is lost.
  EXPECT_EQ(c.node("A").index().Conflicts().size(), 1u);
  ExpectConverged(c);
}

}  // namespace
}  // namespace atozsync
