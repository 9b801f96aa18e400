#include "watcher/watch_tree.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace atozsync {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

RelPath P(const char* path) {
  return RelPath::Trusted(path);
}

class WatchTreeTest : public testing::Test {
 protected:
  void Watch(const char* path, int wd) {
    EXPECT_THAT(tree_.SetWatched(P(path), wd).dropped, IsEmpty());
  }
  // The path, or what else is known about the wd.
  std::string At(int wd) const {
    WatchTree::Found found = tree_.Find(wd);
    switch (found.state) {
      case WatchTree::State::kKnown: return found.path.str();
      case WatchTree::State::kMoving: return "(moving)";
      case WatchTree::State::kRetired: return "(retired)";
      case WatchTree::State::kUnknown: return "(unknown)";
    }
    return "";
  }
  WatchTree tree_;
};

TEST_F(WatchTreeTest, RenamedDirectoryKeepsItsWatchesUnderTheNewPath) {
  Watch("", 1);
  Watch("A", 2);
  Watch("A/Adams1", 3);
  Watch("A/Adams1/sub", 4);
  EXPECT_THAT(tree_.MoveFrom(P("A/Adams1"), 50), IsEmpty());
  EXPECT_EQ(At(4), "(moving)");
  std::vector<int> dropped;
  EXPECT_TRUE(tree_.MoveTo(50, P("B/Adams1"), &dropped));
  EXPECT_THAT(dropped, IsEmpty());
  EXPECT_EQ(At(3), "B/Adams1");
  EXPECT_EQ(At(4), "B/Adams1/sub");
  EXPECT_FALSE(tree_.has_pending_moves());
}

TEST_F(WatchTreeTest, OtherCookieDoesNotMatch) {
  Watch("A", 2);
  EXPECT_THAT(tree_.MoveFrom(P("A"), 50), IsEmpty());
  std::vector<int> dropped;
  EXPECT_FALSE(tree_.MoveTo(51, P("B"), &dropped));
  EXPECT_EQ(At(2), "(moving)");
}

TEST_F(WatchTreeTest, DirectoryThatLeftIsDroppedAfterASecondExpiry) {
  Watch("A", 2);
  Watch("A/x", 3);
  EXPECT_THAT(tree_.MoveFrom(P("A"), 50), IsEmpty());
  EXPECT_THAT(tree_.ExpireMoves(), IsEmpty());
  EXPECT_THAT(tree_.ExpireMoves(), UnorderedElementsAre(2, 3));
  EXPECT_FALSE(tree_.has_pending_moves());
  EXPECT_EQ(At(3), "(retired)");
  tree_.Ignored(3);
  EXPECT_EQ(At(3), "(unknown)");
  EXPECT_EQ(tree_.watched(), 0u);
}

TEST_F(WatchTreeTest, TooManyPendingMovesExpireTheOldest) {
  for (size_t i = 0; i <= WatchTree::kMovesPendingMax; ++i) {
    std::string name = "d" + std::to_string(i);
    Watch(name.c_str(), static_cast<int>(i));
    std::vector<int> dropped = tree_.MoveFrom(P(name.c_str()), static_cast<uint32_t>(i + 1));
    if (i < WatchTree::kMovesPendingMax) {
      EXPECT_THAT(dropped, IsEmpty());
    } else {
      EXPECT_THAT(dropped, ElementsAre(0));
    }
  }
}

TEST_F(WatchTreeTest, MoveOntoAnotherDirectoryDropsWhatStoodThere) {
  Watch("a", 1);
  Watch("b", 2);
  EXPECT_THAT(tree_.MoveFrom(P("a"), 9), IsEmpty());
  std::vector<int> dropped;
  EXPECT_TRUE(tree_.MoveTo(9, P("b"), &dropped));
  EXPECT_THAT(dropped, ElementsAre(2));
  EXPECT_EQ(At(1), "b");
}

