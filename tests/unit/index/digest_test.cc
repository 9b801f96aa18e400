#include "sync/index/digest.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "tests/contract/index_contract.h"

namespace atozsync {
namespace {

TEST(Digest, CarriesAndBorrowsBetweenTheHalves) {
  ContentHash ones{0, ~uint64_t{0}};
  EXPECT_EQ(AddDigest(ones, {0, 1}), (ContentHash{1, 0}));
  EXPECT_EQ(SubDigest({1, 0}, {0, 1}), ones);
  EXPECT_EQ(SubDigest({}, {0, 1}), (ContentHash{~uint64_t{0}, ~uint64_t{0}}));
}

RC_GTEST_PROP(Digest, SumsDoNotDependOnOrderAndCanBeUndone,
              (uint64_t a, uint64_t b, uint64_t c, uint64_t d)) {
  ContentHash x{a, ~b};
  ContentHash y{~c, d};
  RC_ASSERT(AddDigest(x, y) == AddDigest(y, x));
  RC_ASSERT(SubDigest(AddDigest(x, y), y) == x);
}

RelPath Path(std::string_view text) {
  return RelPath::Trusted(text);
}

TEST(RowDigest, ChangesWithEveryPartThatMakesATreeDifferent) {
  FileVersion base = FileOf(1, 10, 1);
  ContentHash digest = RowDigest(Path("a/b"), base);
  EXPECT_NE(RowDigest(Path("a/c"), base), digest);
  EXPECT_NE(RowDigest(Path("a/b"), FileOf(2, 10, 1)), digest);
  EXPECT_NE(RowDigest(Path("a/b"), FileOf(1, 11, 1)), digest);
  EXPECT_NE(RowDigest(Path("a/b"), FileOf(1, 10, 2)), digest);
  EXPECT_NE(RowDigest(Path("a/b"), DirOf(1)), digest);
  FileVersion later = base;
  ++later.mtime_ns;
  EXPECT_NE(RowDigest(Path("a/b"), later), digest);
}

TEST(RowDigest, DoesNotLookAtWhatReplicasMayHoldDifferently) {
  FileVersion base = FileOf(1, 10, 1);
  FileVersion other = base;
  other.chain = {HashOf(5)};
  other.hlc = 77;
  other.dot.counter = 9;
  EXPECT_EQ(RowDigest(Path("a/b"), other), RowDigest(Path("a/b"), base));
  FileVersion dir = DirOf(1);
  FileVersion dir_with_size = dir;
  dir_with_size.size = 4096;
  EXPECT_EQ(RowDigest(Path("d"), dir_with_size), RowDigest(Path("d"), dir));
}

// Peers compare these sums: the encoding may not drift from one version to the next.
TEST(RowDigest, IsWhatItAlwaysWas) {
  EXPECT_EQ(RowDigest(Path("a/b"), FileOf(1, 10, 1)).ToHex(), "c90869aa6c67c0852e8599b1d3f8688b");
  EXPECT_EQ(RowDigest(Path("d"), DirOf(1)).ToHex(), "ee63fad6d018a483cc405862b49387c2");
}

}  // namespace
}  // namespace atozsync
