#include "watcher/hint_queue.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <vector>

namespace atozsync {
namespace {

Hint H(const std::string& path, HintKind kind) {
  return {RelPath::Trusted(path), kind};
}

std::vector<Hint> PopAll(HintQueue& queue) {
  std::vector<Hint> popped;
  while (std::optional<Hint> hint = queue.Pop()) popped.push_back(*hint);
  return popped;
}

TEST(HintQueue, GivesEachPathOnceInTheOrderOfItsFirstHint) {
  HintQueue queue;
  queue.Push(H("b/x", HintKind::kTouched));
  queue.Push(H("a/y", HintKind::kTouched));
  queue.Push(H("b/x", HintKind::kClosed));
  EXPECT_EQ(PopAll(queue),
            (std::vector<Hint>{H("b/x", HintKind::kClosed), H("a/y", HintKind::kTouched)}));
  EXPECT_TRUE(queue.empty());
}

TEST(HintQueue, RecursiveTakesInEverythingBelowAndNothingBeside) {
  HintQueue queue;
  queue.Push(H("a/x", HintKind::kTouched));
  queue.Push(H("a b/x", HintKind::kTouched));
  queue.Push(H("a/d", HintKind::kDir));
  queue.Push(H("a", HintKind::kRecursive));
  queue.Push(H("a/later", HintKind::kClosed));
  EXPECT_EQ(PopAll(queue),
            (std::vector<Hint>{H("a b/x", HintKind::kTouched), H("a", HintKind::kRecursive)}));
}

TEST(HintQueue, DirTakesInNamesButNotWhatIsInsideThem) {
  HintQueue queue;
  queue.Push(H("d/name", HintKind::kTouched));
  queue.Push(H("d/sub", HintKind::kDir));
  queue.Push(H("d/sub/file", HintKind::kTouched));
  queue.Push(H("d", HintKind::kDir));
  EXPECT_EQ(PopAll(queue), (std::vector<Hint>{H("d/sub", HintKind::kDir), H("d", HintKind::kDir)}));
}

TEST(HintQueue, NameAndListOfOnePathAreBothGiven) {
  HintQueue queue;
  queue.Push(H("d", HintKind::kDir));
  queue.Push(H("d", HintKind::kTouched));
  EXPECT_EQ(PopAll(queue), (std::vector<Hint>{H("d", HintKind::kTouched), H("d", HintKind::kDir)}));
}

TEST(HintQueue, ManyNamesInOneDirectoryBecomeItsList) {
  HintQueue queue({.per_directory_max = 10, .total_max = 1000});
  for (int i = 0; i <= 10; ++i) queue.Push(H("d/" + std::to_string(i), HintKind::kTouched));
  EXPECT_EQ(PopAll(queue), (std::vector<Hint>{H("d", HintKind::kDir)}));
}

TEST(HintQueue, ManyDirectoriesInOneBecomeRecursive) {
  HintQueue queue({.per_directory_max = 10, .total_max = 1000});
  for (int i = 0; i <= 10; ++i) queue.Push(H("d/" + std::to_string(i), HintKind::kDir));
  EXPECT_EQ(PopAll(queue), (std::vector<Hint>{H("d", HintKind::kRecursive)}));
}

TEST(HintQueue, TooMuchAltogetherGivesUpTheFullestBranchFirst) {
  HintQueue queue({.per_directory_max = 100, .total_max = 20});
  queue.Push(H("small/x", HintKind::kTouched));
  for (int i = 0; i < 20; ++i) {
    queue.Push(H("big/" + std::to_string(i) + "/x", HintKind::kTouched));
  }
  EXPECT_EQ(PopAll(queue),
            (std::vector<Hint>{H("small/x", HintKind::kTouched), H("big", HintKind::kRecursive)}));
}

TEST(HintQueue, TooManyBranchesBecomeTheRoot) {
  HintQueue queue({.per_directory_max = 100, .total_max = 20});
  for (int i = 0; i <= 20; ++i) queue.Push(H(std::to_string(i) + "/x", HintKind::kTouched));
  EXPECT_EQ(PopAll(queue), (std::vector<Hint>{H("", HintKind::kRecursive)}));
}

RC_GTEST_PROP(HintQueueProperty, WhatIsPoppedCoversWhatWasPushedWithinTheBounds, ()) {
  HintQueue::Limits limits;
  limits.per_directory_max = *rc::gen::inRange<size_t>(1, 6);
  limits.total_max = *rc::gen::inRange<size_t>(1, 12);
  HintQueue queue(limits);
  std::vector<Hint> pushed;
  std::vector<std::pair<size_t, Hint>> popped;  // with the number of hints pushed before
  size_t steps = *rc::gen::inRange<size_t>(0, 80);
  for (size_t i = 0; i < steps; ++i) {
    if (*rc::gen::inRange(0, 5) == 0) {
      if (std::optional<Hint> hint = queue.Pop()) popped.emplace_back(pushed.size(), *hint);
      continue;
    }
    RelPath path;
    size_t depth = *rc::gen::inRange<size_t>(0, 4);
    for (size_t d = 0; d < depth; ++d) {
      path = path.Child(*rc::gen::element<std::string>("a", "a ", "a0", "b", "c", "d"));
    }
    pushed.push_back({path, *rc::gen::element(HintKind::kClosed, HintKind::kTouched, HintKind::kDir,
                                              HintKind::kRecursive)});
    queue.Push(pushed.back());
    RC_ASSERT(queue.size() <= limits.total_max);
  }
  for (const Hint& hint : PopAll(queue)) popped.emplace_back(pushed.size(), hint);
  for (size_t i = 0; i < pushed.size(); ++i) {
    bool covered = std::any_of(popped.begin(), popped.end(), [&](const auto& pop) {
      return pop.first > i && Covers(pop.second, pushed[i]);
    });
    RC_ASSERT(covered);
  }
}

}  // namespace
}  // namespace atozsync
