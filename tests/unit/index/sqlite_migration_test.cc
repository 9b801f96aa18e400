// An index that an earlier program wrote, of each format there ever was: the numbered schema files
// make it, and rows go into the tables that it had.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sync/index/schema_sql.h"
#include "tests/unit/index/sqlite_test_file.h"

namespace atozsync {
namespace {

using ::testing::HasSubstr;

constexpr uint64_t kOldId = 41;

// What only a program of that format could have left behind: all but the rows of tables that came
// later.
struct OldIndex {
  uint64_t sequence = 0;
  IndexTotals totals;
  TreeDigest digest;
  std::vector<IndexRow> rows;
};

class SqliteMigration : public SqliteFileTest, public testing::WithParamInterface<int> {
 protected:
  static int Newest() { return static_cast<int>(SchemaSteps().size()); }

  // With the newest program, then cut back to `format`: the tables of later files go.
  OldIndex MakeOld(int format) {
    OldIndex old;
    auto index = Open(kOldId);
    EXPECT_TRUE(CommitRows(*index, {RowOf("S/Smith/x.jpg", FileOf(1, 60)),
                                    RowOf("S/Smith/y.jpg", FileOf(2, 10)),
                                    RowOf("J/Jones/z.jpg", FileOf(3, 5))})
                    .ok());
    old.sequence = index->last_sequence();
    old.totals = index->totals();
    old.digest = index->Digest(RelPath());
    old.rows = index->RowsAfter(0, 100);
    index.reset();
    const std::string newer = dir_.path() + "/newest.db";
    std::filesystem::rename(file_, newer);
    WriteFormat(format);
    CopyTables(newer);
    return old;
  }

  void Execute(sqlite3* db, const std::string& sql) {
    char* error = nullptr;
    ASSERT_EQ(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, &error), SQLITE_OK)
        << (error == nullptr ? "" : error);
  }

  // By the files themselves, as a program of that format did.
  void WriteFormat(int format) {
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(file_.c_str(), &db), SQLITE_OK);
    for (int step = 0; step < format; ++step) {
      Execute(db, std::string(SchemaSteps()[static_cast<size_t>(step)]));
    }
    Execute(db, "PRAGMA application_id = 1098149722");
    Execute(db, "PRAGMA user_version = " + std::to_string(format));
    sqlite3_close(db);
  }

  void CopyTables(const std::string& newer) {
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(file_.c_str(), &db), SQLITE_OK);
    Execute(db, "ATTACH '" + newer + "' AS newer");
    std::vector<std::string> tables;
    sqlite3_exec(
        db, "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'",
        [](void* out, int, char** values, char**) {
          static_cast<std::vector<std::string>*>(out)->push_back(values[0]);
          return 0;
        },
        &tables, nullptr);
    EXPECT_FALSE(tables.empty());
    for (const std::string& table : tables) {
      Execute(db, "DELETE FROM main." + table);
      Execute(db, "INSERT INTO main." + table + " SELECT * FROM newer." + table);
    }
    sqlite3_close(db);
  }
};

TEST_P(SqliteMigration, KeepsEveryRowAndGoesOn) {
  const int format = GetParam();
  const OldIndex old = MakeOld(format);
  ASSERT_EQ(RunSql(file_, "PRAGMA user_version"), format);

  auto index = Open(kOldId + 1);
  ASSERT_NE(index, nullptr);
  EXPECT_FALSE(index->created()) << "the index of before, not a new one";
  EXPECT_EQ(index->index_id(), kOldId);
  EXPECT_EQ(index->last_sequence(), old.sequence);
  EXPECT_EQ(index->totals(), old.totals);
  if (format >= 3) {  // has directories and entries
    EXPECT_EQ(index->Digest(RelPath()), old.digest);
    EXPECT_EQ(index->RowsAfter(0, 100), old.rows);
    ExpectSumsMatchRows(*index);
  }
  // It is a whole index of now: what came later works.
  ASSERT_TRUE(CommitRows(*index, {RowOf("new/file", FileOf(4))}).ok());
  EXPECT_EQ(index->last_sequence(), old.sequence + 1);
  index.reset();
  EXPECT_EQ(RunSql(file_, "PRAGMA user_version"), Newest());
  EXPECT_NE(Open(), nullptr);
}

TEST_P(SqliteMigration, ThatIsInterruptedLeavesTheOldOne) {
  const int format = GetParam();
  MakeOld(format);
  if (format == Newest()) return;  // nothing to do
  // Something stands where the last step wants to make a table.
  RunSql(file_, "CREATE TABLE gate (path TEXT)");
  EXPECT_FALSE(SqliteIndex::Open(file_, 1).ok());
  EXPECT_EQ(RunSql(file_, "PRAGMA user_version"), format);
  EXPECT_EQ(RunSql(file_, "SELECT sequence FROM counters"), 3);
  RunSql(file_, "DROP TABLE gate");
  EXPECT_NE(Open(), nullptr);
}

INSTANTIATE_TEST_SUITE_P(EachFormat, SqliteMigration,
                         testing::Range(1, static_cast<int>(SchemaSteps().size()) + 1));

}  // namespace
}  // namespace atozsync
