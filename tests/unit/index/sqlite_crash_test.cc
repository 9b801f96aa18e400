// Another process: killed in the midst of commits, or holding the file.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/index/sqlite_test_file.h"

namespace atozsync {
namespace {

struct Pipe {
  Pipe() { CHECK(::pipe(ends) == 0); }
  ~Pipe() {
    ::close(ends[0]);
    CloseWriting();
  }
  void CloseWriting() {
    if (ends[1] >= 0) ::close(ends[1]);
    ends[1] = -1;
  }
  void Write(uint64_t number) { CHECK(::write(ends[1], &number, 8) == 8); }
  bool Read(uint64_t& number) { return ::read(ends[0], &number, 8) == 8; }
  int ends[2] = {-1, -1};
};

// Commits for ever; tells what was acknowledged. Never returns to the test.
[[noreturn]] void CommitUntilKilled(const std::string& file, Pipe& acknowledged) {
  auto opened = SqliteIndex::Open(file, kTestIndexId);
  if (!opened.ok()) ::_exit(1);
  SqliteIndex& index = **opened;
  for (;;) {
    std::vector<IndexRow> rows;
    uint64_t first = index.last_sequence();
    for (uint64_t i = 0; i < 30; ++i) {
      // New paths and changes of old ones, in several directories.
      std::string path = std::to_string(i % 7) + "/d/" + std::to_string((first + i) % 400);
      rows.push_back(RowOf(path, i % 5 == 0 ? TombstoneOf(1 + first) : FileOf(first + i, 10)));
    }
    if (!CommitRows(index, rows).ok()) ::_exit(2);
    acknowledged.Write(index.last_sequence());
  }
}

class SqliteCrash : public SqliteFileTest {
 protected:
  // Lets a child commit, kills it after `commits`; what it acknowledged last.
  uint64_t CommitAndKill(int commits) {
    Pipe acknowledged;
    pid_t child = ::fork();
    CHECK(child >= 0);
    if (child == 0) CommitUntilKilled(file_, acknowledged);
    acknowledged.CloseWriting();
    uint64_t last = 0;
    for (int i = 0; i < commits; ++i) EXPECT_TRUE(acknowledged.Read(last));
    ::kill(child, SIGKILL);
    for (uint64_t more = 0; acknowledged.Read(more);) last = more;
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFSIGNALED(status));
    return last;
  }
};

TEST_F(SqliteCrash, NothingThatWasAcknowledgedIsLostWhenTheProcessIsKilled) {
  for (int round = 1; round <= 6; ++round) {
    uint64_t acknowledged = CommitAndKill(3 * round);
    auto index = Open();
    ASSERT_NE(index, nullptr);
    EXPECT_FALSE(index->created());
    EXPECT_GE(index->last_sequence(), acknowledged);
    EXPECT_EQ(index->last_sequence() % 30, 0u) << "half a commit";
    std::vector<IndexRow> rows = index->RowsAfter(0, 1'000'000);
    ASSERT_FALSE(rows.empty());
    EXPECT_EQ(rows.back().sequence, index->last_sequence());
    ExpectSumsMatchRows(*index);
    TreeDigest sum;
    for (const char* dir : {"0", "1", "2", "3", "4", "5", "6"}) {
      sum.entries += index->Digest(RelPath::Trusted(dir)).entries;
    }
    EXPECT_EQ(sum.entries, index->Digest(RelPath()).entries);
  }
}

TEST_F(SqliteCrash, AFileThatAnotherProcessHasOpenIsBusyUntilItStops) {
  Pipe opened;
  Pipe stop;
  pid_t child = ::fork();
  CHECK(child >= 0);
  if (child == 0) {
    stop.CloseWriting();
    auto index = SqliteIndex::Open(file_, kTestIndexId);
    opened.Write(index.ok() ? 1 : 0);
    uint64_t nothing = 0;
    stop.Read(nothing);
    ::_exit(0);
  }
  uint64_t ok = 0;
  ASSERT_TRUE(opened.Read(ok));
  EXPECT_EQ(ok, 1u);
  EXPECT_TRUE(OpenError().Is(Errc::kBusy));
  stop.CloseWriting();
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_NE(Open(), nullptr);
}

}  // namespace
}  // namespace atozsync
