// Crashes, full and vanished volumes, writers that come in between, members that were away.
#include <gtest/gtest.h>

#include <cerrno>

#include "sync/base/planted_fault.h"
#include "tests/sim/checkers.h"
#include "tests/sim/sim_cluster.h"

namespace atozsync {
namespace {

constexpr char kFile[] = "S/Smith12/x.jpg";

std::string FileName(int i) {
  return "S/Smith" + std::to_string(i % 5) + "/" + std::to_string(i) + ".jpg";
}

enum class Crash { kProcess, kPower };

// The receiver dies before its nth change of the folder, comes back, dies again … Returns how often
// it then found an interrupted change.
int CrashAgainAndAgain(uint64_t seed, Crash crash) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  SimCluster c(seed);
  SimRandom random(seed);
  for (int i = 0; i < 30; ++i) c.Write("A", FileName(i), "content " + std::to_string(i));
  c.StartAll();
  SimNode& b = c.node("B");
  for (int round = 0; round < 6; ++round) {
    uint64_t at = b.files().mutating_calls() + 1 + random.Below(60);
    bool reached = c.scheduler().RunUntil([&] { return b.files().mutating_calls() >= at; }, 20'000);
    if (crash == Crash::kProcess) {
      b.KillProcess();
    } else if (reached && random.Chance(500)) {
      b.files().SetHook([&b, done = false](FsCall, const RelPath&, const RelPath&) mutable {
        if (done) return;
        done = true;
        b.LosePowerInJob();
      });
      c.Write("A", FileName(round), "edited in round " + std::to_string(round));
      c.RunFor(3'000);
      b.files().SetHook(nullptr);
      b.LosePower();
    } else {
      b.LosePower();
    }
    c.Write("A", FileName(static_cast<int>(random.Below(30))), "edit " + std::to_string(round));
    c.RunFor(random.Between(0, 500));
    b.Start();
  }
  ExpectConverged(c);
  EXPECT_TRUE(c.node("A").index().Conflicts().empty()) << "a crash is not an edit";
  EXPECT_EQ(c.node("B").files().UserTree().size(), 30u + 6u) << "files, and their directories";
  return b.recoveries();
}

TEST(ScenarioCrash, ProcessDiesDuringFirstSyncAndEdits) {
  int recoveries = 0;
  for (uint64_t seed = 1; seed <= 25 && !testing::Test::HasFailure(); ++seed) {
    recoveries += CrashAgainAndAgain(seed, Crash::kProcess);
  }
  EXPECT_GT(recoveries, 5) << "the crashes fall beside what they are to test";
}

TEST(ScenarioCrash, PowerFailsDuringFirstSyncAndEdits) {
  int recoveries = 0;
  for (uint64_t seed = 101; seed <= 165 && !testing::Test::HasFailure(); ++seed) {
    recoveries += CrashAgainAndAgain(seed, Crash::kPower);
  }
  EXPECT_GT(recoveries, 5) << "the crashes fall beside what they are to test";
}

TEST(ScenarioCrash, SenderDiesWhileItIsEdited) {
  for (uint64_t seed = 201; seed <= 210 && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    SimCluster c(seed);
    SimRandom random(seed);
    for (int i = 0; i < 10; ++i) c.Write("A", FileName(i), "content " + std::to_string(i));
    c.StartAll();
    for (int round = 0; round < 6; ++round) {
      c.RunFor(random.Between(0, 400));
      c.Write("A", FileName(round), "edit " + std::to_string(round));
      c.RunFor(random.Between(0, 60));
      c.node("A").LosePower();
      c.Write("A", FileName(round + 1), "while it was down " + std::to_string(round));
      c.node("A").Start();
    }
    ExpectConverged(c);
    EXPECT_TRUE(c.node("B").index().Conflicts().empty());
  }
}

TEST(ScenarioAway, NothingIsResurrectedAndNewFilesSurvive) {
  SimCluster c(31, {"A", "B", "C"});
  for (int i = 0; i < 10; ++i) c.Write("A", FileName(i), "content " + std::to_string(i));
  c.StartAll();
  ASSERT_TRUE(c.Settle());
  c.node("C").KillProcess();
  for (int i = 0; i < 5; ++i) c.Delete("A", FileName(i));
  ASSERT_TRUE(c.Settle());
  c.RunFor(120'000);
  EXPECT_EQ(c.node("A").index().totals().tombstones, 5u) << "C does not know yet";
  c.Write("B", FileName(0), "made anew while C is away");
  ASSERT_TRUE(c.Settle());
  c.node("C").Start();
  ASSERT_TRUE(c.Settle());
  for (const char* node : {"A", "B", "C"}) {
    EXPECT_EQ(c.Read(node, FileName(0)), "made anew while C is away") << node;
    for (int i = 1; i < 5; ++i) EXPECT_EQ(c.Read(node, FileName(i)), "(nothing)") << node;
  }
  ExpectConverged(c);
  for (auto& [name, node] : c.nodes()) {
    EXPECT_EQ(node->index().totals().tombstones, 0u) << name;
    EXPECT_TRUE(node->index().Conflicts().empty()) << name;
  }
  c.Write("C", FileName(1), "at the place of a forgotten deletion");
  ASSERT_TRUE(c.Settle());
  EXPECT_EQ(c.Read("A", FileName(1)), "at the place of a forgotten deletion");
  ExpectConverged(c);
}

TEST(ScenarioVolume, VanishedRootAnnouncesNothing) {
  SimCluster c(32);
  for (int i = 0; i < 10; ++i) c.Write("A", FileName(i), "content " + std::to_string(i));
  c.StartAll();
  ASSERT_TRUE(c.Settle());
  Tree before = c.node("A").files().UserTree();
  c.node("A").files().Unmount();
  c.RunFor(70'000);  // over a regular rescan
  EXPECT_EQ(c.node("A").replica().Report().state, ReplicaState::kRootMissing);
  EXPECT_EQ(c.node("B").files().UserTree(), before);
  c.Write("B", FileName(3), "edited meanwhile");
  c.RunFor(5'000);
  c.node("A").files().Mount();
  ASSERT_TRUE(c.Settle());
  EXPECT_GE(c.node("A").restarts_asked(), 1);
  EXPECT_EQ(c.Read("A", FileName(3)), "edited meanwhile");
  EXPECT_EQ(c.node("A").files().UserTree().size(), before.size());
  ExpectConverged(c);
}

// The volume goes away right before one of the agent's changes: what is then done to the empty
// folder in its place must not be taken for the real one.
TEST(ScenarioVolume, RootVanishesInTheInstantOfAChange) {
  for (uint64_t call = 0; call < 12 && !testing::Test::HasFailure(); ++call) {
    SCOPED_TRACE(call);
    SimCluster c(800 + call);
    c.Write("A", "S/Smith12/gone.jpg", "to be deleted");
    c.Write("A", kFile, "old");
    c.StartAll();
    ASSERT_TRUE(c.Settle());
    uint64_t seen = 0;
    c.node("B").files().SetHook([&](FsCall what, const RelPath&, const RelPath&) {
      if (IsMutating(what) && seen++ == call) c.node("B").files().Unmount();
    });
    c.MakeDir("A", "E/empty/folder");
    c.Delete("A", "S/Smith12/gone.jpg");
    c.Write("A", kFile, "new");
    c.RunFor(5'000);
    c.node("B").files().Mount();
    ASSERT_TRUE(c.Settle());
    EXPECT_TRUE(c.node("A").files().Exists("E/empty/folder"));
    EXPECT_TRUE(c.node("B").files().Exists("E/empty/folder"));
    EXPECT_EQ(c.Read("B", kFile), "new");
    EXPECT_FALSE(c.node("B").files().Exists("S/Smith12/gone.jpg"));
    ExpectConverged(c);
    EXPECT_TRUE(c.node("A").index().Conflicts().empty());
    c.node("B").files().SetHook(nullptr);
  }
}

TEST(ScenarioVolume, FullDiskStopsReceivingOnly) {
  SimCluster c(33);
  c.StartAll();
  ASSERT_TRUE(c.Settle());
  c.node("B").files().SetCapacity(c.node("B").files().used_bytes() + 30'000);
  for (int i = 0; i < 10; ++i) {
    c.Write("A", FileName(i), std::string(20'000, static_cast<char>('a' + i)));
  }
  c.RunFor(3'000);
  bool seen_full = false;
  for (int i = 0; i < 200 && !seen_full; ++i) {
    c.RunFor(50);
    seen_full = c.node("B").replica().Report().state == ReplicaState::kDiskFull;
  }
  EXPECT_TRUE(seen_full);
  c.Write("B", "B/Bo1/small.txt", "still goes out");
  c.RunFor(5'000);
  EXPECT_EQ(c.Read("A", "B/Bo1/small.txt"), "still goes out");
  c.node("B").files().SetCapacity(uint64_t{1} << 40);
  ASSERT_TRUE(c.Settle());
  EXPECT_EQ(c.Read("B", FileName(9)).size(), 20'000u);
  ExpectConverged(c);
}

TEST(ScenarioVolume, LockedFileIsTriedAgain) {
  SimCluster c(34);
  c.Write("A", kFile, "old");
  c.StartAll();
  ASSERT_TRUE(c.Settle());
  ASSERT_TRUE(c.node("B").files().SetNodeError(kFile, EBUSY));
  c.Write("A", kFile, "new");
  c.RunFor(10'000);
  EXPECT_EQ(c.Read("B", kFile), "old");
  ASSERT_TRUE(c.node("B").files().SetNodeError(kFile, 0));
  ASSERT_TRUE(c.Settle());
  EXPECT_EQ(c.Read("B", kFile), "new");
  ExpectConverged(c);
}

TEST(ScenarioVolume, FailingCallsOnlyDelay) {
  SimCluster c(35);
  c.StartAll();
  ASSERT_TRUE(c.Settle());
  c.node("B").files().FailRandomly(50, EIO);
  for (int i = 0; i < 40; ++i) c.Write("A", FileName(i), "content " + std::to_string(i));
  c.RunFor(20'000);
  c.node("B").files().FailRandomly(0, EIO);
  if (!c.node("B").replica().Report().last_error.empty()) {  // a person starts it again
    c.node("B").KillProcess();
    c.node("B").Start();
  }
  ExpectConverged(c);
  EXPECT_TRUE(c.node("A").index().Conflicts().empty());
}

// A viewer or editor that keeps the old file open and writes to it after the swap.
TEST(ScenarioWriter, WriteThroughAnOpenHandleIsALateWrite) {
  SimCluster c(36);
  c.Write("A", kFile, "base");
  c.StartAll();
  ASSERT_TRUE(c.Settle());
  auto handle = c.node("B").files().OpenAsUser(kFile);
  ASSERT_TRUE(handle.ok());
  c.Write("A", kFile, "new from A");
  ASSERT_TRUE(c.Settle());
  EXPECT_EQ(c.Read("B", kFile), "new from A");
  ASSERT_TRUE((*handle)->WriteAt(0, AsBytes("late bytes")).ok());
  handle->reset();
  c.NoteWritten("late bytes");
  c.RunFor(40'000);
  ASSERT_TRUE(c.Settle());
  std::vector<ConflictRecord> conflicts = c.node("A").index().Conflicts();
  ASSERT_EQ(conflicts.size(), 1u);
  EXPECT_EQ(conflicts[0].kind, ConflictKind::kLateWrite);
  EXPECT_EQ(c.Read("A", kFile), "new from A");
  ExpectConverged(c);
}

// In the very instant before each call that changes the folder: another edit of the same file.
TEST(ScenarioWriter, EditInTheInstantOfTheSwap) {
  for (uint64_t call = 0; call < 14 && !testing::Test::HasFailure(); ++call) {
    for (bool new_inode : {false, true}) {
      SCOPED_TRACE("before call " + std::to_string(call) + (new_inode ? ", new inode" : ""));
      SimCluster c(400 + call);
      c.Write("A", kFile, "base");
      c.StartAll();
      ASSERT_TRUE(c.Settle());
      uint64_t seen = 0;
      c.node("B").files().SetHook([&](FsCall what, const RelPath&, const RelPath&) {
        if (!IsMutating(what) || seen++ != call) return;
        if (new_inode) {
          c.Replace("B", kFile, "of a fast user");
        } else {
          c.Write("B", kFile, "of a fast user");
        }
      });
      c.Write("A", kFile, "new from A");
      ExpectConverged(c);
      c.node("B").files().SetHook(nullptr);
    }
  }
}

TEST(ScenarioWriter, FileMadeInTheInstantOfTheSwap) {
  for (uint64_t call = 0; call < 10 && !testing::Test::HasFailure(); ++call) {
    SCOPED_TRACE(call);
    SimCluster c(500 + call);
    c.StartAll();
    ASSERT_TRUE(c.Settle());
    uint64_t seen = 0;
    c.node("B").files().SetHook([&](FsCall what, const RelPath&, const RelPath&) {
      if (IsMutating(what) && seen++ == call) c.Write("B", kFile, "of a fast user");
    });
    c.Write("A", kFile, "new from A");
    ExpectConverged(c);
    c.node("B").files().SetHook(nullptr);
  }
}

TEST(ScenarioWriter, DeletionInTheInstantOfTheSwap) {
  for (uint64_t call = 0; call < 14 && !testing::Test::HasFailure(); ++call) {
    SCOPED_TRACE(call);
    SimCluster c(600 + call);
    c.Write("A", kFile, "base");
    c.StartAll();
    ASSERT_TRUE(c.Settle());
    uint64_t seen = 0;
    c.node("B").files().SetHook([&](FsCall what, const RelPath&, const RelPath&) {
      if (IsMutating(what) && seen++ == call && c.node("B").files().Exists(kFile)) {
        c.Delete("B", kFile);
      }
    });
    c.Write("A", kFile, "new from A");
    ExpectConverged(c);
    c.node("B").files().SetHook(nullptr);
  }
}

TEST(ScenarioWriter, EditInTheInstantOfARemoval) {
  for (uint64_t call = 0; call < 6 && !testing::Test::HasFailure(); ++call) {
    SCOPED_TRACE(call);
    SimCluster c(700 + call);
    c.Write("A", kFile, "base");
    c.StartAll();
    ASSERT_TRUE(c.Settle());
    uint64_t seen = 0;
    c.node("B").files().SetHook([&](FsCall what, const RelPath&, const RelPath&) {
      if (IsMutating(what) && seen++ == call) c.Write("B", kFile, "of a fast user");
    });
    c.Delete("A", kFile);
    ExpectConverged(c);
    c.node("B").files().SetHook(nullptr);
    std::string expected = seen > call ? "of a fast user" : "(nothing)";
    EXPECT_EQ(c.Read("A", kFile), expected);
  }
}

// A file of old time is read, written to before the answer of that look is here, and the hint of it
// comes meanwhile. Does B hear of it?
bool LastWriteArrives() {
  SimCluster c(77);
  c.Write("A", kFile, "first");
  c.StartAll();
  EXPECT_TRUE(c.Settle());
  c.RunFor(10'000);
  SimNode& a = c.node("A");
  bool was_read = false;
  a.files().SetHook([&](FsCall call, const RelPath& path, const RelPath&) {
    was_read = was_read || (call == FsCall::kRead && path.str() == kFile);
  });
  c.Touch("A", kFile, 1'000'000'000 * kSecond);  // so old that its stamp is trusted at once
  a.hints().Flush();
  EXPECT_TRUE(c.scheduler().RunUntil([&] { return was_read; }));
  a.files().SetHook(nullptr);
  c.Write("A", kFile, "second");
  a.hints().Flush();
  EXPECT_TRUE(c.Settle());
  return c.Read("B", kFile) == "second";
}

TEST(ScenarioScan, AWriteBetweenALookAndItsAnswerIsNoticed) {
  EXPECT_TRUE(LastWriteArrives());
}

TEST(ScenarioScan, APlantedFaultThatForgetsItIsFound) {
  PlantFault(PlantedFault::kForgetTouchWhileRead);
  bool arrives = LastWriteArrives();
  PlantFault(PlantedFault::kNone);
  EXPECT_NE(arrives, kTestPoints);
}

}  // namespace
}  // namespace atozsync
