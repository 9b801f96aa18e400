// The watcher on a folder of this machine. Under Wine the folder has to be listed after the watch
// began (docs/windows.md); the scanner does that anyway.
#include "watcher/windows_watcher.h"

#include <gtest/gtest.h>
#include <windows.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <vector>

#include "sync/os/uv_executor.h"
#include "tests/contract/temp_dir.h"

namespace atozsync {
namespace {

namespace stdfs = std::filesystem;

class WindowsWatcherTest : public testing::Test {
 protected:
  void Start() {
    const Status started = watcher_.Start([this](Hint hint) { hints_.push_back(std::move(hint)); });
    ASSERT_TRUE(started.ok()) << started.ToString();
    for (const auto& entry : stdfs::recursive_directory_iterator(dir_.path())) {
      static_cast<void>(entry);
    }
  }
  void Write(const std::string& name) { std::ofstream(dir_.path() + "/" + name) << "content"; }
  bool Told(const std::string& path, HintKind kind) const {
    const Hint wanted{path.empty() ? RelPath() : RelPath::Trusted(path), kind};
    return std::find(hints_.begin(), hints_.end(), wanted) != hints_.end();
  }
  // Turns the loop until it is told; ten seconds at most.
  bool WaitFor(const std::string& path, HintKind kind) {
    bool late = false;
    const TimerId timer = executor_.PostAfter(10'000, [&] { late = true; });
    while (!Told(path, kind) && !late) uv_run(executor_.raw(), UV_RUN_ONCE);
    executor_.CancelTimer(timer);
    return Told(path, kind);
  }

  TempDir dir_;
  UvExecutor executor_{1};
  std::vector<Hint> hints_;
  WindowsWatcher watcher_{executor_.raw(), executor_, dir_.path(), WatcherOptions{}};
};

TEST_F(WindowsWatcherTest, TellsOfFilesAndOfWholeNewFolders) {
  stdfs::create_directories(dir_.path() + "/old/below");
  Start();
  Write("old/below/deep.jpg");
  EXPECT_TRUE(WaitFor("old/below/deep.jpg", HintKind::kTouched));
  stdfs::create_directory(dir_.path() + "/new");
  EXPECT_TRUE(WaitFor("new", HintKind::kRecursive));
  stdfs::remove(dir_.path() + "/old/below/deep.jpg");
  hints_.clear();
  EXPECT_TRUE(WaitFor("old/below/deep.jpg", HintKind::kTouched));
  EXPECT_EQ(watcher_.status().mode, "windows");
  EXPECT_TRUE(watcher_.status().problem.empty());
}

TEST_F(WindowsWatcherTest, TellsBothNamesOfARename) {
  Write("from");
  Start();
  stdfs::rename(dir_.path() + "/from", dir_.path() + "/to");
  EXPECT_TRUE(WaitFor("to", HintKind::kTouched));
  EXPECT_TRUE(Told("from", HintKind::kTouched));
}

TEST_F(WindowsWatcherTest, SaysNothingOfTheEnginesOwnFolder) {
  stdfs::create_directories(dir_.path() + "/.atozsync/staging");
  Start();
  Write(".atozsync/staging/1-1");
  Write("file");
  EXPECT_TRUE(WaitFor("file", HintKind::kTouched));
  for (const Hint& hint : hints_) EXPECT_FALSE(hint.path.str().starts_with(".atozsync"));
}

// More than the buffer holds, while nobody reads.
TEST_F(WindowsWatcherTest, LostEventsAreToldAsALookAtEverything) {
  Start();
  const std::string long_name(150, 'n');
  for (int i = 0; i < 700; ++i) Write(long_name + std::to_string(i));
  EXPECT_TRUE(WaitFor("", HintKind::kRecursive));
  EXPECT_GE(watcher_.status().overflows, 1u);
  hints_.clear();
  Write("afterwards");
  EXPECT_TRUE(WaitFor("afterwards", HintKind::kTouched)) << "it goes on";
}

TEST_F(WindowsWatcherTest, ARootThatIsNotThereIsAnError) {
  WindowsWatcher nowhere(executor_.raw(), executor_, dir_.path() + "/none", WatcherOptions{});
  EXPECT_TRUE(nowhere.Start([](const Hint&) {}).Is(Errc::kNotFound));
}

}  // namespace
}  // namespace atozsync
