// Helpers for tests of SqliteIndex: an index file of its own, and the file seen from outside.
#pragma once

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <fstream>
#include <string>

#include "sync/index/sqlite_index.h"
#include "tests/contract/index_contract.h"
#include "tests/contract/temp_dir.h"

namespace atozsync {

inline Bytes ReadAll(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return Bytes(std::istreambuf_iterator<char>(in), {});
}

inline void WriteAll(const std::string& file, ByteSpan bytes) {
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out.write(reinterpret_cast<const char*>(bytes.data()),
            static_cast<std::streamsize>(bytes.size()));
  ASSERT_TRUE(out.good());
}

// Runs `sql` on a file that no index has open; gives the first number of the result.
inline int64_t RunSql(const std::string& file, const std::string& sql) {
  sqlite3* db = nullptr;
  EXPECT_EQ(sqlite3_open(file.c_str(), &db), SQLITE_OK);
  sqlite3_stmt* stmt = nullptr;
  EXPECT_EQ(sqlite3_prepare_v2(db, sql.c_str(), -1, &stmt, nullptr), SQLITE_OK)
      << sqlite3_errmsg(db);
  int64_t number = sqlite3_step(stmt) == SQLITE_ROW ? sqlite3_column_int64(stmt, 0) : 0;
  sqlite3_finalize(stmt);
  sqlite3_close(db);
  return number;
}

class SqliteFileTest : public ::testing::Test {
 protected:
  std::unique_ptr<SqliteIndex> Open(uint64_t id = kTestIndexId) {
    auto opened = SqliteIndex::Open(file_, id);
    EXPECT_TRUE(opened.ok()) << opened.status().ToString();
    return opened.ok() ? std::move(opened).value() : nullptr;
  }
  Status OpenError() { return SqliteIndex::Open(file_, kTestIndexId).status(); }

  TempDir dir_;
  std::string file_ = dir_.path() + "/index.db";
};

// Totals and digests, counted from the rows, are what the index says.
inline void ExpectSumsMatchRows(Index& index) {
  IndexTotals totals;
  TreeDigest root;
  for (const IndexRow& row : index.RowsAfter(0, 1'000'000)) {
    if (!row.version.exists()) {
      ++totals.tombstones;
      continue;
    }
    ++root.entries;
    if (row.version.kind == VersionKind::kDir) ++totals.directories;
    if (row.version.kind == VersionKind::kFile) {
      ++totals.files;
      totals.bytes += row.version.size;
    }
  }
  EXPECT_EQ(index.totals(), totals);
  EXPECT_EQ(index.Digest(RelPath()).entries, root.entries);
}

}  // namespace atozsync
