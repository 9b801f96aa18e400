#include "sync/model/file_version.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "tests/unit/model/model_builders.h"

namespace atozsync {
namespace {

int Sign(std::strong_ordering order) {
  return order < 0 ? -1 : order > 0 ? 1 : 0;
}
// -1, 0 or 1: the macros of the tests compare numbers only.
int Rank(const FileVersion& a, const FileVersion& b) {
  return Sign(CompareRank(a, b));
}

TEST(CompareRank, EachPartDecidesOnlyWhereThoseBeforeItAreEqual) {
  FileVersion low = File(5, {}, {2, 2}, 10);
  low.mtime_ns = 100;
  // In order of weight; each step raises one part and lowers all that comes after it.
  std::vector<FileVersion> rising = {low};
  auto next = [&](auto change) {
    FileVersion version = low;
    version.mtime_ns = 0;
    change(version);
    rising.push_back(version);
  };
  next([](FileVersion& v) { v.size = 6; });
  next([](FileVersion& v) { v.hash = Hash(6), v.size = 0; });
  next([](FileVersion& v) { v.dot.counter = 3, v.hash = Hash(0); });
  next([](FileVersion& v) { v.dot = {3, 0}, v.hash = Hash(0); });
  next([](FileVersion& v) { v.hlc = 11, v.dot = {}, v.hash = {}; });
  next([](FileVersion& v) { v = Dir({}, {}, 0); });
  for (size_t i = 0; i < rising.size(); ++i) {
    for (size_t j = 0; j < rising.size(); ++j) {
      EXPECT_EQ(Rank(rising[i], rising[j]), Sign(i <=> j)) << i << " " << j;
    }
  }
}

TEST(CompareRank, WhatExistsBeatsWhatIsDeleted) {
  EXPECT_LT(Rank(Gone({}, {9, 9}, 99), File(0, {}, {0, 1}, 1)), 0);
}

RC_GTEST_PROP(CompareRank, IsAStrictTotalOrder, ()) {
  FileVersion a = *gen::AnyVersion();
  FileVersion b = *gen::AnyVersion();
  FileVersion c = *gen::AnyVersion();
  RC_ASSERT(Rank(a, a) == 0);
  RC_ASSERT(Rank(a, b) == -Rank(b, a));
  if (Rank(a, b) < 0 && Rank(b, c) < 0) RC_ASSERT(Rank(a, c) < 0);
  if (Rank(a, b) == 0) RC_ASSERT(Rank(a, c) == Rank(b, c));
  bool same = a.kind == b.kind && a.size == b.size && a.mtime_ns == b.mtime_ns &&
              a.hash == b.hash && a.dot == b.dot && a.hlc == b.hlc;
  RC_ASSERT((Rank(a, b) == 0) == same);
}

RC_GTEST_PROP(CompareRank, FileTimesNeverDecideBetweenTwoChanges, (int64_t t1, int64_t t2)) {
  FileVersion a = *gen::AnyVersion();
  FileVersion b = *gen::AnyVersion();
  b.mtime_ns = a.mtime_ns;
  int without_times = Rank(a, b);
  a.mtime_ns = t1;
  b.mtime_ns = t2;
  if (without_times != 0) RC_ASSERT(Rank(a, b) == without_times);
}

RC_GTEST_PROP(CompareRank, DoesNotLookAtWhatReplicasMayHoldDifferently, ()) {
  FileVersion a = *gen::AnyVersion();
  FileVersion b = a;
  b.vector = *gen::AnyVector();
  b.chain = *gen::Chain();
  b.known_by = {1};
  RC_ASSERT(Rank(a, b) == 0);
}

TEST(FileVersion, SameContentLooksAtTimesAndHistoryNever) {
  FileVersion a = File(1, Vector({{1, 1}}), {1, 1}, 5);
  FileVersion b = File(1, Vector({{2, 1}}), {2, 1}, 6);
  b.mtime_ns = 77;
  b.chain = {Hash(9)};
  EXPECT_TRUE(a.SameContent(b));
  b.size = 2;
  EXPECT_FALSE(a.SameContent(b));
  b = File(2, {}, {}, 0);
  b.size = a.size;
  EXPECT_FALSE(a.SameContent(b));
  EXPECT_TRUE(Dir({}, {1, 1}, 1).SameContent(Dir({}, {2, 2}, 2)));
  EXPECT_FALSE(Dir({}, {1, 1}, 1).SameContent(Gone({}, {1, 1}, 1)));
}

TEST(ValidateVersion, AcceptsTheBoundsAndNothingBeyond) {
  FileVersion good = File(1, Vector({{1, 1}}), {1, 1}, 5);
  good.chain.assign(FileVersion::kChainMax, Hash(1));
  good.size = uint64_t{1} << 62;
  EXPECT_TRUE(ValidateVersion(good).ok());

  auto refused = [&](auto change) {
    FileVersion version = good;
    change(version);
    return ValidateVersion(version).Is(Errc::kCorrupt);
  };
  EXPECT_TRUE(refused([](FileVersion& v) { v.kind = static_cast<VersionKind>(3); }));
  EXPECT_TRUE(refused([](FileVersion& v) { v.chain.push_back(Hash(2)); }));
  EXPECT_TRUE(refused([](FileVersion& v) { ++v.size; }));
  EXPECT_TRUE(refused([](FileVersion& v) { v.known_by = {1}; }))
      << "acknowledgements are for deletions";
  EXPECT_TRUE(refused([](FileVersion& v) { v.complete_by = {1}; }));
}

TEST(ValidateVersion, AcknowledgementsAreSortedSets) {
  FileVersion gone = Gone(Vector({{1, 1}}), {1, 1}, 5);
  for (auto member : {&FileVersion::known_by, &FileVersion::complete_by}) {
    FileVersion version = gone;
    version.*member = {1, 2, 0xffffffff};
    EXPECT_TRUE(ValidateVersion(version).ok());
    version.*member = {2, 1};
    EXPECT_TRUE(ValidateVersion(version).Is(Errc::kCorrupt));
    version.*member = {1, 1};
    EXPECT_TRUE(ValidateVersion(version).Is(Errc::kCorrupt));
    (version.*member).clear();
    for (uint32_t i = 0; i < FileVersion::kMembersMax; ++i) (version.*member).push_back(i);
    EXPECT_TRUE(ValidateVersion(version).ok());
    (version.*member).push_back(1'000'000);
    EXPECT_TRUE(ValidateVersion(version).Is(Errc::kCorrupt));
  }
}

TEST(ChainAfter, PutsTheReplacedContentInFront) {
  FileVersion older = File(3, {}, {}, 0);
  older.chain = {Hash(2), Hash(1)};
  EXPECT_EQ(ChainAfter(older), (std::vector<ContentHash>{Hash(3), Hash(2), Hash(1)}));
}

TEST(ChainAfter, GoesThroughADeletion) {
  FileVersion gone = Gone({}, {}, 0);
  gone.chain = {Hash(3), Hash(2)};
  EXPECT_EQ(ChainAfter(gone), (std::vector<ContentHash>{ContentHash(), Hash(3), Hash(2)}))
      << "a deletion has no content of its own, but it stands between";
  EXPECT_TRUE(ChainAfter(Dir({}, {}, 0)).empty());
}

TEST(Replaced, IsWhatTheChainSaysUnlessTheContentCameBackAfterIt) {
  FileVersion newest = File(3, {}, {}, 0);
  newest.chain = {Hash(2), Hash(1)};
  FileVersion older = File(1, {}, {}, 0);
  EXPECT_TRUE(newest.Replaced(older));
  EXPECT_FALSE(older.Replaced(newest));
  older.chain = {Hash(9)};
  EXPECT_TRUE(newest.Replaced(older));
  older.chain = {Hash(2), Hash(1)};
  EXPECT_FALSE(newest.Replaced(older)) << "put back over what the newest was saved over, too";
  newest.chain = {Hash(1), Hash(2)};
  EXPECT_TRUE(newest.Replaced(older)) << "put back, seen, and then replaced";
  older.chain.clear();
  newest.chain = {ContentHash(), Hash(1)};
  EXPECT_FALSE(newest.Replaced(older)) << "made where nothing stood any more";
  EXPECT_FALSE(newest.Replaced(Gone({}, {}, 0)));
  EXPECT_FALSE(newest.Replaced(Dir({}, {}, 0)));
}

TEST(Replaced, IsWhatTheDotsSayWhereBothMetAThirdContent) {
  FileVersion x = File(1, Vector({{1, 1}}), {1, 1}, 10);
  FileVersion y = File(2, Vector({{1, 1}, {2, 1}}), {2, 1}, 20);
  y.chain = {Hash(3), Hash(1)};  // it met 3, which lost, after it was saved over x
  FileVersion x_met_more = File(1, Vector({{1, 1}, {3, 2}}), {1, 1}, 10);
  x_met_more.chain = {Hash(3)};
  EXPECT_TRUE(y.Replaced(x_met_more));
  EXPECT_FALSE(x_met_more.Replaced(y));
  FileVersion put_back = File(1, Vector({{1, 2}, {3, 2}}), {1, 2}, 30);
  put_back.chain = {Hash(3)};
  EXPECT_FALSE(y.Replaced(put_back)) << "another change, which y has not seen";
  x_met_more.vector = x_met_more.vector.With(2, 1);
  EXPECT_FALSE(y.Replaced(x_met_more)) << "each has seen the other's change";
  y.chain = {Hash(3)};
  EXPECT_FALSE(y.Replaced(x)) << "merged with it, not saved over it";
}

TEST(Replaced, IsWhatTheDotsSayWhereTheTimeOfTheReplacedOneWasSet) {
  FileVersion x = File(1, Vector({{1, 1}}), {1, 1}, 10);
  FileVersion y = File(2, Vector({{1, 1}, {2, 1}}), {2, 1}, 20);
  y.chain = {Hash(3), Hash(1)};  // it met 3, which lost
  FileVersion touched = File(1, Vector({{1, 2}, {3, 1}}), {1, 2}, 30);
  touched.chain = {Hash(3)};  // so did this
  touched.dot = DotAfter(x, touched);
  EXPECT_TRUE(y.Replaced(touched));
  EXPECT_FALSE(touched.Replaced(y));
}

TEST(DotAfter, IsTheOldOneWhereTheContentIsTheSame) {
  FileVersion old = File(1, Vector({{1, 1}}), {1, 1}, 10);
  EXPECT_EQ(DotAfter(old, File(1, {}, {2, 5}, 20)), (Dot{1, 1})) << "only the time was set";
  EXPECT_EQ(DotAfter(old, File(2, {}, {2, 5}, 20)), (Dot{2, 5}));
  EXPECT_EQ(DotAfter(old, Dir({}, {2, 5}, 20)), (Dot{2, 5}));
  EXPECT_EQ(DotAfter(Dir({}, {1, 1}, 10), Dir({}, {2, 5}, 20)), (Dot{2, 5}))
      << "a directory has no content";
  old.dot = {};
  EXPECT_EQ(DotAfter(old, File(1, {}, {2, 5}, 20)), (Dot{2, 5})) << "its maker is not known";
}

TEST(HasSeen, IsAChangeInTheVector) {
  FileVersion version = File(1, Vector({{1, 3}}), {1, 3}, 0);
  EXPECT_TRUE(version.HasSeen({1, 2}));
  EXPECT_FALSE(version.HasSeen({1, 4}));
  EXPECT_FALSE(version.HasSeen({2, 1}));
  EXPECT_FALSE(version.HasSeen({})) << "no change at all";
}

TEST(ChainAfter, NamesAContentOnceAndForgetsTheOldest) {
  FileVersion version = File(0, {}, {}, 0);
  for (uint64_t content = 1; content <= 20; ++content) {
    FileVersion next = File(content, {}, {}, 0);
    next.chain = ChainAfter(version);
    version = next;
    EXPECT_LE(version.chain.size(), FileVersion::kChainMax);
    EXPECT_TRUE(ValidateVersion(version).ok());
  }
  EXPECT_EQ(version.chain.front(), Hash(19));
  EXPECT_EQ(version.chain.back(), Hash(20 - FileVersion::kChainMax));
  FileVersion back = File(18, {}, {}, 0);
  back.chain = ChainAfter(version);
  std::vector<ContentHash> chain = ChainAfter(back);
  EXPECT_EQ(chain.front(), Hash(18));
  EXPECT_EQ(std::count(chain.begin(), chain.end(), Hash(18)), 1);
}

}  // namespace
}  // namespace atozsync
