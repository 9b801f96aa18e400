// Needs, conflicts, kept versions, intents, peers, chunks: what every Index promises.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/contract/index_contract.h"

namespace atozsync {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using MakeBox = std::unique_ptr<IndexBox> (*)();

class IndexLists : public ::testing::TestWithParam<MakeBox> {
 protected:
  Index& index() { return box_->index(); }
  void Commit(IndexBatch batch) { ASSERT_TRUE(index().Commit(batch).ok()); }
  static RelPath Path(std::string_view text) { return RelPath::Trusted(text); }

  std::unique_ptr<IndexBox> box_ = GetParam()();
};

INSTANTIATE_TEST_SUITE_P(All, IndexLists, ::testing::Values(&MakeMemBox, &MakeSqliteBox),
                         [](const auto& item) { return item.index == 0 ? "Mem" : "Sqlite"; });

Need NeedOf(std::string_view path, uint8_t peer, uint64_t size) {
  return {RelPath::Trusted(path), PeerOf(peer), FileOf(1, size), 0};
}

TEST_P(IndexLists, NeedsComeInOrderOfArrivalAndNewOnesReplaceOld) {
  IndexBatch batch;
  batch.needs = {NeedOf("b", 1, 10), NeedOf("a", 2, 20), NeedOf("b", 2, 30)};
  ASSERT_TRUE(index().Commit(batch).ok());
  EXPECT_EQ(batch.needs[2].arrival, 3u);
  EXPECT_EQ(index().Needs(0, 10), batch.needs);
  EXPECT_THAT(index().Needs(1, 1), ElementsAre(batch.needs[1]));
  EXPECT_THAT(index().NeedsOf(Path("b")), ElementsAre(batch.needs[0], batch.needs[2]));

  IndexBatch again;
  again.needs = {NeedOf("b", 1, 40)};
  ASSERT_TRUE(index().Commit(again).ok());
  EXPECT_EQ(again.needs[0].arrival, 4u);  // whoever reads on from 3 must see it
  box_->Reopen();
  EXPECT_THAT(index().Needs(0, 10), ElementsAre(batch.needs[1], batch.needs[2], again.needs[0]));
  EXPECT_THAT(index().Needs(~uint64_t{0}, 10), IsEmpty());
}

TEST_P(IndexLists, NeedTotalsCountAPathOnceWithItsLargestVersion) {
  IndexBatch batch;
  batch.needs = {NeedOf("b", 1, 10), NeedOf("b", 2, 30), NeedOf("a", 1, 5)};
  Commit(batch);
  EXPECT_EQ(index().need_totals().paths, 2u);
  EXPECT_EQ(index().need_totals().bytes, 35u);
  EXPECT_EQ(index().NeedTotalsOf(batch.needs[0].peer).paths, 2u);
  EXPECT_EQ(index().NeedTotalsOf(batch.needs[0].peer).bytes, 15u);
  EXPECT_EQ(index().NeedTotalsOf(batch.needs[1].peer).bytes, 30u);
  EXPECT_EQ(index().NeedTotalsOf(ReplicaId()).paths, 0u);
  IndexBatch erase;
  erase.needs = {NeedOf("b", 1, 12)};
  erase.erased_needs = {{Path("b"), PeerOf(2)}, {Path("b"), PeerOf(9)}, {Path("a"), PeerOf(1)}};
  Commit(erase);
  for (int round = 0; round < 2; ++round) {  // as counted on, and as read anew
    EXPECT_EQ(index().need_totals().paths, 1u);
    EXPECT_EQ(index().need_totals().bytes, 12u);
    EXPECT_EQ(index().NeedTotalsOf(PeerOf(1)).paths, 1u);
    EXPECT_EQ(index().NeedTotalsOf(PeerOf(1)).bytes, 12u);
    EXPECT_EQ(index().NeedTotalsOf(PeerOf(2)).paths, 0u);
    box_->Reopen();
  }
}

TEST_P(IndexLists, NeedsBelowADirectoryAreNotThoseBesideIt) {
  EXPECT_FALSE(index().HasNeedsBelow(RelPath()));
  IndexBatch batch;
  batch.needs = {NeedOf("d", 1, 1), NeedOf("d-x/a", 1, 1), NeedOf("e/f/g", 1, 1)};
  Commit(batch);
  EXPECT_TRUE(index().HasNeedsBelow(RelPath()));
  EXPECT_FALSE(index().HasNeedsBelow(Path("d")));
  EXPECT_TRUE(index().HasNeedsBelow(Path("e")));
  EXPECT_TRUE(index().HasNeedsBelow(Path("e/f")));
  EXPECT_FALSE(index().HasNeedsBelow(Path("e/f/g")));
}

ConflictRecord ConflictOf(uint64_t id, ConflictState state) {
  ConflictRecord record;
  record.id = HashOf(id);
  record.path = RelPath::Trusted("d/x");
  record.other_path = RelPath::Trusted("d/X");
  record.kind = ConflictKind::kCase;
  record.winner = FullRow("d/x").version;
  record.loser = FileOf(2);
  record.detected_ms = -3;
  record.state = state;
  record.state_hlc = ~uint64_t{0};
  record.rule = "C7";
  return record;
}

TEST_P(IndexLists, ConflictsAreByIdAndInTheStream) {
  IndexBatch batch;
  batch.conflicts = {ConflictOf(2, ConflictState::kOpen), ConflictOf(1, ConflictState::kOpen),
                     ConflictOf(3, ConflictState::kKeptBoth)};
  Commit(batch);
  EXPECT_EQ(index().open_conflicts(), 2u);
  EXPECT_EQ(index().Conflict(HashOf(1)), batch.conflicts[1]);
  EXPECT_FALSE(index().Conflict(HashOf(4)).has_value());

  IndexBatch settle;
  settle.conflicts = {ConflictOf(2, ConflictState::kKeptWinner)};
  Commit(settle);
  box_->Reopen();
  EXPECT_EQ(index().open_conflicts(), 1u);
  // HashOf() turns the order of the numbers round.
  EXPECT_THAT(index().Conflicts(),
              ElementsAre(batch.conflicts[2], settle.conflicts[0], batch.conflicts[1]));
  std::vector<ConflictRow> rows = index().ConflictsAfter(2, 10);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0], (ConflictRow{batch.conflicts[2], 3}));
  EXPECT_EQ(rows[1], (ConflictRow{settle.conflicts[0], 4}));
  EXPECT_EQ(index().ConflictsAfter(0, 1).size(), 1u);
}

