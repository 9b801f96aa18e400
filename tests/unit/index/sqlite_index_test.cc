// What only an index in a file has: opening, locking, versions, modes, errors of the disk.
#include "sync/index/sqlite_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <filesystem>

#include "tests/unit/index/sqlite_test_file.h"

namespace atozsync {
namespace {

using ::testing::HasSubstr;

class SqliteIndexFile : public SqliteFileTest {};

TEST_F(SqliteIndexFile, TellsANewIndexFromOneThatWasThere) {
  auto index = Open(5);
  EXPECT_TRUE(index->created());
  EXPECT_EQ(index->index_id(), 5u);
  index.reset();
  index = Open(6);
  EXPECT_FALSE(index->created());
  EXPECT_EQ(index->index_id(), 5u);
}

TEST_F(SqliteIndexFile, AnEmptiedFileIsANewIndexEvenWithALogBesideIt) {
  auto index = Open(5);
  ASSERT_TRUE(CommitRows(*index, {RowOf("a", FileOf(1))}).ok());
  Bytes log = ReadAll(file_ + "-wal");
  ASSERT_FALSE(log.empty());
  index.reset();
  WriteAll(file_, {});
  WriteAll(file_ + "-wal", log);
  index = Open(6);
  EXPECT_TRUE(index->created());
  EXPECT_EQ(index->index_id(), 6u);
  EXPECT_EQ(index->last_sequence(), 0u);
}

TEST_F(SqliteIndexFile, NobodyElseMayReadIt) {
  auto index = Open();
  ASSERT_TRUE(CommitRows(*index, {RowOf("Smith/x", FileOf(1))}).ok());
  struct stat info {};
  for (const std::string& name : {file_, file_ + "-wal"}) {
    ASSERT_EQ(::stat(name.c_str(), &info), 0) << name;
    EXPECT_EQ(info.st_mode & 0777u, 0600u) << name;
  }
  index.reset();
  ASSERT_EQ(::chmod(file_.c_str(), 0644), 0);
  index = Open();
  ASSERT_EQ(::stat(file_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777u, 0600u);
}

TEST_F(SqliteIndexFile, OpeningItTwiceIsAClearError) {
  auto index = Open();
  Status second = OpenError();
  EXPECT_TRUE(second.Is(Errc::kBusy)) << second.ToString();
  EXPECT_THAT(second.ToString(), HasSubstr("another atozsync has it open"));
  EXPECT_TRUE(CommitRows(*index, {RowOf("a", FileOf(1))}).ok());
}

TEST_F(SqliteIndexFile, ANewerFormatIsLeftAlone) {
  Open().reset();
  int64_t format = RunSql(file_, "PRAGMA user_version");
  RunSql(file_, "PRAGMA user_version = 999");
  Status newer = OpenError();
  EXPECT_TRUE(newer.Is(Errc::kUnsupported)) << newer.ToString();
  EXPECT_THAT(newer.ToString(), HasSubstr("newer atozsync"));
  RunSql(file_, "PRAGMA user_version = " + std::to_string(format));
  EXPECT_FALSE(Open()->created());
}

TEST_F(SqliteIndexFile, AnotherProgramsFileIsRefusedAndNotChanged) {
  RunSql(file_, "CREATE TABLE recipes (name TEXT)");
  EXPECT_TRUE(OpenError().Is(Errc::kCorrupt));
  EXPECT_EQ(RunSql(file_, "SELECT count(*) FROM sqlite_schema"), 1);
  std::string text = std::string(5000, 'x');
  WriteAll(file_, AsBytes(text));
  EXPECT_TRUE(OpenError().Is(Errc::kCorrupt));
  EXPECT_EQ(AsText(ReadAll(file_)), text);
}

TEST_F(SqliteIndexFile, ADirectoryThatIsNotThereIsNamed) {
  Status status = SqliteIndex::Open(dir_.path() + "/none/index.db", 1).status();
  EXPECT_TRUE(status.Is(Errc::kNotFound));
  EXPECT_THAT(status.ToString(), HasSubstr("none/index.db"));
}

TEST_F(SqliteIndexFile, RowsLieInTheOrderOfADirectoryScan) {
  auto index = Open();
  ASSERT_TRUE(CommitRows(*index, {RowOf("a/1", FileOf(1))}).ok());
  index.reset();
  // A WITHOUT ROWID table has no rowid: this is what clusters the rows.
  EXPECT_EQ(RunSql(file_, "SELECT wr FROM pragma_table_list WHERE name = 'entries'"), 1);
  EXPECT_EQ(RunSql(file_,
                   "SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND"
                   " name NOT LIKE 'sqlite%' AND strict = 0"),
            0);
}

// A limit on the size of files stands for a full disk.
class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes) {
    old_handler_ = ::signal(SIGXFSZ, SIG_IGN);
    CHECK(::getrlimit(RLIMIT_FSIZE, &old_) == 0);
    rlimit limit = old_;
    limit.rlim_cur = bytes;
    CHECK(::setrlimit(RLIMIT_FSIZE, &limit) == 0);
  }
  ~FullDisk() {
    CHECK(::setrlimit(RLIMIT_FSIZE, &old_) == 0);
    ::signal(SIGXFSZ, old_handler_);
  }