TEST_F(WatchTreeTest, NewDirectoryOfTheSameNameReplacesTheOldWatch) {
  Watch("a", 1);
  WatchTree::Added added = tree_.SetWatched(P("a"), 7);
  EXPECT_TRUE(added.is_new);
  EXPECT_THAT(added.dropped, ElementsAre(1));
  EXPECT_EQ(At(1), "(retired)");
  EXPECT_EQ(At(7), "a");
  EXPECT_FALSE(tree_.SetWatched(P("a"), 7).is_new);
}

TEST_F(WatchTreeTest, SameDirectoryUnderAnotherNameMovesItsWatch) {
  Watch("a/x", 5);
  WatchTree::Added added = tree_.SetWatched(P("b/x"), 5);
  EXPECT_TRUE(added.is_new);
  EXPECT_THAT(added.dropped, IsEmpty());
  EXPECT_EQ(At(5), "b/x");
  EXPECT_FALSE(tree_.IsKnown(P("a/x")));
  EXPECT_EQ(tree_.watched(), 1u);
}

// The former place lies below the new one: tidying it must not take the new one along.
TEST_F(WatchTreeTest, WatchMovesToAnAncestor) {
  Watch("a/b/c", 5);
  EXPECT_TRUE(tree_.SetWatched(P("a"), 5).is_new);
  EXPECT_EQ(At(5), "a");
  EXPECT_TRUE(tree_.IsWatched(P("a")));
}

TEST_F(WatchTreeTest, RemovedSubtreeIsDropped) {
  Watch("a", 1);
  Watch("a/b", 2);
  EXPECT_THAT(tree_.SetUnwatched(P("a/c")), IsEmpty());
  EXPECT_THAT(tree_.Remove(P("a")), UnorderedElementsAre(1, 2));
  EXPECT_EQ(tree_.unwatched(), 0u);
  EXPECT_THAT(tree_.Remove(P("a")), IsEmpty());
}

TEST_F(WatchTreeTest, IgnoredForgetsTheWatch) {
  Watch("a", 1);
  tree_.Ignored(1);
  EXPECT_EQ(At(1), "(unknown)");
  EXPECT_FALSE(tree_.IsKnown(P("a")));
  tree_.Ignored(12345);
}

TEST_F(WatchTreeTest, UnwatchedDirectoriesAreListedAndCountedOnce) {
  EXPECT_THAT(tree_.SetUnwatched(P("b")), IsEmpty());
  EXPECT_THAT(tree_.SetUnwatched(P("b")), IsEmpty());
  EXPECT_THAT(tree_.SetUnwatched(P("a/z")), IsEmpty());
  EXPECT_EQ(tree_.unwatched(), 2u);
  EXPECT_THAT(tree_.Unwatched(), ElementsAre(P("a/z"), P("b")));
  Watch("b", 4);
  EXPECT_THAT(tree_.Unwatched(), ElementsAre(P("a/z")));
  EXPECT_EQ(tree_.unwatched(), 1u);
}

TEST_F(WatchTreeTest, SweepDropsWhatTheWalkDidNotMeet) {
  Watch("", 1);
  Watch("stays", 2);
  Watch("gone", 3);
  Watch("gone/below", 4);
  tree_.BeginSweep();
  EXPECT_FALSE(tree_.SetWatched(P(""), 1).is_new);
  EXPECT_FALSE(tree_.SetWatched(P("stays"), 2).is_new);
  EXPECT_THAT(tree_.EndSweep(), UnorderedElementsAre(3, 4));
  EXPECT_EQ(tree_.watched(), 2u);
  EXPECT_FALSE(tree_.IsKnown(P("gone")));
  EXPECT_EQ(At(2), "stays");
}

TEST_F(WatchTreeTest, TellsWhetherTheParentIsWatched) {
  Watch("", 1);
  EXPECT_THAT(tree_.SetUnwatched(P("u")), IsEmpty());
  Watch("u/w", 2);
  Watch("v", 3);
  EXPECT_TRUE(tree_.Find(1).parent_watched);
  EXPECT_FALSE(tree_.Find(2).parent_watched);
  EXPECT_TRUE(tree_.Find(3).parent_watched);
}

}  // namespace
}  // namespace atozsync
