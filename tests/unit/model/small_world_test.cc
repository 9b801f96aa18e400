#include "tests/unit/model/small_world.h"

#include <gtest/gtest.h>

namespace atozsync {
namespace {

const std::vector<std::array<uint64_t, kReplicas>> kClocks = {
    {10, 10, 10}, {10, 100, 200}, {200, 10, 100}};

WorldReport Explored(const WorldOptions& options) {
  WorldReport report = SmallWorld(options).Explore();
  for (const std::string& failure : report.failures) ADD_FAILURE() << failure;
  EXPECT_GT(report.quiet, 0u);
  testing::Test::RecordProperty("states", static_cast<int>(report.states));
  testing::Test::RecordProperty("quiet", static_cast<int>(report.quiet));
  return report;
}

TEST(SmallWorld, StepsAndExchangesInEveryOrder) {
  for (bool base : {false, true}) {
    for (const auto& clocks : kClocks) {
      WorldOptions options;
      options.base = base;
      options.clocks = clocks;
      options.steps = {2, 1, 1};
      EXPECT_GT(Explored(options).with_conflicts, 0u);
    }
  }
}

TEST(SmallWorld, TwoReplicasThatChangeItTwice) {
  WorldOptions options;
  options.clocks = kClocks[1];
  options.steps = {2, 2, 1};
  EXPECT_GT(Explored(options).quiet, 1'000u);
}

TEST(SmallWorld, TheSameContentFromSeveralHands) {
  for (bool base : {false, true}) {
    for (bool offline_first : {false, true}) {
      WorldOptions options;
      options.base = base;
      options.offline_first = offline_first;
      options.steps = offline_first ? std::array<uint32_t, kReplicas>{2, 2, 2}
                                    : std::array<uint32_t, kReplicas>{2, 1, 1};
      options.step_kinds = {Step::kWrite, Step::kWriteShared, Step::kDelete};
      Explored(options);
    }
  }
}

TEST(SmallWorld, ThreeStepsEachThenEveryOrderOfExchanges) {
  for (bool base : {false, true}) {
    WorldOptions options;
    options.base = base;
    options.clocks = kClocks[1];
    options.steps = {3, 3, 3};
    options.offline_first = true;
    Explored(options);
  }
}

TEST(SmallWorld, DeletionsAreAcknowledgedAndForgotten) {
  for (bool base : {false, true}) {
    WorldOptions options;
    options.base = base;
    options.gossip = true;
    options.steps = {1, 1, 1};
    EXPECT_GT(Explored(options).forgotten, 0u);
  }
}

TEST(SmallWorld, FilesAndDirectoriesTakeEachOthersPlace) {
  for (bool base : {false, true}) {
    for (const auto& clocks : kClocks) {
      WorldOptions options;
      options.base = base;
      options.clocks = clocks;
      options.steps = {2, 1, 1};
      options.step_kinds = {Step::kWrite, Step::kDelete, Step::kMakeDir};
      EXPECT_GT(Explored(options).with_conflicts, 0u);
    }
  }
}

TEST(SmallWorld, TimesAreSetMeanwhile) {
  for (bool base : {false, true}) {
    for (const auto& clocks : kClocks) {
      WorldOptions options;
      options.base = base;
      options.clocks = clocks;
      options.steps = {2, 1, 1};
      options.step_kinds = {Step::kWrite, Step::kDelete, Step::kTouch};
      EXPECT_GT(Explored(options).with_conflicts, 0u);
    }
  }
}

TEST(SmallWorld, AllKindsOfStepsThenEveryOrderOfExchanges) {
  for (bool base : {false, true}) {
    WorldOptions options;
    options.base = base;
    options.clocks = kClocks[1];
    options.steps = {2, 2, 1};
    options.offline_first = true;
    options.step_kinds = {Step::kWrite, Step::kWriteShared, Step::kDelete, Step::kMakeDir,
                          Step::kTouch};
    Explored(options);
  }
}

TEST(SmallWorld, AWorldThatGrowsBeyondItsBoundIsAFailure) {
  WorldOptions options;
  options.steps = {1, 0, 0};
  options.states_max = 1;
  EXPECT_FALSE(SmallWorld(options).Explore().failures.empty());
}

}  // namespace
}  // namespace atozsync