 private:
  rlimit old_{};
  void (*old_handler_)(int) = nullptr;
};

TEST_F(SqliteIndexFile, ACommitThatFailsChangesNothingAndTheErrorSticks) {
  auto index = Open();
  ASSERT_TRUE(CommitRows(*index, {RowOf("dir/a", FileOf(1, 10))}).ok());
  TreeDigest digest = index->Digest(RelPath());
  {
    FullDisk full(300'000);
    std::vector<IndexRow> rows;
    for (int i = 0; i < 5000; ++i) rows.push_back(RowOf("new/" + std::to_string(i), FileOf(2)));
    Status status = CommitRows(*index, rows);
    EXPECT_FALSE(status.ok());
    EXPECT_THAT(status.ToString(), HasSubstr("index.db"));
  }
  EXPECT_FALSE(index->health().ok());
  EXPECT_EQ(index->last_sequence(), 1u);
  EXPECT_EQ(index->totals().files, 1u);
  EXPECT_FALSE(CommitRows(*index, {RowOf("b", FileOf(3))}).ok());
  index.reset();
  index = Open();
  EXPECT_EQ(index->Digest(RelPath()), digest);
  EXPECT_TRUE(index->Children(RelPath::Trusted("new")).empty());
  EXPECT_TRUE(CommitRows(*index, {RowOf("b", FileOf(3))}).ok());
  ExpectSumsMatchRows(*index);
}

std::vector<ChunkRef> ManyChunks(uint64_t count) {
  std::vector<ChunkRef> chunks;
  for (uint64_t i = 0; i < count; ++i) chunks.push_back({HashOf(1000 + i), 64});
  return chunks;
}

TEST_F(SqliteIndexFile, ChunksOfALostContentAreRemovedInSteps) {
  auto index = Open();
  IndexBatch batch;
  batch.rows = {RowOf("big", FileOf(1))};
  batch.chunk_lists = {{HashOf(1), ManyChunks(2 * ChunksTable::kRemovedPerCommitMax + 1)}};
  ASSERT_TRUE(index->Commit(batch).ok());
  ASSERT_TRUE(CommitRows(*index, {RowOf("big", TombstoneOf())}).ok());
  EXPECT_FALSE(index->FindChunk(HashOf(1000)).has_value());
  index.reset();
  EXPECT_EQ(RunSql(file_, "SELECT count(*) FROM chunks"),
            static_cast<int64_t>(ChunksTable::kRemovedPerCommitMax) + 1);
  index = Open();
  ASSERT_TRUE(CommitRows(*index, {RowOf("x", TombstoneOf())}).ok());
  index.reset();
  EXPECT_EQ(RunSql(file_, "SELECT count(*) FROM chunks"), 0);
  EXPECT_EQ(RunSql(file_, "SELECT count(*) FROM chunk_lists"), 0);
}

TEST_F(SqliteIndexFile, ListsOfContentsThatNeverCameAreSweptWhenItIsOpened) {
  auto index = Open();
  IndexBatch batch;
  batch.rows = {RowOf("a", FileOf(1))};
  batch.chunk_lists = {{HashOf(1), ManyChunks(3)}, {HashOf(2), ManyChunks(4)}};
  ASSERT_TRUE(index->Commit(batch).ok());
  EXPECT_EQ(index->ChunkList(HashOf(2)).size(), 4u);
  index.reset();
  index = Open();
  EXPECT_TRUE(index->ChunkList(HashOf(2)).empty());
  EXPECT_EQ(index->ChunkList(HashOf(1)).size(), 3u);
}

TEST_F(SqliteIndexFile, DirectoriesGoWhenNothingIsInThemAnyMore) {
  auto index = Open();
  ASSERT_TRUE(CommitRows(*index, {RowOf("a/b/c/d", TombstoneOf()), RowOf("a/b/e", DirOf()),
                                  RowOf("a/x/y", TombstoneOf())})
                  .ok());
  IndexBatch batch;
  batch.erased_rows = {RelPath::Trusted("a/b/c/d"), RelPath::Trusted("a/x/y")};
  ASSERT_TRUE(index->Commit(batch).ok());
  index.reset();
  EXPECT_EQ(RunSql(file_, "SELECT count(*) FROM directories"), 3);  // root, a, a/b
}

}  // namespace
}  // namespace atozsync