KeptVersion KeptOf(const std::string& id, std::string_view path, uint64_t content, int64_t ms) {
  return {id,
          RelPath::Trusted(path),
          RelPath::Trusted(".atozsync/kept/" + id),
          FileOf(content),
          {1, 2, 3, 4},
          ms,
          "replaced"};
}

TEST_P(IndexLists, KeptVersionsAreFoundByPathAgeAndContent) {
  KeptVersion a = KeptOf("a", "d/x", 1, 100);
  KeptVersion b = KeptOf("b", "d/x", 2, 300);
  KeptVersion c = KeptOf("c", "c/x", 1, 200);
  KeptVersion d = KeptOf("d", "d/x", 3, 300);
  IndexBatch batch;
  batch.kept = {a, b, c, d};
  Commit(batch);
  box_->Reopen();
  EXPECT_THAT(index().KeptOf(Path("d/x")), ElementsAre(d, b, a));
  EXPECT_THAT(index().KeptBefore(300, 10), ElementsAre(a, c));
  EXPECT_THAT(index().KeptBefore(301, 3), ElementsAre(a, c, b));
  EXPECT_THAT(index().NewestKept(2), ElementsAre(d, b));
  EXPECT_THAT(index().NewestKept(10), ElementsAre(d, b, c, a));
  EXPECT_THAT(index().FindKeptContent(HashOf(1), 10), ElementsAre(c, a));
  EXPECT_THAT(index().FindKeptContent(HashOf(1), 1), ElementsAre(c));

  IndexBatch change;
  b.kept_ms = 50;
  b.version = TombstoneOf();
  change.kept = {b};
  change.erased_kept = {"a", "never"};
  Commit(change);
  EXPECT_THAT(index().KeptOf(Path("d/x")), ElementsAre(d, b));
  EXPECT_THAT(index().FindKeptContent(HashOf(2), 10), IsEmpty());
  EXPECT_THAT(index().FindKeptContent(HashOf(1), 10), ElementsAre(c));
}

