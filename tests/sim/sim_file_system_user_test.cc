// The simulated folder without power loss: other programs, injected errors, full disks, coarse
// clocks, open handles. What every file system promises is in tests/contract.
#include <gtest/gtest.h>

#include <cerrno>
#include <string>
#include <vector>

#include "tests/sim/sim_file_system.h"
#include "tests/sim/sim_scheduler.h"

namespace atozsync {
namespace {

RelPath P(std::string_view path) {
  return RelPath::Trusted(path);
}

class SimFileSystemTest : public testing::Test {
 protected:
  explicit SimFileSystemTest(SimFileSystemOptions options = {})
      : files_(clock_, SimRandom(3), options) {}

  uint64_t InodeOf(const std::string& path) { return files_.Stat(P(path))->inode; }

  SimScheduler scheduler_{1};
  SimClock clock_{scheduler_};
  SimFileSystem files_;
};

TEST_F(SimFileSystemTest, TheUsersTreeLeavesOutTheAgentsFolder) {
  ASSERT_TRUE(files_.WriteFile("A/Abc1/x.jpg", "one").ok());
  ASSERT_TRUE(files_.WriteFile(".atozsync/kept/1", "two").ok());
  ASSERT_TRUE(files_.WriteFile("A/.atozsync/3", "three").ok()) << "only the root's own";
  const Tree tree = files_.UserTree();
  EXPECT_EQ(tree.size(), 5u);
  EXPECT_EQ(tree.at("A/Abc1").kind, NodeKind::kDir);
  EXPECT_EQ(tree.at("A/Abc1/x.jpg").content, "one");
  EXPECT_EQ(tree.at("A/Abc1/x.jpg").mtime_ns, SimClock::kEpochNs);
  const Tree kept = files_.ListKept(".atozsync/kept");
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_EQ(kept.at(".atozsync/kept/1").content, "two");
}

TEST_F(SimFileSystemTest, SavingInPlaceKeepsTheNodeAndReplacingDoesNot) {
  ASSERT_TRUE(files_.WriteFile("a", "1").ok());
  const uint64_t inode = InodeOf("a");
  ASSERT_TRUE(files_.WriteFile("a", "22").ok());
  ASSERT_TRUE(files_.Append("a", "3").ok());
  EXPECT_EQ(InodeOf("a"), inode);
  ASSERT_TRUE(files_.ReplaceFile("a", "4").ok());
  EXPECT_NE(InodeOf("a"), inode);
  EXPECT_EQ(files_.UserTree().size(), 1u);
  EXPECT_EQ(files_.ReadFile("a"), "4");
}

TEST_F(SimFileSystemTest, AProgramsHandleFollowsItsFile) {
  ASSERT_TRUE(files_.WriteFile("a", "old").ok());
  auto program = files_.OpenAsUser("a");
  ASSERT_TRUE(program.ok());
  ASSERT_TRUE(files_.RenameNoReplace(P("a"), P("kept")).ok());
  ASSERT_TRUE((*program)->WriteAt(0, AsBytes("late")).ok());
  EXPECT_EQ(files_.ReadFile("kept"), "late");
  ASSERT_TRUE(files_.RemoveFile(P("kept")).ok());
  EXPECT_TRUE((*program)->WriteAt(0, AsBytes("gone")).ok());
  EXPECT_EQ(files_.used_bytes(), 4u) << "held by the handle";
  program->reset();
  EXPECT_EQ(files_.used_bytes(), 0u);
}

TEST_F(SimFileSystemTest, TheHookRunsBeforeTheCallAndCanChangeItsOutcome) {
  ASSERT_TRUE(files_.WriteFile("a", "before").ok());
  ASSERT_TRUE(files_.WriteFile("staged", "ours").ok());
  files_.SetHook([&](FsCall call, const RelPath& path, const RelPath& other) {
    if (call != FsCall::kExchange) return;
    EXPECT_EQ(path, P("staged"));
    EXPECT_EQ(other, P("a"));
    ASSERT_TRUE(files_.WriteFile("a", "in that instant").ok());
  });
  ASSERT_TRUE(files_.Exchange(P("staged"), P("a")).ok());
  EXPECT_EQ(files_.ReadFile("a"), "ours");
  EXPECT_EQ(files_.ReadFile("staged"), "in that instant");
}

TEST_F(SimFileSystemTest, TheHookCanCutThePowerBeforeTheCall) {
  files_.SetHook([&](FsCall call, const RelPath&, const RelPath&) {
    if (IsMutating(call)) files_.PowerOff();
  });
  EXPECT_TRUE(files_.Stat(RelPath()).ok());
  EXPECT_TRUE(files_.MakeDir(P("d")).Is(Errc::kIo));
  EXPECT_FALSE(files_.Exists("d"));
}

TEST_F(SimFileSystemTest, TheNthCallFailsOnceAndChangesNothing) {
  files_.FailCall(FsCall::kMakeDir, 2, EIO);
  EXPECT_TRUE(files_.MakeDir(P("a")).ok());
  const Status failed = files_.MakeDir(P("b"));
  ASSERT_TRUE(failed.Is(Errc::kIo));
  EXPECT_TRUE(failed.error().injected);
  EXPECT_FALSE(files_.Exists("b"));
  EXPECT_TRUE(files_.MakeDir(P("b")).ok());
  files_.FailMutation(1, EACCES);
  EXPECT_TRUE(files_.Stat(P("a")).ok()) << "changes nothing, is not counted";
  EXPECT_TRUE(files_.RemoveDir(P("a")).Is(Errc::kPermission));
}

TEST_F(SimFileSystemTest, RandomFailuresComeAboutAsOftenAsAsked) {
  files_.FailRandomly(250, EIO);
  int failed = 0;
  for (int i = 0; i < 1000; ++i) failed += files_.Stat(RelPath()).ok() ? 0 : 1;
  EXPECT_GT(failed, 150);
  EXPECT_LT(failed, 350);
  files_.FailRandomly(0, 0);
  EXPECT_TRUE(files_.Stat(RelPath()).ok());
}

TEST_F(SimFileSystemTest, ALockedFileRefusesAllButStat) {
  ASSERT_TRUE(files_.WriteFile("a", "x").ok());
  ASSERT_TRUE(files_.SetNodeError("a", EBUSY));
  EXPECT_TRUE(files_.Stat(P("a")).ok());
  EXPECT_TRUE(files_.OpenRead(P("a")).Is(Errc::kBusy));
  EXPECT_TRUE(files_.RenameNoReplace(P("a"), P("b")).Is(Errc::kBusy));
  EXPECT_TRUE(files_.WriteFile("a", "its own program may").ok());
  ASSERT_TRUE(files_.SetNodeError("a", 0));
  EXPECT_TRUE(files_.OpenRead(P("a")).ok());
}

TEST_F(SimFileSystemTest, AFullDiskTakesWhatFitsAndRefusesTheRest) {
  files_.SetCapacity(10);
  auto file = files_.Create(P("a"));
  ASSERT_TRUE((*file)->WriteAt(0, AsBytes("12345678")).ok());
  EXPECT_TRUE((*file)->WriteAt(8, AsBytes("9abc")).Is(Errc::kNoSpace));
  EXPECT_EQ(files_.ReadFile("a"), "123456789a");
  EXPECT_TRUE((*file)->WriteAt(0, AsBytes("overwrite")).ok());
  EXPECT_TRUE(files_.WriteFile("b", "x").Is(Errc::kNoSpace));
  EXPECT_EQ(files_.Space()->free_bytes, 0u);
  file->reset();
  ASSERT_TRUE(files_.RemoveFile(P("a")).ok());
  EXPECT_EQ(files_.Space()->free_bytes, 10u);
}

TEST_F(SimFileSystemTest, AnUnmountedVolumeLeavesAnEmptyFolder) {
  ASSERT_TRUE(files_.WriteFile(".atozsync/root-id", "id").ok());
  ASSERT_TRUE(files_.WriteFile("a", "x").ok());
  files_.Unmount();
  EXPECT_TRUE(files_.List(RelPath())->empty());
  EXPECT_TRUE(files_.Stat(P(".atozsync/root-id")).Is(Errc::kNotFound));
  ASSERT_TRUE(files_.WriteFile("below the mount point", "y").ok());
  files_.Mount();
  EXPECT_EQ(files_.UserTree().size(), 1u);
  EXPECT_EQ(files_.ReadFile("a"), "x");
}

TEST_F(SimFileSystemTest, CorruptionLeavesNoTraceInTheStat) {
  ASSERT_TRUE(files_.WriteFile("a", "xyz").ok());
  const FileStat before = *files_.Stat(P("a"));
  scheduler_.RunFor(kSecond);
  ASSERT_TRUE(files_.Corrupt("a", 1));
  EXPECT_FALSE(files_.Corrupt("a", 3));
  EXPECT_EQ(*files_.Stat(P("a")), before);
  EXPECT_NE(files_.ReadFile("a"), "xyz");
}

TEST_F(SimFileSystemTest, ListOrderIsNotTheOrderOfNames) {
  for (char name = 'a'; name <= 'z'; ++name) {
    ASSERT_TRUE(files_.WriteFile(std::string(1, name), "").ok());
  }
  const auto order = [&] {
    std::string names;
    const auto entries = files_.List(RelPath());
    for (const DirEntry& entry : *entries) names += entry.name;
    return names;
  };
  EXPECT_NE(order(), order());
}

TEST_F(SimFileSystemTest, CallsAndBytesOfTheAgentAreCounted) {
  ASSERT_TRUE(files_.WriteFile("a", "user").ok());
  EXPECT_EQ(files_.mutating_calls(), 0u);
  auto file = files_.OpenRead(P("a"));
  Bytes buffer(100);
  ASSERT_TRUE((*file)->ReadAt(0, buffer).ok());
  EXPECT_EQ(files_.calls(FsCall::kOpenRead), 1u);
  EXPECT_EQ(files_.bytes_read(), 4u);
  EXPECT_EQ(files_.bytes_written(), 0u);
}

class CoarseFileSystemTest : public SimFileSystemTest {
 protected:
  static SimFileSystemOptions Coarse() {
    SimFileSystemOptions options;
    options.time_granularity_ns = 2 * kSecond;
    options.reuse_inodes = true;
    return options;
  }
  CoarseFileSystemTest() : SimFileSystemTest(Coarse()) {}
};

TEST_F(CoarseFileSystemTest, AChangeWithinOneTickShowsInNoTime) {
  ASSERT_TRUE(files_.WriteFile("a", "one").ok());
  const FileStat before = *files_.Stat(P("a"));
  scheduler_.RunFor(kSecond);
  ASSERT_TRUE(files_.WriteFile("a", "two").ok());
  EXPECT_EQ(*files_.Stat(P("a")), before) << "the racy case that an agent has to handle";
  scheduler_.RunFor(2 * kSecond);
  ASSERT_TRUE(files_.WriteFile("a", "six").ok());
  EXPECT_NE(files_.Stat(P("a"))->mtime_ns, before.mtime_ns);
}

TEST_F(CoarseFileSystemTest, SetTimesAreRoundedDown) {
  ASSERT_TRUE(files_.WriteFile("a", "").ok());
  ASSERT_TRUE(files_.SetMtime(P("a"), 5 * kSecond).ok());
  EXPECT_EQ(files_.Stat(P("a"))->mtime_ns, 4 * kSecond);
  EXPECT_EQ(files_.TimeAsKept(5 * kSecond), 4 * kSecond);
  EXPECT_EQ(files_.TimeAsKept(-1 * kSecond), -2 * kSecond);
  ASSERT_TRUE(files_.SetMtime(P("a"), -1 * kSecond).ok());
  EXPECT_EQ(files_.Stat(P("a"))->mtime_ns, -2 * kSecond);
}

TEST_F(CoarseFileSystemTest, ANumberIsUsedAgainOnceNobodyHoldsTheFile) {
  ASSERT_TRUE(files_.WriteFile("a", "").ok());
  const uint64_t inode = InodeOf("a");
  auto handle = files_.OpenRead(P("a"));
  ASSERT_TRUE(files_.Remove("a").ok());
  ASSERT_TRUE(files_.WriteFile("b", "").ok());
  EXPECT_NE(InodeOf("b"), inode);
  handle->reset();
  ASSERT_TRUE(files_.WriteFile("c", "").ok());
  EXPECT_EQ(InodeOf("c"), inode);
}

}  // namespace
}  // namespace atozsync
