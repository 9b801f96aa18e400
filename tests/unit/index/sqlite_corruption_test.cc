// Damaged files: never a crash; either the damage is noticed (kCorrupt) or everything still works.
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/unit/index/sqlite_test_file.h"

namespace atozsync {
namespace {

constexpr size_t kPage = 4096;

void FillIndex(Index& index) {
  IndexBatch batch;
  for (uint64_t i = 0; i < 300; ++i) {
    IndexRow row = FullRow("d" + std::to_string(i % 5) + "/sub/" + std::to_string(i));
    row.version.hash = HashOf(i);
    row.unversioned = i % 3 == 0;
    batch.rows.push_back(row);
    if (i % 7 == 0) batch.rows.push_back(RowOf("gone/" + std::to_string(i), TombstoneOf()));
  }
  for (uint64_t i = 0; i < 40; ++i) {
    RelPath path = RelPath::Trusted("d0/sub/" + std::to_string(i));
    RelPath kept_at = RelPath::Trusted(".atozsync/kept/" + std::to_string(i));
    batch.needs.push_back({path, PeerOf(1), FileOf(i), 0});
    batch.kept.push_back({std::to_string(i), path, kept_at, FileOf(i), {}, 1, "deleted"});
    ConflictRecord record;
    record.id = HashOf(i);
    record.path = path;
    batch.conflicts.push_back(record);
    Intent intent;
    intent.path = path;
    intent.row = FullRow("d0/x");
    batch.intents.push_back(intent);
    batch.chunk_lists.push_back({HashOf(i), {{HashOf(500 + i), 10}, {HashOf(501 + i), 10}}});
  }
  batch.peers[PeerOf(1)] = {1, 2, 3, 4};
  batch.meta["key"] = "value";
  ASSERT_TRUE(index.Commit(batch).ok());
}

// Every query once, then commits that touch every table.
void UseEverything(Index& index) {
  for (const char* text : {"", "d0", "d0/sub", "d0/sub/5", "gone"}) {
    RelPath path = RelPath::Trusted(text);
    index.Get(path);
    index.Children(path);
    index.HasLiveChildren(path);
    index.CaseTwins(path);
    index.Digest(path);
    index.NeedsOf(path);
    index.HasNeedsBelow(path);
    index.KeptOf(path);
    index.Tombstones(path, 1000);
    index.Unversioned(path, 1000);
  }
  index.RowsAfter(0, 1000);
  index.ConflictsAfter(0, 1000);
  index.Needs(0, 1000);
  index.Conflicts();
  index.Conflict(HashOf(3));
  index.KeptBefore(9, 1000);
  index.Intents();
  index.Peer(PeerOf(1));
  index.Meta("key");
  for (uint64_t i = 0; i < 40; ++i) {
    index.FindContent(HashOf(i), 9);
    index.FindKeptContent(HashOf(i), 9);
    index.ChunkList(HashOf(i));
    index.FindChunk(HashOf(500 + i));
  }
}

IndexBatch ChangeEverything() {
  IndexBatch batch;
  for (uint64_t i = 0; i < 300; i += 3) {
    RelPath path = RelPath::Trusted("d" + std::to_string(i % 5) + "/sub/" + std::to_string(i));
    batch.rows.push_back(RowOf(path.str(), i % 2 == 0 ? FileOf(i + 1) : TombstoneOf()));
    batch.erased_needs.push_back({path, PeerOf(1)});
    batch.erased_kept.push_back(std::to_string(i));
    batch.erased_intents.push_back(i);
    batch.erased_rows.push_back(RelPath::Trusted("gone/" + std::to_string(i)));
  }
  batch.meta["key"] = "other";
  return batch;
}

class SqliteCorruption : public SqliteFileTest {
 protected:
  void SetUp() override {
    auto index = Open();
    FillIndex(*index);
    index.reset();
    good_ = ReadAll(file_);
    ASSERT_GT(good_.size(), 100'000u);
  }

  // Opens `bytes` as an index and uses it. True: some damage was noticed.
  bool Try(ByteSpan bytes, const std::string& what) {
    std::error_code ignored;
    std::filesystem::remove(file_ + "-wal", ignored);
    WriteAll(file_, bytes);
    auto opened = SqliteIndex::Open(file_, kTestIndexId);
    if (!opened.ok()) {
      EXPECT_TRUE(opened.Is(Errc::kCorrupt) || opened.Is(Errc::kUnsupported))
          << what << ": " << opened.status().ToString();
      return true;
    }
    SqliteIndex& index = **opened;
    UseEverything(index);
    bool seen = !index.health().ok();
    IndexBatch batch = ChangeEverything();
    Status committed = index.Commit(batch);
    EXPECT_FALSE(seen && committed.ok()) << what;
    if (committed.ok()) return false;
    EXPECT_TRUE(committed.Is(Errc::kCorrupt)) << what << ": " << committed.ToString();
    EXPECT_TRUE(index.health().Is(Errc::kCorrupt)) << what;
    return true;
  }

  Bytes good_;
};

TEST_F(SqliteCorruption, AGoodFileIsGood) {
  EXPECT_FALSE(Try(good_, "unchanged"));
}

// Values that SQLite is content with, and that no peer would take.
TEST_F(SqliteCorruption, ImpossibleValuesAreNoticed) {
  const char* const statements[] = {
      "UPDATE chunks SET size = 0",
      "UPDATE chunks SET size = 1 << 40",
      "UPDATE conflicts SET path = ''",
      "UPDATE conflicts SET rule = hex(zeroblob(600))",
      "UPDATE conflicts SET winner = substr(winner, 2)",
  };
  for (const char* statement : statements) {
    WriteAll(file_, good_);
    RunSql(file_, statement);
    EXPECT_TRUE(Try(ReadAll(file_), statement)) << statement;
  }
}

TEST_F(SqliteCorruption, FlippedBytesInTheHeaderNeverCrash) {
  int noticed = 0;
  for (size_t at = 0; at < 112; ++at) {
    for (uint8_t flip : {uint8_t{0x01}, uint8_t{0xFF}}) {
      Bytes bytes = good_;
      bytes[at] = static_cast<uint8_t>(bytes[at] ^ flip);
      noticed += Try(bytes, "header byte " + std::to_string(at)) ? 1 : 0;
    }
  }
  EXPECT_GE(noticed, 40);
}

TEST_F(SqliteCorruption, FlippedBytesAnywhereNeverCrash) {
  int noticed = 0;
  int tried = 0;
  for (size_t at = 100; at < good_.size(); at += 811, ++tried) {
    Bytes bytes = good_;
    for (size_t i = at; i < at + 4 && i < bytes.size(); ++i)
      bytes[i] = static_cast<uint8_t>(bytes[i] ^ 0xA5);
    noticed += Try(bytes, "bytes at " + std::to_string(at)) ? 1 : 0;
  }
  EXPECT_GT(noticed, tried / 10);
}

TEST_F(SqliteCorruption, OverwrittenPagesAreNoticed) {
  size_t noticed = 0;
  size_t pages = good_.size() / kPage;
  for (size_t page = 0; page < pages; ++page) {
    Bytes bytes = good_;
    std::fill_n(bytes.begin() + static_cast<ptrdiff_t>(page * kPage), kPage, uint8_t{0});
    noticed += Try(bytes, "zeroed page " + std::to_string(page)) ? 1 : 0;
  }
  EXPECT_GT(noticed, pages / 2);
}

TEST_F(SqliteCorruption, TruncatedFilesAreNoticed) {
  for (size_t length = 2; length < good_.size(); length += 4099) {
    EXPECT_TRUE(Try(ByteSpan(good_).first(length), "cut to " + std::to_string(length)));
  }
}

TEST_F(SqliteCorruption, DamageThatOnlyShowsLaterIsFoundAfterACrash) {
  auto index = Open();
  ASSERT_TRUE(CommitRows(*index, {RowOf("x", FileOf(1))}).ok());
  Bytes log = ReadAll(file_ + "-wal");
  Bytes file = ReadAll(file_);
  index.reset();
  // As a crash leaves it, with one page of the file overwritten. Pages that are in the log as well
  // are healed by it; all others are found before anybody uses them.
  size_t pages = file.size() / kPage;
  size_t found = 0;
  for (size_t page = 0; page < pages; ++page) {
    Bytes damaged = file;
    std::fill_n(damaged.begin() + static_cast<ptrdiff_t>(page * kPage), kPage, uint8_t{0});
    WriteAll(file_, damaged);
    WriteAll(file_ + "-wal", log);
    Status status = OpenError();
    EXPECT_TRUE(status.ok() || status.Is(Errc::kCorrupt)) << status.ToString();
    found += status.ok() ? 0 : 1;
  }
  EXPECT_GE(found, pages - log.size() / kPage);
}

TEST_F(SqliteCorruption, ADamagedLogLosesTheEndOfTheLogOnly) {
  auto index = Open();
  Bytes file = ReadAll(file_);
  for (uint64_t i = 0; i < 20; ++i) {
    ASSERT_TRUE(CommitRows(*index, {RowOf("late/" + std::to_string(i), FileOf(i))}).ok());
  }
  Bytes log = ReadAll(file_ + "-wal");
  Sequence last = index->last_sequence();
  index.reset();
  for (size_t at = 0; at < log.size(); at += 1 + log.size() / 60) {
    Bytes damaged = log;
    damaged[at] = static_cast<uint8_t>(damaged[at] ^ 0xFF);
    WriteAll(file_, file);
    WriteAll(file_ + "-wal", damaged);
    auto opened = Open();
    ASSERT_NE(opened, nullptr);
    EXPECT_LE(opened->last_sequence(), last);
    EXPECT_TRUE(opened->health().ok());
    ExpectSumsMatchRows(*opened);
  }
}

}  // namespace
}  // namespace atozsync
