// Kept files that no row of the index leads to: a process died, or could not commit, between
// putting a file aside and telling of it. Here their rows are simply taken away.
#include <gtest/gtest.h>

#include <cerrno>

#include "sync/engine/hasher.h"
#include "tests/sim/checkers.h"
#include "tests/sim/sim_cluster.h"

namespace atozsync {
namespace {

constexpr char kFile[] = "S/Smith12/x.jpg";

class ScenarioKept : public ::testing::Test {
 protected:
  void Replace(const std::string& path) {
    c_.Write("A", path, "old");
    c_.StartAll();
    ASSERT_TRUE(c_.Settle());
    c_.Write("A", path, "new");
    ASSERT_TRUE(c_.Settle());
    ASSERT_EQ(Kept(path).size(), 1u);
  }
  std::vector<KeptVersion> Kept(const std::string& path) {
    return c_.node("B").index().KeptOf(RelPath::Trusted(path));
  }
  // B dies, and with it all rows of kept files at this path.
  void DieWithoutRows(const std::string& path) {
    c_.node("B").KillProcess();
    IndexBatch batch;
    for (const KeptVersion& kept : Kept(path)) batch.erased_kept.push_back(kept.id);
    ASSERT_TRUE(c_.node("B").index().Commit(batch).ok());
    ASSERT_TRUE(Kept(path).empty());
  }
  void FailBelow(const std::string& dir, FsCall wanted, int times) {
    failed_ = 0;
    c_.node("B").files().SetHook([=, this](FsCall call, const RelPath& path, const RelPath&) {
      if (failed_ >= times || call != wanted || !path.str().starts_with(dir)) return;
      ++failed_;
      c_.node("B").files().FailCall(call, 1, EIO);
    });
  }

