// Attacks with versions: counters, times and lists as no honest replica would make them.
#include <gtest/gtest.h>

#include <limits>

#include "tests/fuzz/hostile/hostile_world.h"

namespace atozsync {
namespace {

constexpr uint64_t kMax = std::numeric_limits<uint64_t>::max();

void ExpectUnharmed(HostileWorld& world) {
  world.Finish();
  EXPECT_TRUE(world.problems().empty()) << world.Describe();
}

AuthorId VictimsAuthor(HostileWorld& world, const std::string& path) {
  return world.index().Get(RelPath::Trusted(path)).value().version.dot.author;
}

uint64_t HlcOf(HostileWorld& world, const std::string& path) {
  return world.index().Get(RelPath::Trusted(path)).value().version.hlc;
}

// `count` authors that nobody ever heard of, `first` the smallest.
VersionVector Crowd(const VersionVector& seen, uint32_t first, uint32_t count) {
  std::vector<VersionVector::Entry> entries;
  for (uint32_t i = 0; i < count; ++i) entries.push_back({uint64_t{0x7700000000} + first + i, 1});
  return seen.Merged(*VersionVector::FromEntries(std::move(entries)));
}

TEST(HostileVersion, KnowsChangesOfTheVictimThatItNeverMade) {
  for (uint64_t counter : {uint64_t{1'000}, uint64_t{1} << 62, kMax - 1, kMax}) {
    SCOPED_TRACE(counter);
    HostileWorld world(11);
    ASSERT_TRUE(world.Connect());
    AuthorId author = VictimsAuthor(world, "top.txt");
    for (const char* path : {"top.txt", "S/Smith12/x.jpg"}) {
      protocol::UpdateRow row = world.peer().FileRow(path, "of mallory");
      row.version.vector = row.version.vector.With(author, counter);
      world.peer().Announce({row});
      ASSERT_TRUE(world.RunUntilIdle());
      world.Write(path, std::string("edited here: ") + path);
      ASSERT_TRUE(world.RunUntilIdle());
    }
    const FileVersion mine = world.index().Get(RelPath::Trusted("top.txt")).value().version;
    EXPECT_GT(mine.vector.CounterOf(mine.dot.author), 0u);
    EXPECT_NE(mine.dot.author, author) << "counters of that author cannot be told apart any more";
    ExpectUnharmed(world);
  }
}

TEST(HostileVersion, ComesFromTheEndOfTime) {
  HostileWorld world(12);
  ASSERT_TRUE(world.Connect());
  for (uint64_t hlc : {kMax, kMax - 1, uint64_t{1} << 63}) {
    protocol::UpdateRow row = world.peer().FileRow("future.txt", "of the year 10889");
    row.version.hlc = hlc;
    world.peer().Announce({row});
    ASSERT_TRUE(world.RunUntilIdle());
  }
  world.Write("a.txt", "first");
  ASSERT_TRUE(world.RunUntilIdle());
  world.Write("b.txt", "second");
  ASSERT_TRUE(world.RunUntilIdle());
  EXPECT_GT(HlcOf(world, "a.txt"), uint64_t{1} << 62)
      << "later than what was seen, while there is room";
  EXPECT_GT(HlcOf(world, "b.txt"), HlcOf(world, "a.txt")) << "time does not stand still";
  EXPECT_LT(HlcOf(world, "b.txt"), kMax - (uint64_t{1} << 60)) << "room for many more changes";
  ExpectUnharmed(world);
}

TEST(HostileVersion, DeletionKnownByMoreThanThereAre) {
  HostileWorld world(13);
  ASSERT_TRUE(world.Connect());
  protocol::UpdateRow row = world.peer().TombstoneRow("never-there.txt");
  for (uint32_t round = 0; round < 4; ++round) {
    row.version.known_by.clear();
    for (uint32_t i = 0; i < 200; ++i) row.version.known_by.push_back(round * 1'000 + i);
    row.version.complete_by = row.version.known_by;
    world.peer().Announce({row});
    world.RunFor(3'000);
  }
  EXPECT_TRUE(world.peer().connected()) << world.peer().known().goodbye;
  ExpectUnharmed(world);
}

TEST(HostileVersion, HistoryWithMoreAuthorsThanAnyCluster) {
  HostileWorld world(14);
  ASSERT_TRUE(world.Connect());
  const VersionVector seen = world.peer().known().rows[RelPath::Trusted("top.txt")].vector;
  for (uint32_t round = 0; round < 6; ++round) {
    protocol::UpdateRow row = world.peer().FileRow("top.txt", "round " + std::to_string(round));
    row.version.vector = Crowd(seen, round * 10'000, 4'000 >> (round % 3));
    world.peer().Announce({row});
    world.RunFor(2'000);
    protocol::UpdateRow dir = world.peer().TombstoneRow("S/Smith12");
    dir.version.vector = Crowd(VersionVector(), round * 10'000, 700);
    world.peer().Announce({dir});
    world.RunFor(2'000);
  }
  world.Write("top.txt", "edited here");
  world.Write("S/Smith12/more.txt", "made here");
  world.RunFor(5'000);
  EXPECT_LT(world.index().Get(RelPath::Trusted("top.txt")).value().version.vector.entries().size(),
            VersionVector::kEntriesMax / 2);
  ExpectUnharmed(world);
}

TEST(HostileVersion, TimesAtBothEnds) {
  HostileWorld world(15);
  ASSERT_TRUE(world.Connect());
  int number = 0;
  for (int64_t mtime_ns : {INT64_MIN, INT64_MAX, INT64_MIN + 1, int64_t{-1}}) {
    std::string path = "time" + std::to_string(number++) + ".txt";
    protocol::UpdateRow row = world.peer().FileRow(path, "at " + path);
    row.version.mtime_ns = mtime_ns;
    world.peer().Announce({row});
    ASSERT_TRUE(world.RunUntilIdle());
    EXPECT_EQ(world.Read(path), "at " + path);
    protocol::UpdateRow touched = world.peer().FileRow("top.txt", "a file at the top");
    touched.version.mtime_ns = mtime_ns;
    world.peer().Announce({touched});
    ASSERT_TRUE(world.RunUntilIdle());
  }
  ExpectUnharmed(world);
}

TEST(HostileVersion, SamePathManyTimesInOnePage) {
  HostileWorld world(16);
  ASSERT_TRUE(world.Connect());
  std::vector<protocol::UpdateRow> rows;
  for (int i = 0; i < 40; ++i) {
    rows.push_back(world.peer().FileRow("top.txt", "version " + std::to_string(i % 7)));
    rows.push_back(world.peer().TombstoneRow("top.txt"));
    rows.push_back(world.peer().TombstoneRow("gone.txt"));
    protocol::UpdateRow dir = world.peer().TombstoneRow("S/Smith12");
    dir.version.kind = VersionKind::kDir;
    rows.push_back(dir);
  }
  world.peer().Announce(rows);
  EXPECT_TRUE(world.RunUntilIdle());
  ExpectUnharmed(world);
}

TEST(HostileVersion, IndexPagesOutOfOrder) {
  for (auto [from, to] : std::vector<std::pair<Sequence, Sequence>>{
           {5, 3}, {10, 20}, {0, kMax}, {kMax, kMax}, {0, 0}}) {
    HostileWorld world(17);
    ASSERT_TRUE(world.Connect());
    protocol::IndexUpdate update;
    update.from = from;
    update.to = to;
    update.caught_up = true;
    update.rows.push_back(world.peer().FileRow("page.txt", "in a page"));
    for (int i = 0; i < 3; ++i) world.peer().Send(update);
    world.RunFor(3'000);
    ExpectUnharmed(world);
  }
}

}  // namespace
}  // namespace atozsync
