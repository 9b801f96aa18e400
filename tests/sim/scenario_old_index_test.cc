// An index that was rolled back or lost, and what only it knew.
#include <gtest/gtest.h>

#include "sync/engine/layout.h"
#include "tests/sim/checkers.h"
#include "tests/sim/sim_cluster.h"

namespace atozsync {
namespace {

constexpr char kFile[] = "S/Smith12/letter.doc";

bool IsLoser(SimNode& node, const std::string& content) {
  for (const ConflictRecord& record : node.index().Conflicts()) {
    std::optional<RelPath> kept = node.replica().ConflictKeptAt(record);
    if (kept && node.files().ReadFile(kept->str()) == content) return true;
  }
  return false;
}

// Rolled back, where the first peers to be heard know of its later changes only from others: the
// edit made on the old index gets a counter that others know for something else, and would look
// older than what it was never compared with.
TEST(ScenarioOldIndex, EditBeforeItIsNoticedIsNotTakenForAnOlderOne) {
  SimCluster c(71, {"A", "B", "C"});
  c.Write("A", kFile, "1");
  c.StartAll();
  ASSERT_TRUE(c.Settle());
  std::unique_ptr<MemIndex> older = c.node("A").index().Clone();
  c.Partition("A", "C");  // hears of what follows from B only
  c.network().ResetConnections("A", "C");
  for (const char* content : {"2", "3", "4"}) {
    c.Write("A", kFile, content);
    ASSERT_TRUE(c.Settle());
  }
  ASSERT_EQ(c.Read("C", kFile), "4");

  c.node("A").KillProcess();
  c.node("A").PutIndexBack(std::move(older));
  c.Partition("A", "B");
  c.Write("A", kFile, "made on the old index");
  c.node("A").Start();
  ASSERT_TRUE(c.Settle());
  c.Heal("A", "C");
  ASSERT_TRUE(c.Settle());
  c.HealAll();
  ASSERT_TRUE(c.Settle());
  bool live = c.Read("A", kFile) == "made on the old index";
  EXPECT_TRUE(live || IsLoser(c.node("A"), "made on the old index")) << c.Describe();
  ExpectConverged(c);
}

// A machine is set back a second time: the index that was made after the first time is what the
// others know, and the sequences of the old one tell them nothing. It has to be noticed all the
// same: what went meanwhile would be taken for a deletion made here.
TEST(ScenarioOldIndex, OneThatHadBeenReplacedByANewerOneIsNoticed) {
  for (bool dials : {true, false}) {
    SimCluster c(72, {"A", "B"});
    c.Write("A", kFile, "1");
    c.StartAll();
    ASSERT_TRUE(c.Settle());
    SimNode& back = c.node(dials ? "A" : "B");
    const std::string other = dials ? "B" : "A";
    std::unique_ptr<MemIndex> older = back.index().Clone();
    back.KillProcess();
    back.LoseIndex();
    back.Start();
    ASSERT_TRUE(c.Settle());
    c.Delete(other, kFile);
    ASSERT_TRUE(c.Settle());
    FileVersion deletion = c.node(other).index().Get(RelPath::Trusted(kFile))->version;

    back.KillProcess();
    back.PutIndexBack(std::move(older));
    back.Start();
    ASSERT_TRUE(c.Settle());
    ExpectConverged(c);
    std::optional<IndexRow> now = c.node(other).index().Get(RelPath::Trusted(kFile));
    EXPECT_TRUE(!now || now->version.vector == deletion.vector) << c.Describe();
  }
}

// A deleted the file, and all but D have forgotten that when D makes it anew: A hears of its own
// deletion in what D's file became by a conflict. That is no rollback: what was saved over the
// loser of that conflict is no second one.
TEST(ScenarioOldIndex, OnesOwnForgottenDeletionIsNoSignOfARollback) {
  SimCluster c(73, {"A", "B", "C", "D"});
  c.Write("A", kFile, "1");
  for (const char* name : {"A", "B", "C"}) c.node(name).Start();
  c.RunFor(1'000);
  c.node("D").Start();  // its rounds of forgetting come last
  ASSERT_TRUE(c.Settle());
  c.Delete("A", kFile);
  auto knows = [&](const char* name) {
    return c.node(name).index().Get(RelPath::Trusted(kFile)).has_value();
  };
  for (int i = 0; i < 10'000 && (knows("A") || knows("B") || knows("C")); ++i) c.RunFor(10);
  ASSERT_FALSE(knows("A") || knows("B") || knows("C")) << c.Describe();
  ASSERT_TRUE(knows("D")) << c.Describe();

  for (const char* other : {"A", "B", "C"}) {
    c.Partition("D", other);
    c.network().ResetConnections("D", other);
  }
  c.Write("D", kFile, "of D");
  c.RunFor(61'000);  // longer than their clocks differ
  c.Write("B", kFile, "of B, later");
  ASSERT_TRUE(c.Settle());
  for (const char* other : {"A", "B"}) {
    c.Partition("C", other);
    c.network().ResetConnections("C", other);
  }
  c.Heal("C", "D");
  ASSERT_TRUE(c.Settle());
  ASSERT_EQ(c.Read("D", kFile), "of B, later") << c.Describe();
  ASSERT_EQ(c.node("D").index().Conflicts().size(), 1u);
  c.Write("B", kFile, "saved over it");
  ASSERT_TRUE(c.Settle());
  c.HealAll();
  ASSERT_TRUE(c.Settle());
  EXPECT_EQ(c.node("A").index().Conflicts().size(), 1u) << c.Describe();
  EXPECT_EQ(c.Read("A", kFile), "saved over it");
  ExpectConverged(c);
}

// B's edit lost a conflict, and the program that made it keeps the file open. B's index goes, and
// with it what the kept bytes were; then the program saves once more.
class ScenarioLostIndex : public ::testing::Test {
 protected:
  void LoseAConflict() {
    c_.Write("A", kFile, "base");
    c_.StartAll();
    ASSERT_TRUE(c_.Settle());
    c_.Partition("A", "B");
    c_.Write("B", kFile, "of B");
    c_.RunFor(2'000);
    c_.Write("A", kFile, "of A, later");
    Open(kFile);
    ASSERT_TRUE(c_.Settle());
    c_.HealAll();
    ASSERT_TRUE(c_.Settle());
    ASSERT_EQ(c_.Read("B", kFile), "of A, later");
  }
  static std::string Text(File& file) {
    char text[100];
    Result<size_t> count = file.ReadAt(0, {reinterpret_cast<uint8_t*>(text), sizeof text});
    return count.ok() ? std::string(text, *count) : "(nothing)";
  }
  void Open(const std::string& path) {
    Result<std::unique_ptr<File>> opened = c_.node("B").files().OpenAsUser(path);
    ASSERT_TRUE(opened.ok());
    handle_ = std::move(opened).value();
  }
  // Which of the files with the losing bytes the program has open depends on who hears of whom
  // first.
  void OpenTheConflictsCopy() {
    for (const KeptVersion& kept : c_.node("B").index().NewestKept(10)) {
      if (layout::ConflictOfCopy(kept.kept_at).ok()) Open(std::string(kept.kept_at.str()));
    }
    ASSERT_EQ(Text(*handle_), "of B");
  }
  void LoseIndex() {
    c_.node("B").KillProcess();
    c_.node("B").LoseIndex();
  }
  void StartAndSaveOnceMore() {
    c_.node("B").Start();
    c_.RunFor(1'000);
    ASSERT_TRUE(handle_->WriteAt(0, AsBytes("saved once more")).ok());
    handle_.reset();
    c_.NoteWritten("saved once more");
    c_.RunFor(60'000);
  }
  void ExpectBothConflictsEverywhere() {
    ASSERT_TRUE(c_.Settle());
    for (const char* name : {"A", "B"}) {
      SCOPED_TRACE(name);
      std::vector<ConflictRecord> found = c_.node(name).index().Conflicts();
      ASSERT_EQ(found.size(), 2u) << c_.Describe();
      for (const ConflictRecord& record : found) EXPECT_EQ(record.path.str(), kFile);
      EXPECT_TRUE(IsLoser(c_.node(name), "of B"));
      EXPECT_TRUE(IsLoser(c_.node(name), "saved once more"));
    }
    ExpectConverged(c_);
  }

  SimCluster c_{72};
  std::unique_ptr<File> handle_;
};

TEST_F(ScenarioLostIndex, LateWriteToAKeptVersionIsLogged) {
  LoseAConflict();
  LoseIndex();
  StartAndSaveOnceMore();
  ExpectBothConflictsEverywhere();
}

TEST_F(ScenarioLostIndex, LateWriteToAConflictsCopyIsLogged) {
  LoseAConflict();
  OpenTheConflictsCopy();
  LoseIndex();
  StartAndSaveOnceMore();
  ExpectBothConflictsEverywhere();
}

TEST_F(ScenarioLostIndex, LateWriteIsLoggedOnceItsConflictIsKnown) {
  LoseAConflict();
  OpenTheConflictsCopy();
  LoseIndex();
  c_.Partition("A", "B");
  StartAndSaveOnceMore();
  EXPECT_TRUE(c_.node("B").index().Conflicts().empty());
  c_.HealAll();
  ASSERT_TRUE(c_.Settle());
  c_.RunFor(60'000);
  ExpectBothConflictsEverywhere();
}

}  // namespace
}  // namespace atozsync
