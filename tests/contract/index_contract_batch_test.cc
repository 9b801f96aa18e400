// What one batch promises: its parts take effect in the order in which IndexBatch lists them, all
// of them or none; and the edges of lists. For every Index.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/contract/index_contract.h"

namespace atozsync {
namespace {

using ::testing::IsEmpty;

using MakeBox = std::unique_ptr<IndexBox> (*)();

class IndexBatches : public ::testing::TestWithParam<MakeBox> {
 protected:
  Index& index() { return box_->index(); }
  void Commit(IndexBatch batch) { ASSERT_TRUE(index().Commit(batch).ok()); }
  static RelPath Path(std::string_view text) { return RelPath::Trusted(text); }

  std::unique_ptr<IndexBox> box_ = GetParam()();
};

INSTANTIATE_TEST_SUITE_P(All, IndexBatches, ::testing::Values(&MakeMemBox, &MakeSqliteBox),
                         [](const auto& item) { return item.index == 0 ? "Mem" : "Sqlite"; });

KeptVersion KeptNamed(const std::string& id) {
  return {id,        RelPath::Trusted("a"), RelPath::Trusted(".atozsync/kept/1"),
          FileOf(1), {1, 2, 3, 4},          5,
          "replaced"};
}

// Something in every part.
IndexBatch Everything() {
  IndexBatch batch;
  batch.rows = {RowOf("d/a", FileOf(1)), RowOf("d/t", TombstoneOf()), RowOf("u", FileOf(2))};
  batch.rows[2].unversioned = true;
  ConflictRecord record;
  record.id = HashOf(1);
  record.path = RelPath::Trusted("d/a");
  batch.conflicts = {record};
  batch.needs = {{RelPath::Trusted("d/n"), PeerOf(1), FileOf(3), 0}};
  batch.kept = {KeptNamed("k")};
  batch.intents = {Intent{}};
  batch.peers = {{PeerOf(1), {1, 2, 3, 4}}};
  batch.meta = {{"key", "value"}};
  batch.chunk_lists = {{HashOf(1), {{HashOf(100), 10}}}};
  batch.gate_notes = {{RelPath::Trusted("d/n"), false, 5}};
  return batch;
}

TEST_P(IndexBatches, ARefusedBatchLeavesNothingOfAnyPart) {
  IndexBatch batch = Everything();
  batch.kept.push_back(KeptNamed(""));
  Status refused = index().Commit(batch);
  EXPECT_TRUE(refused.Is(Errc::kInvalid)) << refused.ToString();
  box_->Reopen();
  EXPECT_EQ(index().last_sequence(), 0u);
  EXPECT_EQ(index().totals(), IndexTotals());
  EXPECT_THAT(index().RowsAfter(0, 9), IsEmpty());
  EXPECT_THAT(index().Conflicts(), IsEmpty());
  EXPECT_THAT(index().Needs(0, 9), IsEmpty());
  EXPECT_THAT(index().KeptOf(Path("a")), IsEmpty());
  EXPECT_THAT(index().Intents(), IsEmpty());
  EXPECT_EQ(index().Peer(PeerOf(1)), PeerPosition());
  EXPECT_FALSE(index().Meta("key").has_value());
  EXPECT_THAT(index().ChunkList(HashOf(1)), IsEmpty());
}

TEST_P(IndexBatches, AnErasureComesAfterWhatTheSameBatchPuts) {
  IndexBatch batch = Everything();
  batch.erased_rows = {Path("d/a"), Path("d/t")};
  batch.erased_needs = {{Path("d/n"), PeerOf(1)}};
  batch.erased_kept = {"k"};
  batch.erased_intents = {1};
  ASSERT_TRUE(index().Commit(batch).ok());
  EXPECT_EQ(batch.rows[1].sequence, 2u) << "a number is given all the same";
  EXPECT_FALSE(index().Get(Path("d/a")).has_value());
  EXPECT_THAT(index().Tombstones(RelPath(), 9), IsEmpty());
  EXPECT_THAT(index().Needs(0, 9), IsEmpty());
  EXPECT_EQ(index().need_totals().paths, 0u);
  EXPECT_THAT(index().KeptOf(Path("a")), IsEmpty());
  EXPECT_THAT(index().Intents(), IsEmpty());
  EXPECT_EQ(index().totals(), (IndexTotals{1, 0, 10, 0}));
}

TEST_P(IndexBatches, ALocalOnlyRowSeesTheRowOfTheSameBatch) {
  IndexBatch batch;
  batch.rows = {RowOf("a", FileOf(1))};
  batch.local_only_rows = {RowOf("a", FileOf(2))};
  batch.local_only_rows[0].stamp = {9, 8, 7, 6};
  Commit(batch);
  EXPECT_EQ(index().Get(Path("a"))->stamp, (FileStamp{9, 8, 7, 6}));
  EXPECT_EQ(index().Get(Path("a"))->version, FileOf(1));
}

TEST_P(IndexBatches, WhatIsLocalOnlyIsNotInTheDigest) {
  Commit(Everything());
  TreeDigest before = index().Digest(RelPath());
  IndexBatch batch;
  batch.local_only_rows = {FullRow("d/a"), FullRow("u")};
  Commit(batch);
  EXPECT_EQ(index().Digest(RelPath()), before);
  EXPECT_EQ(index().Unversioned(RelPath(), 9).size(), 2u);
}

TEST_P(IndexBatches, AnIntentThatHasAnIdKeepsIt) {
  IndexBatch batch;
  batch.intents = {Intent{}};
  ASSERT_TRUE(index().Commit(batch).ok());
  batch.intents[0].path = Path("changed");
  ASSERT_TRUE(index().Commit(batch).ok());
  EXPECT_EQ(batch.intents[0].id, 1u);
  EXPECT_EQ(index().Intents(), batch.intents);
  IndexBatch other;
  other.intents = {Intent{}, Intent{}};
  other.intents[0].id = 7;
  ASSERT_TRUE(index().Commit(other).ok());
  EXPECT_EQ(other.intents[1].id, 8u) << "ids that were in use are not given out";
}

TEST_P(IndexBatches, MetaAndChunkListsAreReplacedOrTakenBack) {
  Commit(Everything());
  IndexBatch batch;
  batch.meta = {{"key", "other"}};
  batch.chunk_lists = {{HashOf(1), {}}};
  Commit(batch);
  box_->Reopen();
  EXPECT_EQ(index().Meta("key"), "other");
  EXPECT_THAT(index().ChunkList(HashOf(1)), IsEmpty());
  EXPECT_FALSE(index().FindChunk(HashOf(100)).has_value());
}

TEST_P(IndexBatches, ALimitOfNothingGivesNothing) {
  Commit(Everything());
  EXPECT_THAT(index().RowsAfter(0, 0), IsEmpty());
  EXPECT_THAT(index().ConflictsAfter(0, 0), IsEmpty());
  EXPECT_THAT(index().Tombstones(RelPath(), 0), IsEmpty());
  EXPECT_THAT(index().Unversioned(RelPath(), 0), IsEmpty());
  EXPECT_THAT(index().FindContent(HashOf(1), 0), IsEmpty());
  EXPECT_THAT(index().FindKeptContent(HashOf(1), 0), IsEmpty());
  EXPECT_THAT(index().Needs(0, 0), IsEmpty());
  EXPECT_THAT(index().KeptBefore(99, 0), IsEmpty());
  EXPECT_THAT(index().NeedsBelow(RelPath(), 0), IsEmpty());
}

TEST_P(IndexBatches, TheRootHasNoRow) {
  Commit(Everything());
  EXPECT_FALSE(index().Get(RelPath()).has_value());
  EXPECT_THAT(index().CaseTwins(RelPath()), IsEmpty());
  IndexBatch batch;
  batch.erased_rows = {RelPath()};
  batch.local_only_rows = {RowOf("", DirOf())};
  Commit(batch);
  EXPECT_EQ(index().totals(), (IndexTotals{2, 0, 20, 1}));
}

TEST_P(IndexBatches, ASettledConflictMayOpenAgain) {
  IndexBatch batch = Everything();
  Commit(batch);
  batch = {};
  batch.conflicts = Everything().conflicts;
  batch.conflicts[0].state = ConflictState::kKeptBoth;
  Commit(batch);
  EXPECT_EQ(index().open_conflicts(), 0u);
  batch.conflicts[0].state = ConflictState::kOpen;
  Commit(batch);
  Commit(batch);
  EXPECT_EQ(index().open_conflicts(), 1u);
}

TEST(IndexBatchTest, IsEmptyOnlyWithoutAnyPart) {
  EXPECT_TRUE(IndexBatch().empty());
  const IndexBatch all = Everything();
  std::vector<IndexBatch> batches(14);
  batches[0].rows = all.rows;
  batches[1].local_only_rows = all.rows;
  batches[2].erased_rows = {RelPath::Trusted("a")};
  batches[3].conflicts = all.conflicts;
  batches[4].needs = all.needs;
  batches[5].erased_needs = {{RelPath::Trusted("a"), PeerOf(1)}};
  batches[6].kept = all.kept;
  batches[7].erased_kept = {"k"};
  batches[8].intents = all.intents;
  batches[9].erased_intents = {1};
  batches[10].peers = all.peers;
  batches[11].meta = all.meta;
  batches[12].chunk_lists = all.chunk_lists;
  batches[13].gate_notes = all.gate_notes;
  for (size_t i = 0; i < batches.size(); ++i) EXPECT_FALSE(batches[i].empty()) << i;
}

}  // namespace
}  // namespace atozsync
