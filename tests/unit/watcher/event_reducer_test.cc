#include "watcher/event_reducer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/inotify.h>

namespace atozsync {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

RelPath P(const char* path) {
  return RelPath::Trusted(path);
}

class EventReducerTest : public testing::Test {
 protected:
  EventReducerTest() {
    EXPECT_TRUE(tree_.SetWatched(RelPath(), 1).is_new);
    EXPECT_TRUE(tree_.SetWatched(P("A"), 2).is_new);
    EXPECT_TRUE(tree_.SetWatched(P("A/Adams1"), 3).is_new);
  }
  WatchEffects Reduce(std::vector<InotifyEvent> events) {
    return ReduceEvents(DecodedEvents{std::move(events), false}, tree_);
  }
  WatchTree tree_;
};

TEST_F(EventReducerTest, FloodOfWritesIsOneHint) {
  std::vector<InotifyEvent> events(500, InotifyEvent{3, IN_MODIFY, 0, "a.jpg"});
  EXPECT_THAT(Reduce(events).hints, ElementsAre(Hint{P("A/Adams1/a.jpg"), HintKind::kTouched}));
}

TEST_F(EventReducerTest, ClosingAWriterIsToldAndTimesDoNotUndoIt) {
  WatchEffects effects = Reduce({{3, IN_CREATE, 0, "a"},
                                 {3, IN_MODIFY, 0, "a"},
                                 {3, IN_CLOSE_WRITE, 0, "a"},
                                 {3, IN_ATTRIB, 0, "a"}});
  EXPECT_THAT(effects.hints, ElementsAre(Hint{P("A/Adams1/a"), HintKind::kClosed}));
}

TEST_F(EventReducerTest, WritingAgainAfterClosingIsTouched) {
  WatchEffects effects = Reduce({{3, IN_CLOSE_WRITE, 0, "a"}, {3, IN_MODIFY, 0, "a"}});
  EXPECT_THAT(effects.hints, ElementsAre(Hint{P("A/Adams1/a"), HintKind::kTouched}));
}

TEST_F(EventReducerTest, OwnDirectoryAtTheRootIsNeverMentioned) {
  WatchEffects effects = Reduce(
      {{1, IN_CREATE | IN_ISDIR, 0, ".atozsync"}, {1, IN_ATTRIB | IN_ISDIR, 0, ".atozsync"}});
  EXPECT_THAT(effects.hints, IsEmpty());
  EXPECT_THAT(effects.appeared, IsEmpty());
  EXPECT_THAT(effects.retry, IsEmpty());
  // Elsewhere the name is a name like any other.
  EXPECT_THAT(Reduce({{2, IN_CREATE | IN_ISDIR, 0, ".atozsync"}}).appeared,
              ElementsAre(P("A/.atozsync")));
}

TEST_F(EventReducerTest, OverflowLosesEverything) {
  WatchEffects effects = Reduce({{-1, IN_Q_OVERFLOW, 0, ""}});
  EXPECT_TRUE(effects.lost);
  EXPECT_EQ(effects.overflows, 1u);
  EXPECT_THAT(effects.hints, ElementsAre(Hint{RelPath(), HintKind::kRecursive}));
}

TEST_F(EventReducerTest, UnknownWatchLosesEverythingButItsFarewellDoesNot) {
  EXPECT_TRUE(Reduce({{99, IN_MODIFY, 0, "a"}}).lost);
  EXPECT_FALSE(Reduce({{99, IN_IGNORED, 0, ""}}).lost);
}

TEST_F(EventReducerTest, MalformedBufferLosesEverything) {
  WatchEffects effects = ReduceEvents(DecodedEvents{{}, true}, tree_);
  EXPECT_TRUE(effects.lost);
  EXPECT_THAT(effects.hints, ElementsAre(Hint{RelPath(), HintKind::kRecursive}));
}

TEST_F(EventReducerTest, EventsAfterARenameInTheSameBufferCarryTheNewPath) {
  WatchEffects effects = Reduce({{2, IN_MOVED_FROM | IN_ISDIR, 7, "Adams1"},
                                 {1, IN_MOVED_TO | IN_ISDIR, 7, "Z"},
                                 {3, IN_CREATE, 0, "new.jpg"}});
  EXPECT_THAT(effects.hints, ElementsAre(Hint{P("A/Adams1"), HintKind::kTouched},
                                         Hint{P("Z/new.jpg"), HintKind::kTouched}));
  EXPECT_THAT(effects.appeared, ElementsAre(P("Z")));
}

TEST_F(EventReducerTest, RemovedDirectoryIsTouchedAndItsFarewellIsQuiet) {
  WatchEffects effects = Reduce(
      {{3, IN_DELETE_SELF, 0, ""}, {3, IN_IGNORED, 0, ""}, {2, IN_DELETE | IN_ISDIR, 0, "Adams1"}});
  EXPECT_THAT(effects.hints, ElementsAre(Hint{P("A/Adams1"), HintKind::kTouched}));
  EXPECT_FALSE(effects.lost);
  EXPECT_EQ(tree_.watched(), 2u);
}

TEST_F(EventReducerTest, FarewellAfterRemovalIsQuietToo) {
  WatchEffects effects = Reduce(
      {{2, IN_DELETE | IN_ISDIR, 0, "Adams1"}, {3, IN_DELETE_SELF, 0, ""}, {3, IN_IGNORED, 0, ""}});
  EXPECT_FALSE(effects.lost);
  EXPECT_THAT(effects.dropped, ElementsAre(3));
  EXPECT_EQ(tree_.Find(3).state, WatchTree::State::kUnknown);
}

TEST_F(EventReducerTest, UnmountShowsTheDirectoryBelow) {
  WatchEffects effects = Reduce({{3, IN_UNMOUNT, 0, ""}, {3, IN_IGNORED, 0, ""}});
  EXPECT_THAT(effects.appeared, ElementsAre(P("A/Adams1")));
  EXPECT_THAT(effects.hints, ElementsAre(Hint{P("A/Adams1"), HintKind::kRecursive}));
  EXPECT_FALSE(effects.root_moved);
}

TEST_F(EventReducerTest, RootThatMovesAwayOrGoesIsToldToTheCaller) {
  EXPECT_TRUE(Reduce({{1, IN_MOVE_SELF, 0, ""}}).root_moved);
  EXPECT_TRUE(Reduce({{1, IN_DELETE_SELF, 0, ""}}).root_moved);
}

TEST_F(EventReducerTest, MoveThatAnUnwatchedParentCannotTellOf) {
  EXPECT_THAT(tree_.SetUnwatched(P("A")), ElementsAre(2));
  WatchEffects effects = Reduce({{3, IN_MOVE_SELF, 0, ""}});
  EXPECT_THAT(effects.dropped, ElementsAre(3));
  EXPECT_THAT(effects.retry, ElementsAre(P("A")));
  EXPECT_THAT(effects.hints, ElementsAre(Hint{P("A/Adams1"), HintKind::kTouched},
                                         Hint{P("A"), HintKind::kRecursive}));
}

TEST_F(EventReducerTest, ReadableAgainIsTriedAgain) {
  EXPECT_THAT(tree_.SetUnwatched(P("A/Adams1")), ElementsAre(3));
  WatchEffects effects = Reduce({{2, IN_ATTRIB | IN_ISDIR, 0, "Adams1"}});
  EXPECT_THAT(effects.retry, ElementsAre(P("A/Adams1")));
}

}  // namespace
}  // namespace atozsync
