#include "sync/model/version_vector.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "tests/unit/model/model_builders.h"

namespace atozsync {
namespace {

using Order = VectorOrder;

RC_GTEST_PROP(VersionVector, MergingIsALeastUpperBound, ()) {
  VersionVector a = *gen::AnyVector();
  VersionVector b = *gen::AnyVector();
  VersionVector c = *gen::AnyVector();
  RC_ASSERT(a.Merged(b) == b.Merged(a));
  RC_ASSERT(a.Merged(b).Merged(c) == a.Merged(b.Merged(c)));
  RC_ASSERT(a.Merged(a) == a);
  RC_ASSERT(a.Merged(VersionVector()) == a);
  for (AuthorId author = 0; author <= 5; ++author) {
    RC_ASSERT(a.Merged(b).CounterOf(author) == std::max(a.CounterOf(author), b.CounterOf(author)));
  }
}

// Compared counter by counter, in the plainest way there is.
Order PlainCompare(const VersionVector& a, const VersionVector& b) {
  bool a_more = false;
  bool b_more = false;
  for (AuthorId author = 0; author <= 5; ++author) {
    a_more = a_more || a.CounterOf(author) > b.CounterOf(author);
    b_more = b_more || b.CounterOf(author) > a.CounterOf(author);
  }
  if (a_more && b_more) return Order::kConcurrent;
  if (a_more) return Order::kAfter;
  return b_more ? Order::kBefore : Order::kEqual;
}

RC_GTEST_PROP(VersionVector, ComparingAgreesWithTheCounters, ()) {
  VersionVector a = *gen::AnyVector();
  VersionVector b = *gen::AnyVector();
  RC_ASSERT(a.Compare(b) == PlainCompare(a, b));
  RC_ASSERT((a.Compare(b) == Order::kEqual) == (a == b));
  RC_ASSERT((a.Compare(b) == Order::kBefore) == (b.Compare(a) == Order::kAfter));
  RC_ASSERT((a.Compare(b) == Order::kConcurrent) == (b.Compare(a) == Order::kConcurrent));
  Order with_merged = a.Compare(a.Merged(b));
  RC_ASSERT(with_merged == Order::kEqual || with_merged == Order::kBefore);
}

RC_GTEST_PROP(VersionVector, AChangeComesAfterAllItHasSeen, ()) {
  VersionVector a = *gen::AnyVector();
  AuthorId author = *gen::Small(6);
  uint64_t counter = a.CounterOf(author) + 1 + *gen::Small(3);
  VersionVector later = a.With(author, counter);
  RC_ASSERT(later.CounterOf(author) == counter);
  RC_ASSERT(later.Compare(a) == Order::kAfter);
  for (AuthorId other = 0; other <= 5; ++other) {
    if (other != author) RC_ASSERT(later.CounterOf(other) == a.CounterOf(other));
  }
  RC_ASSERT(VersionVector::FromEntries(later.entries()).ok());
}

TEST(VersionVector, FromOutsideOnlyInOrder) {
  EXPECT_TRUE(VersionVector::FromEntries({}).ok());
  EXPECT_TRUE(VersionVector::FromEntries({{1, 1}, {2, 9}}).ok());
  EXPECT_TRUE(VersionVector::FromEntries({{2, 1}, {1, 1}}).Is(Errc::kCorrupt));
  EXPECT_TRUE(VersionVector::FromEntries({{1, 1}, {1, 2}}).Is(Errc::kCorrupt));
  EXPECT_TRUE(VersionVector::FromEntries({{1, 0}}).Is(Errc::kCorrupt));
  EXPECT_TRUE(VersionVector::FromEntries({{1, 1}, {2, 0}}).Is(Errc::kCorrupt));
}

TEST(VersionVector, FromOutsideOnlyUpToABound) {
  std::vector<VersionVector::Entry> entries;
  for (uint64_t i = 1; i <= VersionVector::kEntriesMax; ++i) entries.push_back({i, 1});
  EXPECT_TRUE(VersionVector::FromEntries(entries).ok());
  entries.push_back({VersionVector::kEntriesMax + 1, 1});
  EXPECT_TRUE(VersionVector::FromEntries(entries).Is(Errc::kCorrupt));
}

TEST(VersionVectorDeathTest, AnAuthorsCounterNeverStandsStill) {
  EXPECT_DEATH(static_cast<void>(Vector({{1, 3}}).With(1, 3)), "counter");
  EXPECT_DEATH(static_cast<void>(Vector({{1, 3}}).With(1, 2)), "counter");
}

TEST(VersionVector, ReadsAsReplicaIncarnationAndCounter) {
  EXPECT_EQ(VersionVector().ToString(), "{}");
  EXPECT_EQ(Vector({{0x1a2b3c4d00000001, 7}, {0xffffffff00000002, 12}}).ToString(),
            "{1a2b3c4d.00000001:7, ffffffff.00000002:12}");
}

// A replica that starts a new incarnation is another author: its old and new changes do not mix.
TEST(VersionVector, IncarnationsAreDifferentAuthors) {
  ReplicaId id;
  id.bytes[0] = 0x80;
  VersionVector before = VersionVector().With(MakeAuthorId(id, 1), 5);
  VersionVector after = VersionVector().With(MakeAuthorId(id, 2), 1);
  EXPECT_EQ(before.Compare(after), Order::kConcurrent);
}

}  // namespace
}  // namespace atozsync