  SimCluster c_{44};
  int failed_ = 0;
};

TEST_F(ScenarioKept, WhatHasNoRowIsListedAfterTheNextStart) {
  Replace(kFile);
  KeptVersion before = Kept(kFile)[0];
  DieWithoutRows(kFile);
  c_.node("B").Start();
  ASSERT_TRUE(c_.Settle());
  ASSERT_EQ(Kept(kFile).size(), 1u);
  KeptVersion after = Kept(kFile)[0];
  EXPECT_EQ(after.kept_at, before.kept_at);
  EXPECT_EQ(after.version.hash, before.version.hash);
  EXPECT_GT(after.kept_ms, before.kept_ms - 1'000);
  EXPECT_TRUE(c_.node("B").index().Conflicts().empty());
  ExpectConverged(c_);
}

TEST_F(ScenarioKept, AFailingListAndReadHideNothing) {
  for (FsCall call : {FsCall::kList, FsCall::kOpenRead}) {
    SCOPED_TRACE(FsCallName(call));
    const std::string path = std::string("S/Smith12/") + FsCallName(call) + ".jpg";
    Replace(path);
    DieWithoutRows(path);
    FailBelow(".atozsync/versions", call, 1);
    c_.node("B").Start();
    ASSERT_TRUE(c_.Settle());
    c_.node("B").files().SetHook(nullptr);
    EXPECT_EQ(failed_, 1);
    EXPECT_EQ(Kept(path).size(), 1u);
  }
  ExpectConverged(c_);
}

// Its row would say that the bytes are here, and the next power loss could take them.
TEST_F(ScenarioKept, WhatCannotBeMadeDurableIsListedWhenItCan) {
  Replace(kFile);
  DieWithoutRows(kFile);
  FailBelow(".atozsync/versions", FsCall::kSyncDir, 3);
  c_.node("B").Start();
  c_.RunFor(3'000);
  EXPECT_EQ(failed_, 2);
  EXPECT_TRUE(Kept(kFile).empty());
  c_.RunFor(10'000);
  c_.node("B").files().SetHook(nullptr);
  EXPECT_EQ(failed_, 3);
  EXPECT_EQ(Kept(kFile).size(), 1u);
  ExpectConverged(c_);
}

// Both looks meet a disk that fails: it is not left to the look before the purge, weeks later.
TEST_F(ScenarioKept, WhatCannotBeReadIsLookedAtAgain) {
  Replace(kFile);
  std::string kept_at = Kept(kFile)[0].kept_at.str();
  FailBelow(".atozsync/versions", FsCall::kStat, 1'000);
  ASSERT_TRUE(c_.node("B").files().WriteFile(kept_at, "late").ok());
  c_.NoteWritten("late");
  c_.RunFor(50'000);
  EXPECT_GE(failed_, 2);
  c_.node("B").files().SetHook(nullptr);
  c_.RunFor(40'000);
  ASSERT_TRUE(c_.Settle());
  std::vector<ConflictRecord> conflicts = c_.node("A").index().Conflicts();
  ASSERT_EQ(conflicts.size(), 1u) << c_.Describe();
  EXPECT_EQ(conflicts[0].kind, ConflictKind::kLateWrite);
  ExpectConverged(c_);
}

TEST_F(ScenarioKept, WhatAProgramWroteToItIsLogged) {
  Replace(kFile);
  std::string kept_at = Kept(kFile)[0].kept_at.str();
  DieWithoutRows(kFile);
  ASSERT_TRUE(c_.node("B").files().WriteFile(kept_at, "late").ok());
  c_.NoteWritten("late");
  c_.node("B").Start();
  ASSERT_TRUE(c_.Settle());
  c_.RunFor(5'000);
  std::vector<ConflictRecord> conflicts = c_.node("A").index().Conflicts();
  ASSERT_EQ(conflicts.size(), 1u) << c_.Describe();
  EXPECT_EQ(conflicts[0].kind, ConflictKind::kLateWrite);
  EXPECT_EQ(conflicts[0].path.str(), kFile);
  ExpectConverged(c_);
}

TEST_F(ScenarioKept, LosingBytesAreFoundWhereNobodyElseCanGiveThem) {
  c_.StartAll();
  ASSERT_TRUE(c_.Settle());
  c_.Partition("A", "B");
  c_.Write("B", kFile, "of B");
  c_.RunFor(2'000);
  c_.Write("A", kFile, "of A, later");
  c_.RunFor(2'000);
  c_.HealAll();
  ASSERT_TRUE(c_.Settle());
  ConflictRecord record = c_.node("B").index().Conflicts().at(0);
  DieWithoutRows(kFile);
  c_.Partition("A", "B");
  c_.node("B").Start();
  ASSERT_TRUE(c_.Settle());
  std::optional<RelPath> kept_at = c_.node("B").replica().ConflictKeptAt(record);
  ASSERT_TRUE(kept_at) << c_.Describe();
  std::string bytes = c_.node("B").files().ReadFile(kept_at->str()).value_or("(nothing)");
  EXPECT_EQ(HashOf(SimClusterSecret(), AsBytes(bytes)), record.loser.hash);
  c_.HealAll();
  ExpectConverged(c_);
}

// The power took a swap back, but not what a program had written to the new file; and another file
// stands at the path by now.
TEST_F(ScenarioKept, WhatRecoveryPutsAsideIsLogged) {
  Replace(kFile);
  SimNode& b = c_.node("B");
  b.KillProcess();
  const std::string staged = ".atozsync/staging/1-1";
  ASSERT_TRUE(b.files().WriteFile(staged, "saved into the new file").ok());
  c_.NoteWritten("saved into the new file");
  IndexBatch batch;
  Intent intent;
  intent.path = RelPath::Trusted(kFile);
  intent.staged = RelPath::Trusted(staged);
  intent.staged_stamp = FileStamp::Of(b.files().Stat(intent.staged).value());
  intent.staged_stamp.mtime_ns -= kSecond;
  intent.kept_at = RelPath::Trusted(".atozsync/versions/S/Smith12/x.jpg~1");
  intent.row = b.index().Get(intent.path).value();
  batch.intents.push_back(intent);
  ASSERT_TRUE(b.index().Commit(batch).ok());
  b.Start();
  ASSERT_TRUE(c_.Settle());
  c_.RunFor(5'000);
  std::vector<ConflictRecord> conflicts = c_.node("A").index().Conflicts();
  ASSERT_EQ(conflicts.size(), 1u) << c_.Describe();
  EXPECT_EQ(conflicts[0].kind, ConflictKind::kLateWrite);
  EXPECT_EQ(conflicts[0].path.str(), kFile);
  EXPECT_EQ(c_.Read("B", kFile), "new");
  ExpectConverged(c_);
}

// A swap died after its exchange, and a program had written to what came out: recovery takes it
// back. Until then the new file stood in the folder, and somebody has opened it.
TEST_F(ScenarioKept, WhatStoodThereUntilRecoveryIsLookedAtAgain) {
  Replace(kFile);
  SimNode& b = c_.node("B");
  b.KillProcess();
  Intent intent;
  intent.path = RelPath::Trusted(kFile);
  intent.staged = RelPath::Trusted(".atozsync/staging/1-1");
  intent.kept_at = RelPath::Trusted(".atozsync/versions/S/Smith12/x.jpg~1");
  intent.row = b.index().Get(intent.path).value();
  intent.old_stamp = intent.row.stamp;
  intent.row.version.hash = HashOf(SimClusterSecret(), AsBytes("placed"));
  ASSERT_TRUE(b.files().WriteFile(intent.staged.str(), "written to what came out").ok());
  c_.NoteWritten("written to what came out");
  ASSERT_TRUE(b.files().Remove(kFile).ok());
  ASSERT_TRUE(b.files().WriteFile(kFile, "placed").ok());
  intent.staged_stamp = FileStamp::Of(b.files().Stat(intent.path).value());
  std::unique_ptr<File> open = b.files().OpenAsUser(kFile).value();
  IndexBatch batch;
  batch.intents.push_back(intent);
  ASSERT_TRUE(b.index().Commit(batch).ok());
  b.Start();
  ASSERT_TRUE(c_.Settle());
  EXPECT_EQ(c_.Read("A", kFile), "written to what came out");
  EXPECT_TRUE(b.index().Conflicts().empty()) << "nobody has written to it so far";
  c_.NoteWritten("saved at last");
  ASSERT_TRUE(open->WriteAt(0, AsBytes("saved at last")).ok());
  open.reset();
  c_.RunFor(60'000);
  std::vector<ConflictRecord> conflicts = c_.node("A").index().Conflicts();
  ASSERT_EQ(conflicts.size(), 1u) << c_.Describe();
  EXPECT_EQ(conflicts[0].kind, ConflictKind::kLateWrite);
  EXPECT_EQ(conflicts[0].loser.hash, HashOf(SimClusterSecret(), AsBytes("saved at last")));
  ExpectConverged(c_);
}

// The path of a name that had to be cut cannot be read from it.
TEST_F(ScenarioKept, WhatHasARowGetsNoSecondOne) {
  const std::string long_name = "S/Smith12/" + std::string(220, 'n') + ".jpg";
  for (const std::string& path : {std::string(kFile), long_name}) {
    Replace(path);
    size_t rows = c_.node("B").index().NewestKept(100).size();
    c_.node("B").KillProcess();
    c_.node("B").Start();
    ASSERT_TRUE(c_.Settle());
    EXPECT_EQ(c_.node("B").index().NewestKept(100).size(), rows);
  }
  ExpectConverged(c_);
}

}  // namespace
}  // namespace atozsync
