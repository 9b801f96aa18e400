#include "watcher/inotify_watcher.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/unit/watcher/watcher_fixture.h"

namespace atozsync {
namespace {

using InotifyWatcherTest = WatcherFixture;

TEST_F(InotifyWatcherTest, WatchesTheWholeTreeButNotItsOwnDirectory) {
  MakeDirs("A/Adams1/sub");
  MakeDirs("B");
  MakeDirs(".atozsync/staging");
  StartAndSettle(5);
  EXPECT_EQ(watcher_->status().mode, "inotify");
  EXPECT_EQ(watcher_->status().problem, "");
  Write(".atozsync/staging/x");
  Write("A/Adams1/sub/x");
  WaitForHint("A/Adams1/sub/x", HintKind::kClosed);
  EXPECT_FALSE(SawCover(".atozsync/staging/x"));
}

TEST_F(InotifyWatcherTest, DirectoriesWatchedAfterStartGetAHint) {
  MakeDirs("A/Adams1");
  Start();
  EXPECT_TRUE(hints_.empty());
  WaitUntil([&] { return watcher_->status().directories == 3; });
  WaitForHint("A", HintKind::kDir);
  WaitForHint("A/Adams1", HintKind::kDir);
}

TEST_F(InotifyWatcherTest, WalksMoreDirectoriesThanOneTurnTakes) {
  for (int i = 0; i < 300; ++i) MakeDirs("A/p" + std::to_string(i));
  StartAndSettle(302);
  Write("A/p299/x");
  WaitForHint("A/p299/x", HintKind::kClosed);
}

TEST_F(InotifyWatcherTest, OpenWriterIsTouchedClosedWriterIsClosed) {
  StartAndSettle(1);
  std::ofstream file(root_ / "scan.jpg");
  file << "half" << std::flush;
  WaitForHint("scan.jpg", HintKind::kTouched);
  EXPECT_FALSE(Saw("scan.jpg", HintKind::kClosed));
  file << "whole";
  file.close();
  WaitForHint("scan.jpg", HintKind::kClosed);
}

TEST_F(InotifyWatcherTest, RenameAndRemovalTouchTheNames) {
  Write("a");
  StartAndSettle(1);
  Rename("a", "b");
  WaitForHint("a", HintKind::kTouched);
  WaitForHint("b", HintKind::kTouched);
  hints_.clear();
  std::filesystem::remove(root_ / "b");
  WaitForHint("b", HintKind::kTouched);
}

TEST_F(InotifyWatcherTest, ChangedTimesTouch) {
  Write("a");
  StartAndSettle(1);
  std::filesystem::last_write_time(root_ / "a", std::filesystem::file_time_type());
  WaitForHint("a", HintKind::kTouched);
}

TEST_F(InotifyWatcherTest, DeepChainMadeAtOnceIsWatchedToTheBottom) {
  StartAndSettle(1);
  MakeDirs("a/b/c/d/e/f");
  Write("a/b/c/early");
  WaitForCover("a/b/c/early");
  WaitUntil([&] { return watcher_->status().directories == 7; });
  hints_.clear();
  Write("a/b/c/d/e/f/late");
  WaitForHint("a/b/c/d/e/f/late", HintKind::kClosed);
}

// What is made in a new directory before its watch is on must be found all the same.
TEST_F(InotifyWatcherTest, FilesMadeWhileTheLoopStoodStillAreCovered) {
  StartAndSettle(1);
  for (int i = 0; i < 50; ++i) {
    std::string directory = "n" + std::to_string(i) + "/x/y";
    MakeDirs(directory);
    Write(directory + "/file");
  }
  for (int i = 0; i < 50; ++i) WaitForCover("n" + std::to_string(i) + "/x/y/file");
}

TEST_F(InotifyWatcherTest, RenamedDirectoryTellsOfItsFilesUnderTheNewPath) {
  MakeDirs("A/old/sub");
  StartAndSettle(4);
  Rename("A/old", "A/new");
  WaitForHint("A/old", HintKind::kTouched);
  WaitForHint("A/new", HintKind::kRecursive);
  hints_.clear();
  WaitForProbe("A/new/sub/file");
  EXPECT_FALSE(SawCover("A/old/sub/file"));
  EXPECT_EQ(watcher_->status().directories, 4u);
}

TEST_F(InotifyWatcherTest, DirectoryMovedOutIsNotWatchedAnyMore) {
  options_.move_pair_wait_ms = 1;
  MakeDirs("in/gone/sub");
  std::filesystem::path outside = root_.string() + "-outside";
  StartAndSettle(4);
  std::filesystem::rename(root_ / "in/gone", outside);
  WaitForHint("in/gone", HintKind::kTouched);
  WaitUntil([&] { return watcher_->status().directories == 2; });
  hints_.clear();
  std::ofstream(outside / "sub/file") << "x";
  Write("in/mark");
  WaitForHint("in/mark", HintKind::kClosed);
  EXPECT_FALSE(SawCover("in/gone/sub/file"));
  EXPECT_EQ(watcher_->status().overflows, 0u);
  std::filesystem::remove_all(outside);
}

TEST_F(InotifyWatcherTest, DirectoryMovedInIsWatched) {
  std::filesystem::path outside = root_.string() + "-outside";
  std::filesystem::create_directories(outside / "sub");
  StartAndSettle(1);
  std::filesystem::rename(outside, root_ / "came");
  WaitForHint("came", HintKind::kRecursive);
  WaitUntil([&] { return watcher_->status().directories == 3; });
  WaitForProbe("came/sub/file");
}

TEST_F(InotifyWatcherTest, NewDirectoryUnderAUsedNameIsWatched) {
  MakeDirs("d/sub");
  StartAndSettle(3);
  Rename("d", "e");
  MakeDirs("d/sub");
  WaitUntil([&] { return watcher_->status().directories == 5; });
  WaitForProbe("d/sub/one");
  WaitForProbe("e/sub/two");
}

TEST_F(InotifyWatcherTest, RemovedTreeLeavesNoWatches) {
  MakeDirs("a/b/c");
  StartAndSettle(4);
  std::filesystem::remove_all(root_ / "a");
  WaitForHint("a", HintKind::kTouched);
  WaitUntil([&] { return watcher_->status().directories == 1; });
}

TEST_F(InotifyWatcherTest, SymbolicLinksAreNotFollowed) {
  std::filesystem::path outside = root_.string() + "-outside";
  std::filesystem::create_directories(outside);
  std::filesystem::create_directory_symlink(outside, root_ / "link");
  MakeDirs("real");
  StartAndSettle(2);
  std::filesystem::create_directory_symlink(outside, root_ / "link2");
  WaitForHint("link2", HintKind::kTouched);
  EXPECT_EQ(watcher_->status().directories, 2u);
  std::filesystem::remove_all(outside);
}

TEST_F(InotifyWatcherTest, RootMayBeReachedThroughALink) {
  std::filesystem::path link = root_.string() + "-link";
  std::filesystem::path real = root_;
  std::filesystem::create_directory_symlink(root_, link);
  root_ = link;
  StartAndSettle(1);
  Write("file");
  WaitForHint("file", HintKind::kClosed);
  root_ = real;
  std::filesystem::remove(link);
}

TEST_F(InotifyWatcherTest, FlushGivesWhatHappenedBeforeIt) {
  StartAndSettle(1);
  Write("a");
  MakeDirs("d/e");
  Write("d/e/b");
  watcher_->Flush();
  EXPECT_TRUE(Saw("a", HintKind::kClosed));
  EXPECT_TRUE(SawCover("d/e/b"));
}

TEST_F(InotifyWatcherTest, FlushNamesDirectoriesWhoseWatchIsNotSetYet) {
  MakeDirs("d/e");
  Start();
  Write("d/e/b");
  watcher_->Flush();
  EXPECT_TRUE(SawCover("d/e/b"));
}

TEST_F(InotifyWatcherTest, MissingRootIsAnError) {
  InotifyWatcher watcher(executor_.raw(), executor_, (root_ / "missing").string(), options_);
  Status started = watcher.Start([](const Hint&) {});
  EXPECT_TRUE(started.Is(Errc::kNotFound)) << started.ToString();
}

TEST_F(InotifyWatcherTest, DestroyedInTheMiddleOfItsWalk) {
  for (int i = 0; i < 100; ++i) MakeDirs("p" + std::to_string(i));
  Start();
  uv_run(executor_.raw(), UV_RUN_ONCE);
  watcher_.reset();
  hints_.clear();
  Write("p1/x");
  Drain();
  EXPECT_TRUE(hints_.empty());
}

}  // namespace
}  // namespace atozsync
