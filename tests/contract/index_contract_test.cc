// Rows: what every Index promises. Lists, needs, conflicts and the rest are in
// index_contract_lists_test.cc.
#include "tests/contract/index_contract.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <tuple>

namespace atozsync {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::IsEmpty;

using MakeBox = std::unique_ptr<IndexBox> (*)();

class IndexContract : public ::testing::TestWithParam<MakeBox> {
 protected:
  Index& index() { return box_->index(); }
  void Commit(std::vector<IndexRow> rows) {
    ASSERT_TRUE(CommitRows(index(), std::move(rows)).ok());
  }
  static RelPath Path(std::string_view text) { return RelPath::Trusted(text); }

  std::unique_ptr<IndexBox> box_ = GetParam()();
};

INSTANTIATE_TEST_SUITE_P(All, IndexContract, ::testing::Values(&MakeMemBox, &MakeSqliteBox),
                         [](const auto& item) { return item.index == 0 ? "Mem" : "Sqlite"; });

TEST_P(IndexContract, IsEmptyAtFirstAndKnowsItsId) {
  EXPECT_EQ(index().index_id(), kTestIndexId);
  EXPECT_EQ(index().last_sequence(), 0u);
  EXPECT_EQ(index().totals(), IndexTotals());
  EXPECT_EQ(index().Digest(RelPath()), TreeDigest());
  EXPECT_FALSE(index().Get(Path("a")).has_value());
  EXPECT_THAT(index().Children(RelPath()), IsEmpty());
  box_->Reopen();
  EXPECT_EQ(index().index_id(), kTestIndexId);
}

TEST_P(IndexContract, EveryFieldOfARowComesBackAlsoAfterAReopen) {
  IndexBatch batch;
  batch.rows = {FullRow("A/full.jpg")};
  ASSERT_TRUE(index().Commit(batch).ok());
  EXPECT_EQ(batch.rows[0].sequence, 1u);
  EXPECT_EQ(index().Get(Path("A/full.jpg")), batch.rows[0]);
  box_->Reopen();
  EXPECT_EQ(index().Get(Path("A/full.jpg")), batch.rows[0]);
}

TEST_P(IndexContract, AcknowledgementsOfADeletionComeBack) {
  IndexRow row = RowOf("gone", TombstoneOf());
  row.version.known_by = {1, 2, 0xFFFFFFFF};
  row.version.complete_by = {2};
  Commit({row});
  box_->Reopen();
  EXPECT_EQ(index().Get(Path("gone"))->version, row.version);
}

TEST_P(IndexContract, SequencesGoToRowsThenToConflictsAndNeverBack) {
  IndexBatch batch;
  batch.rows = {RowOf("b", FileOf(1)), RowOf("a", FileOf(2))};
  ConflictRecord record;
  record.id = HashOf(9);
  record.path = Path("a");
  batch.conflicts = {record};
  ASSERT_TRUE(index().Commit(batch).ok());
  EXPECT_EQ(batch.rows[0].sequence, 1u);
  EXPECT_EQ(batch.rows[1].sequence, 2u);
  EXPECT_EQ(index().ConflictsAfter(0, 9)[0].sequence, 3u);

  IndexBatch erase;
  erase.erased_rows = {Path("a"), Path("b")};
  ASSERT_TRUE(index().Commit(erase).ok());
  box_->Reopen();
  EXPECT_EQ(index().last_sequence(), 3u);
  Commit({RowOf("c", FileOf(3))});
  EXPECT_EQ(index().Get(Path("c"))->sequence, 4u);
}

TEST_P(IndexContract, ARowThatIsReplacedMovesToTheEndOfTheStream) {
  Commit({RowOf("a", FileOf(1)), RowOf("b", FileOf(2)), RowOf("c", FileOf(3))});
  Commit({RowOf("a", FileOf(4))});
  EXPECT_THAT(PathsOf(index().RowsAfter(0, 10)), ElementsAre("b", "c", "a"));
  EXPECT_THAT(PathsOf(index().RowsAfter(2, 1)), ElementsAre("c"));
  EXPECT_THAT(PathsOf(index().RowsAfter(3, 10)), ElementsAre("a"));
  EXPECT_THAT(index().RowsAfter(4, 10), IsEmpty());
  EXPECT_THAT(index().RowsAfter(~uint64_t{0}, 10), IsEmpty());
}

TEST_P(IndexContract, TheSamePathTwiceInABatchIsTheLater) {
  Commit({RowOf("a", FileOf(1, 10)), RowOf("a", FileOf(2, 20))});
  EXPECT_EQ(index().Get(Path("a"))->version.hash, HashOf(2));
  EXPECT_EQ(index().Get(Path("a"))->sequence, 2u);
  EXPECT_EQ(index().totals().bytes, 20u);
  EXPECT_EQ(index().RowsAfter(0, 10).size(), 1u);
}

TEST_P(IndexContract, LocalOnlyRowsKeepVersionAndSequence) {
  IndexRow row = FullRow("A/x");
  Commit({row});
  row.stamp = {1, 2, 3, 4};
  row.reason = "looked again";
  row.unversioned = false;
  row.version = FileOf(99);
  IndexBatch batch;
  batch.local_only_rows = {row, RowOf("not/there", FileOf(1))};
  ASSERT_TRUE(index().Commit(batch).ok());
  IndexRow after = *index().Get(Path("A/x"));
  EXPECT_EQ(after.stamp, row.stamp);
  EXPECT_EQ(after.reason, "looked again");
  EXPECT_FALSE(after.unversioned);
  EXPECT_EQ(after.version, FullRow("A/x").version);
  EXPECT_EQ(after.sequence, 1u);
  EXPECT_EQ(index().last_sequence(), 1u);
  EXPECT_THAT(index().Unversioned(RelPath(), 10), IsEmpty());
  EXPECT_FALSE(index().Get(Path("not/there")).has_value());
}

TEST_P(IndexContract, ChildrenAreTheDirectOnesInOrderOfBytes) {
  Commit({RowOf("d", DirOf()), RowOf("d/b", FileOf(1)), RowOf("d/a", TombstoneOf()),
          RowOf("d/b-c", FileOf(1)), RowOf("d/b/deep", FileOf(1)), RowOf("d-x", FileOf(1)),
          RowOf("d/\xff", FileOf(1)), RowOf("d/B", FileOf(1))});
  EXPECT_THAT(PathsOf(index().Children(Path("d"))),
              ElementsAre("d/B", "d/a", "d/b", "d/b-c", "d/\xff"));
  EXPECT_THAT(PathsOf(index().Children(RelPath())), ElementsAre("d", "d-x"));
  EXPECT_THAT(index().Children(Path("nowhere")), IsEmpty());
}

TEST_P(IndexContract, KnownInTellsOfTheChildrenWhatAScanCompares) {
  Commit({RowOf("d", DirOf()), RowOf("d/b", DirOf()), RowOf("d/a", TombstoneOf()),
          RowOf("d/b/deep", FileOf(1)), RowOf("d/\xff", FileOf(1)), FullRow("d/B")});
  const auto known_in = [&](const RelPath& dir) {
    std::vector<std::tuple<std::string, VersionKind, FileStamp>> known;
    index().KnownIn(dir, [&](const KnownEntry& entry) {
      known.emplace_back(entry.name, entry.kind, entry.stamp);
    });
    return known;
  };
  std::vector<std::tuple<std::string, VersionKind, FileStamp>> expected;
  for (const IndexRow& row : index().Children(Path("d"))) {
    expected.emplace_back(row.path.name(), row.version.kind, row.stamp);
  }
  ASSERT_EQ(expected.size(), 4u);
  EXPECT_EQ(std::get<FileStamp>(expected[0]), FullRow("d/B").stamp);
  EXPECT_EQ(known_in(Path("d")), expected);
  EXPECT_THAT(known_in(Path("nowhere")), IsEmpty());
}

TEST_P(IndexContract, LiveChildrenAreNotTombstones) {
  Commit({RowOf("d/a", TombstoneOf()), RowOf("e/a", TombstoneOf()), RowOf("e/b", FileOf(1))});
  EXPECT_FALSE(index().HasLiveChildren(Path("d")));
  EXPECT_TRUE(index().HasLiveChildren(Path("e")));
  EXPECT_FALSE(index().HasLiveChildren(RelPath()));
  EXPECT_FALSE(index().HasLiveChildren(Path("nowhere")));
}

TEST_P(IndexContract, CaseTwinsAreLiveSiblingsWithTheSameAsciiLetters) {
  Commit({RowOf("d/Foo.jpg", FileOf(1)), RowOf("d/foo.JPG", FileOf(1)),
          RowOf("d/FOO.jpg", TombstoneOf()), RowOf("d/foo.jpg2", FileOf(1)),
          RowOf("e/foo.jpg", FileOf(1)), RowOf("d/\xC3\x84", FileOf(1)),
          RowOf("d/\xC3\xA4", FileOf(1)), RowOf("d/[", FileOf(1)), RowOf("d/{", FileOf(1))});
  EXPECT_THAT(PathsOf(index().CaseTwins(Path("d/foo.jpg"))), ElementsAre("d/Foo.jpg", "d/foo.JPG"));
  EXPECT_THAT(PathsOf(index().CaseTwins(Path("d/Foo.jpg"))), ElementsAre("d/foo.JPG"));
  EXPECT_THAT(index().CaseTwins(Path("d/\xC3\x84")), IsEmpty());
  EXPECT_THAT(index().CaseTwins(Path("d/[")), IsEmpty());
  EXPECT_THAT(index().CaseTwins(Path("nowhere/x")), IsEmpty());
}

TEST_P(IndexContract, OnlyTheFirstCaseTwinsAreNamed) {
  const std::string letters = "abcde";
  std::vector<IndexRow> rows;
  std::vector<std::string> names;
  for (size_t i = 1; i < 32; ++i) {
    std::string name = letters;
    for (size_t bit = 0; bit < letters.size(); ++bit) {
      if ((i >> bit) & 1) name[bit] = static_cast<char>(name[bit] - 'a' + 'A');
    }
    names.push_back("d/" + name);
    rows.push_back(RowOf(names.back(), FileOf(1)));
  }
  Commit(rows);
  std::sort(names.begin(), names.end());
  names.resize(Index::kCaseTwinsMax);
  EXPECT_THAT(PathsOf(index().CaseTwins(Path("d/abcde"))), ElementsAreArray(names));
}

TEST_P(IndexContract, TombstonesAndUnversionedAreListedByWholePath) {
  auto unversioned = [](std::string_view path) {
    IndexRow row = RowOf(path, FileOf(1));
    row.unversioned = true;
    return row;
  };
  Commit({RowOf("a/x", TombstoneOf()), RowOf("a-b", TombstoneOf()), RowOf("a", TombstoneOf()),
          RowOf("a/y", FileOf(1)), unversioned("b/x"), unversioned("b-x"), unversioned("c")});
  EXPECT_THAT(PathsOf(index().Tombstones(RelPath(), 10)), ElementsAre("a", "a-b", "a/x"));
  EXPECT_THAT(PathsOf(index().Tombstones(Path("a"), 1)), ElementsAre("a-b"));
  EXPECT_THAT(PathsOf(index().Unversioned(RelPath(), 2)), ElementsAre("b-x", "b/x"));
  EXPECT_THAT(PathsOf(index().Unversioned(Path("b/x"), 2)), ElementsAre("c"));
  // Back to life, and known: gone from both lists.
  Commit({RowOf("a", FileOf(1)), RowOf("c", FileOf(1))});
  EXPECT_THAT(PathsOf(index().Tombstones(RelPath(), 10)), ElementsAre("a-b", "a/x"));
  EXPECT_THAT(PathsOf(index().Unversioned(RelPath(), 9)), ElementsAre("b-x", "b/x"));
}

TEST_P(IndexContract, ContentIsFoundInLiveFilesOnly) {
  Commit({RowOf("z", FileOf(1)), RowOf("a/b", FileOf(1)), RowOf("a-b", FileOf(1)),
          RowOf("other", FileOf(2)), RowOf("dir", DirOf())});
  EXPECT_THAT(PathsOf(index().FindContent(HashOf(1), 10)), ElementsAre("a-b", "a/b", "z"));
  EXPECT_THAT(PathsOf(index().FindContent(HashOf(1), 2)), ElementsAre("a-b", "a/b"));
  Commit({RowOf("z", TombstoneOf()), RowOf("a/b", FileOf(3))});
  EXPECT_THAT(PathsOf(index().FindContent(HashOf(1), 10)), ElementsAre("a-b"));
  EXPECT_THAT(index().FindContent(HashOf(77), 10), IsEmpty());
  EXPECT_THAT(index().FindContent(ContentHash{}, 10), IsEmpty());
}

TEST_P(IndexContract, TotalsFollowEveryKindOfChange) {
  Commit({RowOf("d", DirOf()), RowOf("d/a", FileOf(1, 100)), RowOf("d/b", FileOf(2, 50)),
          RowOf("t", TombstoneOf())});
  EXPECT_EQ(index().totals(), (IndexTotals{2, 1, 150, 1}));
  Commit({RowOf("d/a", FileOf(3, 7)), RowOf("d/b", TombstoneOf()), RowOf("t", DirOf())});
  EXPECT_EQ(index().totals(), (IndexTotals{1, 2, 7, 1}));
  IndexBatch batch;
  batch.erased_rows = {Path("d/b"), Path("never/was")};
  ASSERT_TRUE(index().Commit(batch).ok());
  box_->Reopen();
  EXPECT_EQ(index().totals(), (IndexTotals{1, 2, 7, 0}));
}

TEST_P(IndexContract, DigestsDependOnTheTreeAndNotOnItsHistory) {
  Commit({RowOf("d", DirOf()), RowOf("d/e/a", FileOf(1)), RowOf("d/b", FileOf(2)),
          RowOf("x", FileOf(3)), RowOf("gone", TombstoneOf())});
  auto other = GetParam()();
  for (auto& row :
       {RowOf("x", FileOf(9)), RowOf("d/b", DirOf()), RowOf("gone", FileOf(1)),
        RowOf("d/e/a", TombstoneOf()), RowOf("x", FileOf(3)), RowOf("gone", TombstoneOf()),
        RowOf("d/b", FileOf(2)), RowOf("d/e/a", FileOf(1)), RowOf("d", DirOf())}) {
    ASSERT_TRUE(CommitRows(other->index(), {row}).ok());
  }
  for (const char* dir : {"", "d", "d/e", "x", "gone"}) {
    EXPECT_EQ(index().Digest(Path(dir)), other->index().Digest(Path(dir))) << dir;
  }
  EXPECT_EQ(index().Digest(RelPath()).entries, 4u);
  EXPECT_EQ(index().Digest(Path("d")).entries, 2u);
  EXPECT_EQ(index().Digest(Path("d/e")).all, RowDigest(Path("d/e/a"), FileOf(1)));
  EXPECT_EQ(index().Digest(Path("gone")), TreeDigest());
}

TEST_P(IndexContract, ErasedRowsLeaveNothingBehind) {
  Commit({RowOf("a/b/c/t", TombstoneOf()), RowOf("a/b/u", TombstoneOf())});
  IndexBatch batch;
  batch.erased_rows = {Path("a/b/c/t"), Path("a/b/u")};
  ASSERT_TRUE(index().Commit(batch).ok());
  EXPECT_FALSE(index().Get(Path("a/b/u")).has_value());
  EXPECT_THAT(index().Tombstones(RelPath(), 9), IsEmpty());
  EXPECT_THAT(index().RowsAfter(0, 9), IsEmpty());
  Commit({RowOf("a/b/c/t", FileOf(1))});
  EXPECT_THAT(PathsOf(index().Children(Path("a/b/c"))), ElementsAre("a/b/c/t"));
  EXPECT_EQ(index().Digest(Path("a")).entries, 1u);
}

TEST_P(IndexContract, NamesMayBeAnyBytes) {
  std::string longest(RelPath::kNameBytesMax, '\xEE');
  std::vector<std::string> names = {"\n", " ", "%s'\";--", "\x01\x02", "\xC0\x80", longest};
  std::vector<IndexRow> rows;
  for (const std::string& name : names) {
    rows.push_back(RowOf("\xFF/" + name, FileOf(1)));
    rows.push_back(RowOf("\xFF/" + name + "/" + name, TombstoneOf()));
  }
  Commit(rows);
  box_->Reopen();
  for (const IndexRow& row : rows) {
    ASSERT_TRUE(index().Get(row.path).has_value()) << Printable(row.path);
    EXPECT_EQ(index().Get(row.path)->path, row.path);
  }
  EXPECT_EQ(index().Children(Path("\xFF")).size(), names.size());
  EXPECT_EQ(index().Tombstones(RelPath(), 99).size(), names.size());
}

TEST_P(IndexContract, TheDeepestPathIsNoProblem) {
  std::string path = "a";
  while (path.size() + 2 <= RelPath::kPathBytesMax) path += "/a";
  Commit({RowOf(path, FileOf(1))});
  box_->Reopen();
  EXPECT_EQ(PathsOf(index().FindContent(HashOf(1), 1)), std::vector<std::string>{path});
  EXPECT_EQ(index().Digest(RelPath()).entries, 1u);
}

TEST_P(IndexContract, ARowForTheRootIsRefusedAndTheErrorSticks) {
  EXPECT_TRUE(CommitRows(index(), {RowOf("a", FileOf(1)), RowOf("", DirOf())}).Is(Errc::kInvalid));
  EXPECT_FALSE(index().Get(Path("a")).has_value());
  EXPECT_EQ(index().last_sequence(), 0u);
  EXPECT_TRUE(CommitRows(index(), {RowOf("a", FileOf(1))}).Is(Errc::kInvalid));
  box_->Reopen();
  EXPECT_TRUE(CommitRows(index(), {RowOf("a", FileOf(1))}).ok());
}

}  // namespace
}  // namespace atozsync
