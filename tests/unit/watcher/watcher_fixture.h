// A temporary directory, a real loop and an inotify watcher on it. Tests wait for states, never for
// time; a state that does not come fails the test after a while.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sync/os/uv_executor.h"
#include "watcher/hint_queue.h"
#include "watcher/inotify_watcher.h"

namespace atozsync {

class WatcherFixture : public testing::Test {
 protected:
  WatcherFixture() {
    std::string pattern = testing::TempDir() + "/atoz-watch-XXXXXX";
    root_ = mkdtemp(pattern.data());
    options_.poll_interval_ms = 3'600'000;
  }
  ~WatcherFixture() override {
    watcher_.reset();
    std::filesystem::remove_all(root_);
  }

  // Starts and waits until `directories` are watched and the loop has nothing left to say.
  void StartAndSettle(uint64_t directories) {
    Start();
    WaitUntil([&] { return watcher_->status().directories == directories; });
    Drain();
    hints_.clear();
  }
  void Start() {
    watcher_ =
        std::make_unique<InotifyWatcher>(executor_.raw(), executor_, root_.string(), options_);
    Status started = watcher_->Start([this](Hint hint) { hints_.push_back(std::move(hint)); });
    ASSERT_TRUE(started.ok()) << started.ToString();
  }
  // A few turns of everything. No barrier: the walk lane has more than one thread.
  void Drain() {
    for (int i = 0; i < 20; ++i) {
      bool walked = false;
      executor_.Run(
          Lane::kWalk, [] {}, [&] { walked = true; });
      while (!walked) uv_run(executor_.raw(), UV_RUN_ONCE);
    }
  }
  void WaitUntil(const std::function<bool()>& state) {
    bool late = false;
    TimerId timer = executor_.PostAfter(60'000, [&] { late = true; });
    while (!late && !state()) uv_run(executor_.raw(), UV_RUN_ONCE);
    executor_.CancelTimer(timer);
    EXPECT_FALSE(late) << "the state did not come; hints so far:" << Listed();
  }
  void WaitForHint(const std::string& path, HintKind kind) {
    SCOPED_TRACE(path);
    WaitUntil([&] { return Saw(path, kind); });
  }
  // A hint that makes one look at `path`.
  void WaitForCover(const std::string& path) {
    SCOPED_TRACE(path);
    WaitUntil([&] { return SawCover(path); });
  }
  // Writes `path` until the watcher tells of it under exactly this name: its directory is watched.
  void WaitForProbe(const std::string& path) {
    SCOPED_TRACE(path);
    WaitUntil([&] {
      if (Saw(path, HintKind::kClosed)) return true;
      Write(path);
      return false;
    });
  }
  bool Saw(const std::string& path, HintKind kind) const {
    return std::count(hints_.begin(), hints_.end(), Hint{RelPath::Trusted(path), kind}) > 0;
  }
  bool SawCover(const std::string& path) const {
    Hint asked{RelPath::Trusted(path), HintKind::kTouched};
    return std::any_of(hints_.begin(), hints_.end(),
                       [&](const Hint& hint) { return Covers(hint, asked); });
  }

  void MakeDirs(const std::string& path) { std::filesystem::create_directories(root_ / path); }
  void Write(const std::string& path, const std::string& text = "content") {
    std::ofstream(root_ / path) << text;
  }
  void Rename(const std::string& from, const std::string& to) {
    std::filesystem::rename(root_ / from, root_ / to);
  }
  std::string Listed() const {
    std::string text;
    for (size_t i = 0; i < std::min<size_t>(hints_.size(), 50); ++i) {
      text += "\n" + hints_[i].path.str() + " " + std::to_string(static_cast<int>(hints_[i].kind));
    }
    return text + "\n" + std::to_string(hints_.size()) + " in all";
  }

  std::filesystem::path root_;
  WatcherOptions options_;
  UvExecutor executor_{1};
  std::unique_ptr<InotifyWatcher> watcher_;
  std::vector<Hint> hints_;
};

}  // namespace atozsync
