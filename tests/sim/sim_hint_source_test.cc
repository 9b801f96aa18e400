// The simulated watcher: every change is hinted at, late, twice, or – with a mark – not at all.
#include "tests/sim/sim_hint_source.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace atozsync {
namespace {

RelPath P(std::string_view path) {
  return RelPath::Trusted(path);
}

class SimHintSourceTest : public testing::Test {
 protected:
  void Start(SimHintOptions options) {
    hints_.SetOptions(options);
    ASSERT_TRUE(hints_.Start([this](Hint hint) { seen_.push_back(std::move(hint)); }).ok());
  }
  static SimHintOptions Plain() {
    SimHintOptions options;
    options.duplicate_permille = 0;
    return options;
  }
  bool Saw(const Hint& hint) const {
    return std::find(seen_.begin(), seen_.end(), hint) != seen_.end();
  }

  SimScheduler scheduler_{2};
  SimClock clock_{scheduler_};
  SimFileSystem files_{clock_, SimRandom(1)};
  SimHintSource hints_{scheduler_, files_, "n"};
  std::vector<Hint> seen_;
};

TEST_F(SimHintSourceTest, HintsComeLaterAndInOrder) {
  Start(Plain());
  ASSERT_TRUE(files_.MakeDirs("d").ok());
  ASSERT_TRUE(files_.WriteFile("d/a", "x").ok());
  ASSERT_TRUE(files_.Remove("d/a").ok());
  EXPECT_TRUE(seen_.empty());
  scheduler_.RunFor(kSecond);
  ASSERT_FALSE(seen_.empty());
  EXPECT_EQ(seen_.front(), (Hint{P("d"), HintKind::kRecursive}));
  EXPECT_TRUE(Saw({P("d/a"), HintKind::kClosed}));
  EXPECT_EQ(seen_.back(), (Hint{P("d/a"), HintKind::kTouched}));
}

TEST_F(SimHintSourceTest, FlushDeliversWhatHappenedBefore) {
  Start(Plain());
  ASSERT_TRUE(files_.WriteFile("a", "x").ok());
  hints_.Flush();
  EXPECT_TRUE(Saw({P("a"), HintKind::kClosed}));
  const size_t count = seen_.size();
  scheduler_.RunFor(kSecond);
  EXPECT_EQ(seen_.size(), count) << "not a second time";
}

TEST_F(SimHintSourceTest, TheAgentsOwnChangesAreHintedButNotItsFolder) {
  ASSERT_TRUE(files_.WriteFile(".atozsync/staged", "x").ok());
  Start(Plain());
  ASSERT_TRUE(files_.RenameNoReplace(P(".atozsync/staged"), P("a")).ok());
  hints_.Flush();
  EXPECT_EQ(seen_, (std::vector<Hint>{{P("a"), HintKind::kTouched}}));
}

TEST_F(SimHintSourceTest, AnOverflowLeavesOneLookAtEverything) {
  Start(Plain());
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(files_.WriteFile(std::to_string(i), "x").ok());
  hints_.Overflow();
  ASSERT_TRUE(files_.Remove("3").ok());
  hints_.Flush();
  EXPECT_EQ(seen_,
            (std::vector<Hint>{{RelPath(), HintKind::kRecursive}, {P("3"), HintKind::kTouched}}));
  EXPECT_EQ(hints_.status().overflows, 1u);
}

TEST_F(SimHintSourceTest, LossesAreMarkedAndDuplicatesHappen) {
  SimHintOptions options;
  options.duplicate_permille = 500;
  options.overflow_permille = 100;
  Start(options);
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(files_.MakeDirs("d" + std::to_string(i)).ok());
  hints_.Flush();
  EXPECT_LT(seen_.size(), 100u);
  EXPECT_EQ(seen_.front(), (Hint{RelPath(), HintKind::kRecursive})) << "covers what was lost";
  EXPECT_GT(hints_.status().overflows, 0u);
  bool twice = false;
  for (size_t i = 1; i < seen_.size(); ++i) twice |= seen_[i] == seen_[i - 1];
  EXPECT_TRUE(twice);
}

TEST_F(SimHintSourceTest, ALongQueueOverflows) {
  SimHintOptions options = Plain();
  options.queue_max = 8;
  Start(options);
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(files_.WriteFile(std::to_string(i), "x").ok());
  EXPECT_LE(hints_.waiting(), 8u);
  hints_.Flush();
  EXPECT_EQ(seen_.front(), (Hint{RelPath(), HintKind::kRecursive}));
}

TEST_F(SimHintSourceTest, AStoppedSourceIsSilent) {
  Start(Plain());
  ASSERT_TRUE(files_.WriteFile("a", "x").ok());
  hints_.Stop();
  ASSERT_TRUE(files_.WriteFile("b", "x").ok());
  scheduler_.RunFor(kSecond);
  EXPECT_TRUE(seen_.empty());
}

}  // namespace
}  // namespace atozsync