TEST_P(IndexLists, IntentsGetIdsThatAreNeverUsedAgain) {
  Intent intent;
  intent.path = Path("d/x");
  intent.staged = Path(".atozsync/staging/1");
  intent.staged_stamp = {1, 2, 3, 4};
  intent.old_stamp = {5, -6, 7, ~uint64_t{0}};
  intent.kept_at = Path(".atozsync/kept/1");
  intent.row = FullRow("d/x");
  IndexBatch batch;
  batch.intents = {intent, Intent{}};
  ASSERT_TRUE(index().Commit(batch).ok());
  EXPECT_EQ(batch.intents[0].id, 1u);
  EXPECT_EQ(batch.intents[1].id, 2u);
  box_->Reopen();
  EXPECT_EQ(index().Intents(), batch.intents);

  IndexBatch erase;
  erase.erased_intents = {1, 2, 77};
  Commit(erase);
  box_->Reopen();
  EXPECT_THAT(index().Intents(), IsEmpty());
  IndexBatch more;
  more.intents = {intent};
  ASSERT_TRUE(index().Commit(more).ok());
  EXPECT_EQ(more.intents[0].id, 3u);
}

TEST_P(IndexLists, NeedsBelowADirectoryComeInOrderOfPaths) {
  IndexBatch batch;
  batch.needs = {{Path("e/f/g"), PeerOf(2), FileOf(3), 0},
                 {Path("e/f/g"), PeerOf(1), FileOf(3), 0},
                 {Path("e-x"), PeerOf(1), FileOf(3), 0},
                 {Path("e/a"), PeerOf(1), FileOf(4), 0}};
  Commit(batch);
  std::vector<Need> below = index().NeedsBelow(Path("e"), 9);
  ASSERT_EQ(below.size(), 3u);
  EXPECT_EQ(below[0].path, Path("e/a"));
  EXPECT_EQ(below[1].peer, PeerOf(1));
  EXPECT_EQ(below[2].peer, PeerOf(2));
  EXPECT_EQ(index().NeedsBelow(RelPath(), 9).size(), 4u);
  EXPECT_EQ(index().NeedsBelow(Path("e"), 1).size(), 1u);
  EXPECT_TRUE(index().NeedsBelow(Path("e/f/g"), 9).empty());
}

TEST_P(IndexLists, GateNotesAreKeptUntilTheySayNothing) {
  EXPECT_EQ(index().Gate(Path("S/S1/x")), (GateNote{Path("S/S1/x"), false, 0}));
  IndexBatch batch;
  batch.gate_notes = {{Path("S/S1/x"), true, 0}, {Path("S/S1/y"), false, 7}, {Path("T"), false, 0}};
  Commit(batch);
  box_->Reopen();
  EXPECT_EQ(index().Gate(Path("S/S1/x")), (GateNote{Path("S/S1/x"), true, 0}));
  EXPECT_EQ(index().Gate(Path("T")), (GateNote{Path("T"), false, 0}));
  EXPECT_EQ(index().Gate(Path("S/S1/y")), (GateNote{Path("S/S1/y"), false, 7}));
  IndexBatch over;
  over.gate_notes = {{Path("S/S1/x"), false, 0}, {Path("S/S1/y"), true, 0}};
  Commit(over);
  EXPECT_EQ(index().Gate(Path("S/S1/x")), (GateNote{Path("S/S1/x"), false, 0}));
  EXPECT_EQ(index().Gate(Path("S/S1/y")), (GateNote{Path("S/S1/y"), true, 0}));
}

