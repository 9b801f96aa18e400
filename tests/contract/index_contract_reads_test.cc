// What was read once and has changed since is read as it is now: an index may remember what it was
// asked for last, and each way to change it has to reach that, too. For every Index.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/contract/index_contract.h"

namespace atozsync {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using MakeBox = std::unique_ptr<IndexBox> (*)();

class IndexReads : public ::testing::TestWithParam<MakeBox> {
 protected:
  Index& index() { return box_->index(); }
  void Commit(IndexBatch batch) { ASSERT_TRUE(index().Commit(batch).ok()); }
  void CommitRow(const IndexRow& row) { ASSERT_TRUE(CommitRows(index(), {row}).ok()); }
  std::optional<IndexRow> Get() { return index().Get(path_); }
  std::vector<uint64_t> NeededSizes() {
    std::vector<uint64_t> sizes;
    for (const Need& need : index().NeedsOf(path_)) sizes.push_back(need.version.size);
    return sizes;
  }
  void Want(uint8_t peer, uint64_t size) {
    IndexBatch batch;
    batch.needs.push_back({path_, PeerOf(peer), FileOf(size, size), 0});
    Commit(batch);
  }
  void WantNoMore(uint8_t peer) {
    IndexBatch batch;
    batch.erased_needs.emplace_back(path_, PeerOf(peer));
    Commit(batch);
  }

  std::unique_ptr<IndexBox> box_ = GetParam()();
  const RelPath path_ = RelPath::Trusted("d/a");
};

INSTANTIATE_TEST_SUITE_P(All, IndexReads, ::testing::Values(&MakeMemBox, &MakeSqliteBox),
                         [](const auto& item) { return item.index == 0 ? "Mem" : "Sqlite"; });

TEST_P(IndexReads, ARowThatWasNotThere) {
  EXPECT_FALSE(Get());
  CommitRow(RowOf("d/a", FileOf(1)));
  ASSERT_TRUE(Get());
  EXPECT_EQ(Get()->version.hash, HashOf(1));
}

TEST_P(IndexReads, ARowThatWasReplaced) {
  CommitRow(RowOf("d/a", FileOf(1)));
  ASSERT_TRUE(Get());
  const Sequence before = Get()->sequence;
  CommitRow(RowOf("d/a", FileOf(2)));
  EXPECT_EQ(Get()->version.hash, HashOf(2));
  EXPECT_GT(Get()->sequence, before);
}

TEST_P(IndexReads, ARowOfWhichOnlyTheStampChanged) {
  CommitRow(RowOf("d/a", FileOf(1)));
  IndexRow row = *Get();
  row.stamp.inode = 77;
  IndexBatch batch;
  batch.local_only_rows = {row};
  Commit(batch);
  EXPECT_EQ(Get()->stamp.inode, 77u);
}

TEST_P(IndexReads, ARowThatWasErased) {
  CommitRow(RowOf("d/a", FileOf(1)));
  ASSERT_TRUE(Get());
  IndexBatch batch;
  batch.erased_rows = {path_};
  Commit(batch);
  EXPECT_FALSE(Get());
}

// More than are remembered, and in their order.
TEST_P(IndexReads, ManyRowsBetweenTwoReads) {
  CommitRow(RowOf("d/a", FileOf(1)));
  ASSERT_TRUE(Get());
  for (int i = 0; i < 5'000; ++i) {
    EXPECT_FALSE(index().Get(RelPath::Trusted("other/" + std::to_string(i))));
  }
  CommitRow(RowOf("d/a", FileOf(2)));
  for (int i = 0; i < 5'000; ++i) {
    EXPECT_FALSE(index().Get(RelPath::Trusted("other/" + std::to_string(i))));
  }
  EXPECT_EQ(Get()->version.hash, HashOf(2));
}

TEST_P(IndexReads, ANeedThatWasNotThere) {
  Want(9, 1);  // of somebody, so that the table is asked
  WantNoMore(9);
  EXPECT_THAT(NeededSizes(), IsEmpty());
  Want(1, 10);
  EXPECT_THAT(NeededSizes(), ElementsAre(10));
}

TEST_P(IndexReads, ANeedOfASecondPeerAndANewerOne) {
  Want(1, 10);
  EXPECT_THAT(NeededSizes(), ElementsAre(10));
  Want(2, 20);
  EXPECT_THAT(NeededSizes(), ElementsAre(10, 20));
  Want(1, 30);
  EXPECT_THAT(NeededSizes(), ::testing::UnorderedElementsAre(30, 20));
}

TEST_P(IndexReads, ANeedThatWasErased) {
  Want(1, 10);
  Want(2, 20);
  EXPECT_THAT(NeededSizes(), ElementsAre(10, 20));
  WantNoMore(1);
  EXPECT_THAT(NeededSizes(), ElementsAre(20));
  EXPECT_EQ(index().need_totals().bytes, 20u);
  WantNoMore(2);
  EXPECT_THAT(NeededSizes(), IsEmpty());
  EXPECT_EQ(index().need_totals().paths, 0u);
}

// Listed in their order first, which remembers them, too.
TEST_P(IndexReads, ANeedThatWasListed) {
  Want(1, 10);
  EXPECT_EQ(index().Needs(0, 10).size(), 1u);
  Want(1, 40);
  EXPECT_THAT(NeededSizes(), ElementsAre(40));
  EXPECT_EQ(index().Needs(0, 10).size(), 1u);
  Want(2, 50);
  EXPECT_THAT(NeededSizes(), ElementsAre(40, 50));
}

}  // namespace
}  // namespace atozsync
