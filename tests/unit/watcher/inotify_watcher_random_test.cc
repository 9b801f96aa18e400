// Random work on a real directory, with loop turns in between, followed by somebody who believes
// nothing but hints: in the end that one must know the tree exactly, and every directory must be
// watched under its right path.
#include <gtest/gtest.h>

#include <fstream>
#include <random>
#include <set>

#include "tests/unit/watcher/watcher_fixture.h"

namespace atozsync {
namespace {

namespace fs = std::filesystem;

std::set<std::string> EverythingBelow(const fs::path& root, const std::string& from) {
  std::set<std::string> names;
  std::error_code ignored;
  fs::recursive_directory_iterator it(root / from, ignored);
  for (; it != fs::recursive_directory_iterator(); it.increment(ignored)) {
    names.insert(fs::relative(it->path(), root).string());
  }
  return names;
}

// Knows what it was told to look at, as it was when it looked.
class Believer {
 public:
  explicit Believer(const fs::path& root) : root_(root) {}

  void Look(const Hint& hint) {
    const std::string& path = hint.path.str();
    bool there = fs::exists(fs::symlink_status(root_ / path));
    if (!there) return Forget(path, true);
    if (!path.empty()) known_.insert(path);
    if (!fs::is_directory(root_ / path)) return Forget(path, false);
    if (hint.kind == HintKind::kDir) LookAtNames(hint.path);
    if (hint.kind == HintKind::kRecursive) {
      Forget(path, false);
      known_.merge(EverythingBelow(root_, path));
    }
  }
  const std::set<std::string>& known() const { return known_; }

 private:
  void Forget(const std::string& path, bool itself) {
    std::erase_if(known_, [&](const std::string& name) {
      return RelPath::Trusted(name).IsBelow(RelPath::Trusted(path)) || (itself && name == path);
    });
  }
  void LookAtNames(const RelPath& directory) {
    std::set<std::string> gone;
    for (const std::string& name : known_) {
      if (RelPath::Trusted(name).parent() == directory && !fs::exists(root_ / name)) {
        gone.insert(name);
      }
    }
    for (const std::string& name : gone) Forget(name, true);
    for (const auto& entry : fs::directory_iterator(root_ / directory.str())) {
      known_.insert(fs::relative(entry.path(), root_).string());
    }
  }

  const fs::path root_;
  std::set<std::string> known_;
};

class RandomWatcherTest : public WatcherFixture, public testing::WithParamInterface<uint32_t> {
 protected:
  RandomWatcherTest() : random_(GetParam()) { options_.move_pair_wait_ms = 1; }

  uint32_t Below(uint32_t bound) { return static_cast<uint32_t>(random_()) % bound; }
  std::string AnyPath() {
    std::string path;
    for (uint32_t i = 0, depth = 1 + Below(3); i < depth; ++i) {
      path += (i == 0 ? "" : "/") + std::string(1, static_cast<char>('a' + Below(3)));
    }
    return path;
  }
  // Whatever is not possible right now does not happen.
  void Work() {
    std::error_code ignored;
    fs::path path = root_ / AnyPath();
    switch (Below(8)) {
      case 0:
      case 1: fs::create_directories(path, ignored); break;
      case 2:
      case 3: std::ofstream(path / ("f" + std::to_string(Below(3)))) << "x"; break;
      case 4:
      case 5: fs::rename(path, root_ / AnyPath(), ignored); break;
      case 6: fs::remove_all(path, ignored); break;
      case 7: fs::remove(path / ("f" + std::to_string(Below(3))), ignored); break;
    }
  }
  void LookAtHints(Believer& believer) {
    for (const Hint& hint : hints_) believer.Look(hint);
    hints_.clear();
  }

  std::minstd_rand random_;
};

TEST_P(RandomWatcherTest, HintsLeadToTheTruth) {
  Believer believer(root_);
  for (int i = 0; i < 20; ++i) Work();
  Start();
  believer.Look({RelPath(), HintKind::kRecursive});
  for (int i = 0; i < 400; ++i) {
    Work();
    if (Below(4) == 0) uv_run(executor_.raw(), UV_RUN_NOWAIT);
    if (Below(10) == 0) watcher_->Flush();
    if (Below(3) == 0) LookAtHints(believer);
  }
  WaitUntil([&] {
    LookAtHints(believer);
    return believer.known() == EverythingBelow(root_, "");
  });
  std::set<std::string> directories = {""};
  for (const std::string& name : EverythingBelow(root_, "")) {
    if (fs::is_directory(root_ / name)) directories.insert(name);
  }
  for (const std::string& name : directories) {
    WaitForProbe((name.empty() ? "" : name + "/") + "probe");
  }
  WaitUntil([&] { return watcher_->status().directories == directories.size(); });
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomWatcherTest, testing::Range(1u, 21u));

}  // namespace
}  // namespace atozsync
