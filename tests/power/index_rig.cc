#include "tests/power/index_rig.h"

#include <algorithm>
#include <cstdlib>

#include "tests/contract/index_contract.h"

namespace atozsync {

namespace {

// What must be 0 in a sound file, beyond what SQLite checks.
constexpr const char* kSoundness[] = {
    "SELECT count(*) FROM entries WHERE directory NOT IN (SELECT id FROM directories)",
    "SELECT count(*) FROM directories WHERE id <> 1 AND"
    " (parent >= id OR parent NOT IN (SELECT id FROM directories))",
    "SELECT count(*) FROM directories AS d WHERE id <> 1"
    " AND NOT EXISTS (SELECT 1 FROM entries WHERE directory = d.id)"
    " AND NOT EXISTS (SELECT 1 FROM directories WHERE parent = d.id)",
    "SELECT count(*) FROM chunks WHERE list NOT IN (SELECT id FROM chunk_lists)",
};

std::string AskFile(sqlite3* db, const char* sql) {
  sqlite3_stmt* stmt = nullptr;
  if (sqlite3_prepare_v2(db, sql, -1, &stmt, nullptr) != SQLITE_OK) return sqlite3_errmsg(db);
  std::string answer = "nothing";
  if (sqlite3_step(stmt) == SQLITE_ROW) {
    answer = reinterpret_cast<const char*>(sqlite3_column_text(stmt, 0));
  }
  sqlite3_finalize(stmt);
  return answer;
}

size_t CountUpTo(const std::vector<size_t>& sorted, size_t most) {
  return static_cast<size_t>(std::upper_bound(sorted.begin(), sorted.end(), most) - sorted.begin());
}

}  // namespace

size_t IndexRun::Low(size_t calls) const {
  return CountUpTo(acked, calls);
}

size_t IndexRun::High(size_t calls) const {
  return calls == 0 ? 0 : CountUpTo(begun, calls - 1);
}

IndexRig::IndexRig(const IndexWorkload& work, int checkpoint_pages)
    : work_(work), vfs_("power", dir_.path()), checkpoint_pages_(checkpoint_pages) {}

Result<std::unique_ptr<SqliteIndex>> IndexRig::Open() {
  return SqliteIndex::Open(dir() + "/index.db", kTestIndexId, {vfs_.name(), checkpoint_pages_});
}

IndexRun IndexRig::Run(size_t from, const VfsFault& fault, uint64_t seed) {
  IndexRun run;
  vfs_.Start(fault, seed);
  for (size_t next = from; next < work_.batches.size() && run.error.ok();) {
    auto opened = Open();
    run.error = opened.status();
    if (opened.ok()) RunSession(**opened, run, next);
  }
  run.log = vfs_.log();
  return run;
}

void IndexRig::RunSession(SqliteIndex& index, IndexRun& run, size_t& next) {
  size_t end = std::min((next / kBatchesPerSession + 1) * kBatchesPerSession, work_.batches.size());
  Sequence sequence = index.last_sequence();
  IndexTotals totals = index.totals();
  while (next < end) {
    IndexBatch batch = work_.batches[next];
    run.begun.push_back(vfs_.log().size());
    run.error = index.Commit(batch);
    if (!run.error.ok()) return ExpectErrorSticks(index, sequence, totals);
    run.acked.push_back(vfs_.log().size());
    ++next;
    sequence = index.last_sequence();
    totals = index.totals();
  }
  std::string state = StateOf(index);
  run.error = index.health();
  if (!run.error.ok()) return ExpectErrorSticks(index, sequence, totals);
  EXPECT_TRUE(state == work_.states[next])
      << "after batch " << next << ": " << Difference(state, work_.states[next]);
}

void IndexRig::ExpectErrorSticks(SqliteIndex& index, Sequence sequence, const IndexTotals& totals) {
  Status first = index.health();
  EXPECT_FALSE(first.ok());
  EXPECT_NE(first.ToString().find(dir()), std::string::npos) << first.ToString();
  EXPECT_EQ(index.last_sequence(), sequence);
  EXPECT_EQ(index.totals(), totals);
  EXPECT_FALSE(index.Get(RelPath::Trusted("a")).has_value());
  EXPECT_TRUE(index.RowsAfter(0, 10).empty());
  IndexBatch batch = work_.batches[0];
  EXPECT_EQ(index.Commit(batch).ToString(), first.ToString());
  EXPECT_EQ(index.health().ToString(), first.ToString());
}

std::optional<size_t> IndexRig::Look(size_t low, size_t high) {
  auto opened = Open();
  EXPECT_TRUE(opened.ok()) << opened.status().ToString();
  calls_when_opened_ = vfs_.log().size();
  if (!opened.ok()) return std::nullopt;
  SqliteIndex& index = **opened;
  EXPECT_TRUE(!index.created() || low == 0);
  std::string state = StateOf(index);
  EXPECT_TRUE(index.health().ok()) << index.health().ToString();
  for (size_t i = low; i <= high && i < work_.states.size(); ++i) {
    if (state == work_.states[i]) return i;
  }
  auto other = std::find(work_.states.begin(), work_.states.end(), state);
  if (other != work_.states.end()) {
    ADD_FAILURE() << "is state " << other - work_.states.begin() << ", not one of " << low << " to "
                  << high;
  } else {
    ADD_FAILURE() << "is a mixture; differs from state " << low << " in "
                  << Difference(state, work_.states[low]);
  }
  return std::nullopt;
}

void IndexRig::ExpectRecovers(const Files& files, size_t low, size_t high, bool to_the_end) {
  WriteDirectory(dir(), files);
  vfs_.Start({}, 1);
  std::optional<size_t> state = Look(low, high);
  if (!state) return;
  ExpectSoundFile();
  if (to_the_end) {
    IndexRun run = Run(*state, {}, 1);
    EXPECT_TRUE(run.error.ok()) << run.error.ToString();
    return ExpectSoundFile();
  }
  if (*state == work_.batches.size()) return;
  auto opened = Open();
  ASSERT_TRUE(opened.ok()) << opened.status().ToString();
  IndexBatch batch = work_.batches[*state];
  Status committed = (*opened)->Commit(batch);
  EXPECT_TRUE(committed.ok()) << committed.ToString();
  std::string after = StateOf(**opened);
  EXPECT_TRUE(after == work_.states[*state + 1]) << Difference(after, work_.states[*state + 1]);
}

void IndexRig::ExpectSoundFile() {
  sqlite3* db = nullptr;
  std::string file = dir() + "/index.db";
  ASSERT_EQ(sqlite3_open_v2(file.c_str(), &db, SQLITE_OPEN_READWRITE, vfs_.name()), SQLITE_OK);
  // No shared memory here: the same mode as the index.
  AskFile(db, "PRAGMA locking_mode = EXCLUSIVE");
  EXPECT_EQ(AskFile(db, "PRAGMA integrity_check"), "ok");
  for (const char* sql : kSoundness) EXPECT_EQ(AskFile(db, sql), "0") << sql;
  sqlite3_close(db);
}

bool FullRun() {
  const char* full = std::getenv("ATOZ_POWER_FULL");
  return full != nullptr && *full == '1';
}

}  // namespace atozsync
