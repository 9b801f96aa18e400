#include "sync/index/mem_index.h"

#include <gtest/gtest.h>

#include "tests/contract/index_contract.h"

namespace atozsync {
namespace {

TEST(MemIndex, ACloneIsWhatWasDurableThen) {
  MemIndex index(kTestIndexId);
  ASSERT_TRUE(CommitRows(index, {RowOf("a", FileOf(1))}).ok());
  std::unique_ptr<MemIndex> older = index.Clone();
  ASSERT_TRUE(CommitRows(index, {RowOf("b", FileOf(2))}).ok());
  EXPECT_EQ(older->last_sequence(), 1u);
  EXPECT_FALSE(older->Get(RelPath::Trusted("b")).has_value());
  // Rolled back: the same number is given to another change, under the same id.
  ASSERT_TRUE(CommitRows(*older, {RowOf("c", FileOf(3))}).ok());
  EXPECT_EQ(older->last_sequence(), index.last_sequence());
  EXPECT_EQ(older->index_id(), index.index_id());
  EXPECT_FALSE(index.Get(RelPath::Trusted("c")).has_value());
}

TEST(MemIndex, ACommitThatFailsChangesNothingAndTheErrorSticks) {
  MemIndex index(kTestIndexId);
  ASSERT_TRUE(CommitRows(index, {RowOf("a", FileOf(1))}).ok());
  index.FailNextCommit(Status(Errc::kNoSpace, "full"));
  EXPECT_TRUE(CommitRows(index, {RowOf("b", FileOf(2))}).Is(Errc::kNoSpace));
  EXPECT_TRUE(CommitRows(index, {RowOf("b", FileOf(2))}).Is(Errc::kNoSpace));
  EXPECT_FALSE(index.Get(RelPath::Trusted("b")).has_value());
  EXPECT_EQ(index.last_sequence(), 1u);
  std::unique_ptr<MemIndex> restarted = index.Clone();
  EXPECT_TRUE(CommitRows(*restarted, {RowOf("b", FileOf(2))}).ok());
}

TEST(MemIndex, ACommitCanFailBeforeAndAfterItTookEffect) {
  for (auto stage : {MemIndex::CommitStage::kBefore, MemIndex::CommitStage::kAfter}) {
    bool after = stage == MemIndex::CommitStage::kAfter;
    MemIndex index(kTestIndexId);
    index.SetCommitHook([stage](MemIndex::CommitStage at, const IndexBatch&) {
      return at == stage ? Status(Errc::kIo, "gone") : Status::Ok();
    });
    EXPECT_TRUE(CommitRows(index, {RowOf("a", FileOf(1))}).Is(Errc::kIo));
    EXPECT_EQ(index.Get(RelPath::Trusted("a")).has_value(), after);
    index.SetCommitHook(nullptr);
    EXPECT_TRUE(CommitRows(index, {RowOf("b", FileOf(2))}).Is(Errc::kIo)) << "it sticks";
    EXPECT_EQ(index.Clone()->Get(RelPath::Trusted("a")).has_value(), after);
  }
}

}  // namespace
}  // namespace atozsync
