// What the watcher does when the system cannot tell everything: limits, overflow, a lost root.
#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/unit/watcher/watcher_fixture.h"

namespace atozsync {
namespace {

using InotifyWatcherLimitsTest = WatcherFixture;

TEST_F(InotifyWatcherLimitsTest, DirectoriesBeyondTheLimitArePolled) {
  options_.watches_max = 2;
  options_.poll_interval_ms = 1;
  MakeDirs("a");
  MakeDirs("b");
  MakeDirs("c/deep");
  Start();
  WaitUntil([&] { return watcher_->status().unwatched == 3; });
  WatchStatus status = watcher_->status();
  EXPECT_EQ(status.directories, 2u);
  EXPECT_EQ(status.mode, "mixed");
  EXPECT_NE(status.problem.find("fs.inotify.max_user_watches"), std::string::npos);
  for (int i = 0; i < 3; ++i) {
    hints_.clear();
    WaitForHint("b", HintKind::kDir);
    WaitForHint("c/deep", HintKind::kDir);
  }
}

TEST_F(InotifyWatcherLimitsTest, DirectoryMadeInAPolledOneIsPolledToo) {
  options_.watches_max = 1;
  options_.poll_interval_ms = 1;
  MakeDirs("a");
  Start();
  WaitUntil([&] { return watcher_->status().unwatched == 1; });
  MakeDirs("a/new/below");
  WaitForHint("a/new/below", HintKind::kDir);
  EXPECT_EQ(watcher_->status().unwatched, 3u);
}

TEST_F(InotifyWatcherLimitsTest, FreedWatchesAreUsed) {
  options_.watches_max = 2;
  options_.poll_interval_ms = 1;
  MakeDirs("a");
  MakeDirs("b");
  Start();
  WaitUntil([&] { return watcher_->status().unwatched == 1; });
  std::filesystem::remove(root_ / "a");
  WaitUntil([&] { return watcher_->status().unwatched == 0; });
  EXPECT_EQ(watcher_->status().mode, "inotify");
  EXPECT_EQ(watcher_->status().problem, "");
  hints_.clear();
  WaitForProbe("b/file");
}

TEST_F(InotifyWatcherLimitsTest, RemovedPolledDirectoryIsForgotten) {
  options_.watches_max = 1;
  options_.poll_interval_ms = 1;
  MakeDirs("a/b");
  Start();
  WaitUntil([&] { return watcher_->status().unwatched == 2; });
  std::filesystem::remove_all(root_ / "a");
  WaitUntil([&] { return watcher_->status().unwatched == 0; });
}

// Makes more events than the kernel keeps, while the loop stands still.
void Flood(const std::filesystem::path& directory) {
  size_t queue_max = 16384;
  std::ifstream("/proc/sys/fs/inotify/max_queued_events") >> queue_max;
  std::ofstream(directory / "a") << "a";
  std::ofstream(directory / "b") << "b";
  for (size_t i = 0; i < queue_max + 4000; ++i) {
    // Alternating names: equal events in a row are merged.
    std::filesystem::permissions(directory / (i % 2 == 0 ? "a" : "b"),
                                 std::filesystem::perms::owner_all);
  }
}

TEST_F(InotifyWatcherLimitsTest, OverflowIsCountedAndEverythingIsLookedAtAgain) {
  MakeDirs("busy");
  StartAndSettle(2);
  Flood(root_ / "busy");
  MakeDirs("made/behind/the/overflow");
  WaitUntil([&] { return watcher_->status().overflows > 0; });
  WaitForHint("", HintKind::kRecursive);
  // Directories whose making was never told are watched all the same.
  WaitUntil([&] { return watcher_->status().directories == 6; });
  WaitForProbe("made/behind/the/overflow/file");
}

// Directories that went while events were lost must not keep their watches.
TEST_F(InotifyWatcherLimitsTest, OverflowDropsWatchesOfWhatIsGone) {
  MakeDirs("busy");
  MakeDirs("leaves/sub");
  StartAndSettle(4);
  Flood(root_ / "busy");
  std::filesystem::path outside = root_.string() + "-outside";
  std::filesystem::rename(root_ / "leaves", outside);
  WaitUntil([&] { return watcher_->status().overflows > 0; });
  WaitUntil([&] { return watcher_->status().directories == 2; });
  std::filesystem::remove_all(outside);
}

TEST_F(InotifyWatcherLimitsTest, RootThatIsReplacedIsWatchedAgain) {
  options_.poll_interval_ms = 1;
  MakeDirs("a");
  StartAndSettle(2);
  std::filesystem::path aside = root_.string() + "-aside";
  std::filesystem::rename(root_, aside);
  WaitForHint("", HintKind::kRecursive);
  WaitUntil([&] { return !watcher_->status().problem.empty(); });
  EXPECT_EQ(watcher_->status().directories, 0u);
  hints_.clear();
  MakeDirs("b");
  WaitUntil([&] { return watcher_->status().directories == 2; });
  EXPECT_EQ(watcher_->status().problem, "");
  EXPECT_TRUE(Saw("", HintKind::kRecursive));
  WaitForProbe("b/file");
  std::filesystem::remove_all(aside);
}

}  // namespace
}  // namespace atozsync
