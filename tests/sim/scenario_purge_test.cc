// How long what was replaced or deleted is kept, and that clocks which are wrong do not shorten it.
#include <gtest/gtest.h>

#include <cerrno>

#include "sync/engine/meta_keys.h"
#include "tests/sim/checkers.h"
#include "tests/sim/sim_cluster.h"

namespace atozsync {
namespace {

constexpr int64_t kHourMs = 3'600'000;
constexpr int64_t kYearNs = int64_t{365} * 24 * 3'600 * kSecond;
constexpr int kMany = 450;  // more than two pages of the purger

std::string Name(int i) {
  return "S/Smith12/" + std::to_string(i) + ".jpg";
}

class ScenarioPurge : public ::testing::Test {
 protected:
  void Have(int files) {
    for (int i = 0; i < files; ++i) c_.Write("A", Name(i), "first " + std::to_string(i));
    c_.StartAll();
    ASSERT_TRUE(c_.Settle());
  }
  size_t KeptOnB() { return c_.node("B").index().NewestKept(10'000).size(); }
  // B's next life is one of long after.
  void LetRetentionEnd() {
    SimNode& b = c_.node("B");
    b.KillProcess();
    IndexBatch batch;
    batch.meta[meta::kRetention] =
        std::to_string(b.clock().WallMs() + ReplicaOptions().keep_versions_ms + kHourMs);
    ASSERT_TRUE(b.index().Commit(batch).ok());
    b.Start();
  }

  // A conflict whose losing bytes are the oldest that B has kept, as if found by a third replica.
  ConflictRecord ConflictAboutKept() {
    SimNode& b = c_.node("B");
    KeptVersion kept = b.index().KeptBefore(INT64_MAX, 1).at(0);
    ConflictRecord record;
    record.path = kept.path;
    record.kind = ConflictKind::kEditEdit;
    record.loser = kept.version;
    record.winner = b.index().Get(kept.path)->version;
    record.id = ConflictId(record.path, record.kind, record.loser);
    record.rule = "edit-edit-keep";
    return record;
  }
  void Learn(const ConflictRecord& record) {
    IndexBatch batch;
    batch.conflicts.push_back(record);
    ASSERT_TRUE(c_.node("B").index().Commit(batch).ok());
  }
  std::string LosingBytesOnB(const ConflictRecord& record) {
    std::optional<RelPath> kept = c_.node("B").replica().ConflictKeptAt(record);
    return kept ? c_.node("B").files().ReadFile(kept->str()).value_or("no file") : "no row";
  }
  // B keeps what A saved over; the same bytes stand elsewhere, too.
  void HaveReplaced() {
    Have(1);
    c_.Write("A", "S/copy.jpg", "first 0");
    c_.Write("A", Name(0), "second");
    ASSERT_TRUE(c_.Settle());
    c_.Partition("A", "B");  // a new connection would make B look for all losing bytes anew
  }

  SimCluster c_{33};
};

TEST_F(ScenarioPurge, AClockThatIsAYearAheadPurgesNothing) {
  Have(1);
  c_.Delete("A", Name(0));
  ASSERT_TRUE(c_.Settle());
  ASSERT_EQ(KeptOnB(), 1u);
  SimNode& b = c_.node("B");
  b.clock().JumpWall(kYearNs);
  c_.RunFor(3 * kHourMs);
  b.KillProcess();
  b.Start();
  c_.RunFor(3 * kHourMs);
  EXPECT_EQ(KeptOnB(), 1u);
  ExpectConverged(c_);
}

TEST_F(ScenarioPurge, WhatIsKeptUnderAClockOf1970StaysKept) {
  Have(1);
  SimNode& b = c_.node("B");
  b.clock().JumpWall(-b.clock().WallNs());
  c_.Delete("A", Name(0));
  ASSERT_TRUE(c_.Settle());
  ASSERT_EQ(KeptOnB(), 1u);
  b.clock().JumpWall(c_.node("A").clock().WallNs() - b.clock().WallNs());
  c_.RunFor(3 * kHourMs);
  EXPECT_EQ(KeptOnB(), 1u);
  ExpectConverged(c_);
}

TEST_F(ScenarioPurge, AllThatIsOldGoesWithoutWaitingForTheNextHour) {
  Have(kMany);
  for (int i = 0; i < kMany; ++i) c_.Delete("A", Name(i));
  ASSERT_TRUE(c_.Settle());
  ASSERT_EQ(KeptOnB(), size_t{kMany});
  LetRetentionEnd();
  c_.RunFor(60'000);
  EXPECT_EQ(KeptOnB(), 0u);
}

// The file is gone by then, and its row would show a version that nobody can restore.
TEST_F(ScenarioPurge, WhatFailsIsTriedAgainWithoutWaitingForTheNextHour) {
  Have(1);
  c_.Delete("A", Name(0));
  ASSERT_TRUE(c_.Settle());
  int failures = 0;
  SimFileSystem& files = c_.node("B").files();
  files.SetHook([&](FsCall call, const RelPath& path, const RelPath&) {
    bool of_kept = path.str().starts_with(".atozsync/versions/");
    if (call != FsCall::kSyncDir || !of_kept || failures == 6) return;
    ++failures;
    files.FailCall(call, 1, EIO);
  });
  LetRetentionEnd();
  c_.RunFor(60'000);
  files.SetHook(nullptr);
  EXPECT_EQ(failures, 6);
  EXPECT_EQ(KeptOnB(), 0u);
}

// It may hold what a user has saved last.
TEST_F(ScenarioPurge, WhatCannotBeReadStays) {
  Have(1);
  c_.Delete("A", Name(0));
  ASSERT_TRUE(c_.Settle());
  SimFileSystem& files = c_.node("B").files();
  const std::string kept = c_.node("B").index().NewestKept(1).at(0).kept_at.str();
  ASSERT_TRUE(files.WriteFile(kept, "late").ok());
  c_.NoteWritten("late");
  ASSERT_TRUE(files.SetNodeError(kept, EACCES));
  LetRetentionEnd();
  c_.RunFor(60'000);
  EXPECT_EQ(KeptOnB(), 1u);
  ASSERT_TRUE(files.SetNodeError(kept, 0));
  c_.RunFor(2 * kHourMs);
  EXPECT_EQ(c_.node("A").index().Conflicts().size(), 1u);
  ExpectConverged(c_);
}

TEST_F(ScenarioPurge, AnIndexThatIsOlderThanThePurgeForgetsWhatIsGone) {
  Have(1);
  c_.Delete("A", Name(0));
  ASSERT_TRUE(c_.Settle());
  SimNode& b = c_.node("B");
  std::unique_ptr<MemIndex> older = b.index().Clone();
  LetRetentionEnd();
  c_.RunFor(60'000);
  ASSERT_EQ(KeptOnB(), 0u);
  b.KillProcess();
  b.PutIndexBack(std::move(older));
  ASSERT_EQ(KeptOnB(), 1u);
  b.Start();
  EXPECT_TRUE(c_.Settle());
  EXPECT_EQ(KeptOnB(), 0u);
}

// They were there when the conflict became known, so nobody asked the others for them.
TEST_F(ScenarioPurge, LosingBytesThatArePurgedAsTheirConflictBecomesKnownAreFetched) {
  HaveReplaced();
  const ConflictRecord record = ConflictAboutKept();
  bool known = false;
  SimFileSystem& files = c_.node("B").files();
  files.SetHook([&](FsCall call, const RelPath& path, const RelPath&) {
    if (call != FsCall::kRemoveFile || known || !path.str().starts_with(".atozsync/versions/"))
      return;
    known = true;
    Learn(record);
  });
  LetRetentionEnd();
  c_.RunFor(60'000);
  files.SetHook(nullptr);
  ASSERT_TRUE(known);
  EXPECT_EQ(LosingBytesOnB(record), "first 0");
}

TEST_F(ScenarioPurge, AConflictThatBecomesKnownDuringTheLastLookHoldsItsBytes) {
  HaveReplaced();
  const ConflictRecord record = ConflictAboutKept();
  const RelPath kept_at = c_.node("B").index().NewestKept(1).at(0).kept_at;
  bool known = false;
  SimFileSystem& files = c_.node("B").files();
  LetRetentionEnd();
  files.SetHook([&](FsCall call, const RelPath& path, const RelPath&) {
    if (call != FsCall::kStat || known || path != kept_at) return;
    known = true;
    Learn(record);
  });
  c_.RunFor(60'000);
  files.SetHook(nullptr);
  ASSERT_TRUE(known);
  EXPECT_EQ(c_.node("B").replica().ConflictKeptAt(record), kept_at);
  EXPECT_EQ(LosingBytesOnB(record), "first 0");
}

// The file was gone already, only that was not durable: until the keeper's next look its row says
// that the bytes are here.
TEST_F(ScenarioPurge, LosingBytesThatAreHalfPurgedAreFetched) {
  HaveReplaced();
  const ConflictRecord record = ConflictAboutKept();
  bool broken = true;
  SimFileSystem& files = c_.node("B").files();
  files.SetHook([&](FsCall call, const RelPath& path, const RelPath&) {
    bool of_kept = path.str().starts_with(".atozsync/versions/");
    if (call == FsCall::kSyncDir && of_kept && broken) files.FailCall(call, 1, EIO);
  });
  LetRetentionEnd();
  c_.RunFor(10'000);
  ASSERT_EQ(KeptOnB(), 1u);
  Learn(record);
  broken = false;
  c_.RunFor(25'000);  // no rescan falls into it
  files.SetHook(nullptr);
  EXPECT_EQ(LosingBytesOnB(record), "first 0");
}

TEST_F(ScenarioPurge, OpenConflictsAreNotInTheWay) {
  Have(kMany);
  c_.Partition("A", "B");
  for (int i = 0; i < kMany; ++i) c_.Write("A", Name(i), "of A " + std::to_string(i));
  c_.RunFor(2'000);
  for (int i = 0; i < kMany; ++i) c_.Write("B", Name(i), "of B " + std::to_string(i));
  c_.HealAll();
  ASSERT_TRUE(c_.Settle());
  ASSERT_EQ(KeptOnB(), size_t{kMany});
  c_.Write("A", "S/old.txt", "old");
  ASSERT_TRUE(c_.Settle());
  c_.Delete("A", "S/old.txt");
  ASSERT_TRUE(c_.Settle());
  ASSERT_EQ(KeptOnB(), size_t{kMany} + 1);
  LetRetentionEnd();
  c_.RunFor(60'000);
  EXPECT_EQ(KeptOnB(), size_t{kMany});
  EXPECT_TRUE(c_.node("B").index().KeptOf(RelPath::Trusted("S/old.txt")).empty());
}

}  // namespace
}  // namespace atozsync
