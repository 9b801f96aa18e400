// What is asked of a replica, and what happens to its volume, while it finishes what a crash has
// interrupted. Each test runs on many seeds: the jobs of a start fall differently in each.
#include <gtest/gtest.h>

#include <cerrno>
#include <cstdlib>

#include "tests/sim/checkers.h"
#include "tests/sim/sim_cluster.h"

namespace atozsync {
namespace {

constexpr char kFile[] = "S/Smith12/x.jpg";
constexpr uint64_t kSeeds = 40;

// B has exchanged the file for what A saved, and dies before it can tell its index.
void DieInASwap(SimCluster& c) {
  c.Write("A", kFile, "old");
  c.StartAll();
  ASSERT_TRUE(c.Settle());
  SimNode& b = c.node("B");
  bool exchanged = false;
  b.files().SetHook([&](FsCall call, const RelPath&, const RelPath&) {
    if (exchanged && b.running()) b.KillInJob();
    exchanged = exchanged || call == FsCall::kExchange;
  });
  c.Write("A", kFile, "new");
  c.RunFor(10'000);
  b.files().SetHook(nullptr);
  b.KillProcess();
  ASSERT_EQ(b.index().Intents().size(), 1u);
  ASSERT_EQ(c.Read("B", kFile), "new");
}

// What came from A is A's, whatever happened at the start.
void ExpectNoEditOfB(SimCluster& c) {
  ASSERT_TRUE(c.Settle()) << c.Describe();
  std::optional<IndexRow> row = c.node("A").index().Get(RelPath::Trusted(kFile));
  ASSERT_TRUE(row);
  EXPECT_EQ(ReplicaPrefixOf(row->version.dot.author), c.node("A").id().prefix());
  EXPECT_TRUE(c.node("A").index().Conflicts().empty());
  ExpectConverged(c);
}

// The resync's listings used to run beside recovery. Where one of them missed the marker, nobody
// looked for the folder any more.
TEST(ScenarioStart, AMarkerThatCannotBeReadOnceDoesNotEndIt) {
  for (uint64_t seed = 1; seed <= kSeeds && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    SimCluster c(seed);
    DieInASwap(c);
    SimNode& b = c.node("B");
    uint64_t wanted = 1 + seed % 6;
    b.files().SetHook([&](FsCall call, const RelPath& path, const RelPath&) {
      bool marker = call == FsCall::kStat && path == Replica::MarkerPath();
      if (marker && --wanted == 0) b.files().FailCall(call, 1, EACCES);
    });
    b.Start();
    bool answered = false;
    b.replica().Resync({}, nullptr, [&](const ResyncReport&) { answered = true; });
    ExpectNoEditOfB(c);
    EXPECT_TRUE(answered || b.restarts_asked() > 0);
  }
}

TEST(ScenarioStart, AVolumeThatGoesAwayDuringRecoveryLeavesWhatIsToBeDone) {
  for (uint64_t call = 0; call < 12 && !testing::Test::HasFailure(); ++call) {
    SCOPED_TRACE(call);
    SimCluster c(900 + call);
    DieInASwap(c);
    SimNode& b = c.node("B");
    uint64_t seen = 0;
    b.files().SetHook([&](FsCall, const RelPath&, const RelPath&) {
      if (seen++ == call) b.files().Unmount();
    });
    b.Start();
    c.RunFor(5'000);
    b.files().SetHook(nullptr);
    b.files().Mount();
    ExpectNoEditOfB(c);
  }
}

TEST(ScenarioStart, WhatAPersonBringsBackAtOnceWaitsForRecovery) {
  for (uint64_t seed = 1; seed <= kSeeds && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    SimCluster c(seed);
    const std::string other = "S/Smith12/other.jpg";
    c.Write("A", other, "first");
    c.StartAll();
    ASSERT_TRUE(c.Settle());
    c.Write("A", other, "second");
    ASSERT_TRUE(c.Settle());
    DieInASwap(c);
    SimNode& b = c.node("B");
    std::vector<KeptVersion> kept = b.index().KeptOf(RelPath::Trusted(other));
    ASSERT_EQ(kept.size(), 1u);
    b.Start();
    std::optional<Status> restored;
    b.replica().Restore(RelPath::Trusted(other), kept[0].id,
                        [&](Status status) { restored = std::move(status); });
    ASSERT_TRUE(c.scheduler().RunUntil([&] { return restored.has_value(); }, 60'000));
    ExpectNoEditOfB(c);
    EXPECT_TRUE(restored->ok()) << restored->ToString();
    EXPECT_EQ(c.Read("A", other), "first");
  }
}

// How far a peer's clock is from ours is known while it is connected; a step of our own is seen.
TEST(ScenarioClocks, ThePeersClockIsCompared) {
  SimCluster c(7, {"A", "B"});
  c.StartAll();
  ASSERT_TRUE(c.Settle());
  constexpr int64_t kNsPerMs = 1'000'000;
  constexpr int64_t kLineMs = 1'000;  // what a Hello takes at most
  auto of_b = [&c] { return c.node("A").replica().Report().peers.at(0).clock_ahead_ms; };
  auto ahead_ms = [&c] { return c.node("B").clock().WallMs() - c.node("A").clock().WallMs(); };
  ASSERT_TRUE(of_b().has_value());
  EXPECT_LT(std::abs(*of_b() - ahead_ms()), kLineMs);
  c.node("A").clock().JumpWall(3'600'000 * kNsPerMs);
  EXPECT_LT(std::abs(*of_b() - ahead_ms()), kLineMs);
  EXPECT_LT(*of_b(), -3'000'000);
  c.Partition("A", "B");
  c.RunFor(120'000);
  EXPECT_FALSE(of_b().has_value());
}

}  // namespace
}  // namespace atozsync