TEST_P(IndexLists, PeersAndMetaAreKept) {
  EXPECT_EQ(index().Peer(PeerOf(1)), PeerPosition());
  EXPECT_FALSE(index().Meta("incarnation").has_value());
  PeerPosition position{~uint64_t{0}, 5, 6, -7};
  IndexBatch batch;
  batch.peers = {{PeerOf(1), PeerPosition{1, 1, 1, 1}}, {PeerOf(2), position}};
  batch.meta = {{"incarnation", "3"}, {"empty", ""}, {"odd", std::string("\0\xFF", 2)}};
  Commit(batch);
  IndexBatch again;
  again.peers = {{PeerOf(1), position}};
  Commit(again);
  box_->Reopen();
  EXPECT_EQ(index().Peer(PeerOf(1)), position);
  EXPECT_EQ(index().Peer(PeerOf(2)), position);
  EXPECT_EQ(index().Meta("incarnation"), "3");
  EXPECT_EQ(index().Meta("empty"), "");
  EXPECT_EQ(index().Meta("odd"), std::string("\0\xFF", 2));
}

IndexBatch WithChunks() {
  IndexBatch batch;
  batch.rows = {RowOf("a/file", FileOf(1, 60))};
  batch.chunk_lists = {{HashOf(1), {{HashOf(101), 10}, {HashOf(102), 20}, {HashOf(101), 30}}}};
  return batch;
}

TEST_P(IndexLists, ChunksAreFoundInLiveFilesAndInKeptOnes) {
  IndexBatch batch = WithChunks();
  Commit(batch);
  box_->Reopen();
  EXPECT_EQ(index().ChunkList(HashOf(1)), batch.chunk_lists[0].second);
  std::optional<ChunkPlace> place = index().FindChunk(HashOf(102));
  ASSERT_TRUE(place.has_value());
  EXPECT_EQ(place->path, Path("a/file"));
  EXPECT_EQ(place->offset, 10u);
  EXPECT_EQ(place->size, 20u);
  EXPECT_FALSE(index().FindChunk(HashOf(103)).has_value());

  IndexBatch replaced;
  replaced.rows = {RowOf("a/file", FileOf(2))};
  replaced.kept = {KeptOf("k", "a/file", 1, 5)};
  Commit(replaced);
  place = index().FindChunk(HashOf(102));
  ASSERT_TRUE(place.has_value());
  EXPECT_EQ(place->path, Path(".atozsync/kept/k"));
}

TEST_P(IndexLists, AChunkListGoesWithTheLastCopyOfItsContent) {
  IndexBatch batch = WithChunks();
  batch.rows.push_back(RowOf("copy", FileOf(1, 60)));
  Commit(batch);
  IndexBatch one;
  one.rows = {RowOf("copy", TombstoneOf())};
  Commit(one);
  EXPECT_EQ(index().ChunkList(HashOf(1)).size(), 3u);
  EXPECT_EQ(index().FindChunk(HashOf(101))->path, Path("a/file"));
  IndexBatch other;
  other.rows = {RowOf("a/file", FileOf(2))};
  Commit(other);
  EXPECT_THAT(index().ChunkList(HashOf(1)), IsEmpty());
  EXPECT_FALSE(index().FindChunk(HashOf(101)).has_value());
  // And it may come back.
  Commit(WithChunks());
  EXPECT_EQ(index().ChunkList(HashOf(1)).size(), 3u);
  EXPECT_TRUE(index().FindChunk(HashOf(101)).has_value());
}

TEST_P(IndexLists, AChunkListIsReplacedAsAWhole) {
  Commit(WithChunks());
  IndexBatch batch;
  batch.chunk_lists = {{HashOf(1), {{HashOf(201), 60}}}};
  Commit(batch);
  EXPECT_THAT(index().ChunkList(HashOf(1)), ElementsAre(ChunkRef{HashOf(201), 60}));
  EXPECT_FALSE(index().FindChunk(HashOf(102)).has_value());
  EXPECT_EQ(index().FindChunk(HashOf(201))->offset, 0u);
}

TEST_P(IndexLists, AnEmptyBatchChangesNothing) {
  IndexBatch batch;
  EXPECT_TRUE(batch.empty());
  EXPECT_TRUE(index().Commit(batch).ok());
  batch.erased_intents = {1};
  EXPECT_FALSE(batch.empty());
  EXPECT_EQ(index().last_sequence(), 0u);
}

}  // namespace
}  // namespace atozsync
