// A whole machine – folder and index together – set back to a snapshot of an earlier day, as people
// restore a virtual machine. The others have seen what it did since: its numbers are given away,
// and what it deleted is deleted.
#include <gtest/gtest.h>

#include "tests/sim/checkers.h"
#include "tests/sim/sim_cluster.h"

namespace atozsync {
namespace {

constexpr char kFile[] = "S/Smith12/letter.doc";
constexpr char kOther[] = "S/Smith12/x-ray.jpg";
constexpr char kNew[] = "J/Jones7/new.jpg";

class ScenarioSnapshot : public ::testing::Test {
 protected:
  void Start() {
    c_.Write("A", kFile, "1");
    c_.Write("A", kOther, "picture");
    c_.StartAll();
    ASSERT_TRUE(c_.Settle());
  }
  void TakeSnapshot() {
    disk_ = c_.node("A").files().TakeImage();
    index_ = c_.node("A").index().Clone();
  }
  void CutOff(const char* node) {
    for (const char* other : {"A", "B", "C"}) {
      if (std::string_view(node) == other) continue;
      c_.Partition(node, other);
      c_.network().ResetConnections(node, other);
    }
  }
  // Not started. A snapshot may be put back more than once.
  void SetBack() {
    c_.node("A").KillProcess();
    c_.node("A").files().PutBack(disk_);
    c_.node("A").PutIndexBack(index_->Clone());
  }
  void StartAgain() {
    c_.node("A").Start();
    ASSERT_TRUE(c_.Settle());
  }
  bool Kept(const char* node, const std::string& content) {
    for (const auto& [path, found] : c_.node(node).files().ListKept()) {
      if (found.content == content) return true;
    }
    return false;
  }
  size_t Conflicts() { return c_.node("B").index().Conflicts().size(); }

  static constexpr int64_t kKeepMs = 6 * 3'600'000;
  SimCluster c_{74, {"A", "B", "C"}, [](SimNodeOptions& options) {
                  options.adjust = [](ReplicaOptions& engine) {
                    engine.tombstone_keep_ms = kKeepMs;
                  };
                }};
  SimDiskImage disk_;
  std::unique_ptr<MemIndex> index_;
};

// What it made, saved and deleted since comes from the others: nothing is undone, nobody is asked.
TEST_F(ScenarioSnapshot, WhatItDidSinceComesBackFromTheOthers) {
  Start();
  TakeSnapshot();
  c_.Write("A", kNew, "new");
  c_.Write("A", kFile, "2");
  c_.Delete("A", kOther);
  ASSERT_TRUE(c_.Settle());
  SetBack();
  ASSERT_EQ(c_.Read("A", kFile), "1");
  StartAgain();
  for (const char* name : {"A", "B", "C"}) {
    EXPECT_EQ(c_.Read(name, kNew), "new") << name;
    EXPECT_EQ(c_.Read(name, kFile), "2") << name;
    EXPECT_EQ(c_.Read(name, kOther), "(nothing)") << name;
  }
  EXPECT_EQ(Conflicts(), 0u) << c_.Describe();
  ExpectConverged(c_);
}

// All members had the deletion, and nothing else speaks for remembering it – but for such a
// machine.
TEST_F(ScenarioSnapshot, ADeletionOfTheseDaysIsNotUndone) {
  Start();
  TakeSnapshot();
  c_.Delete("A", kOther);
  ASSERT_TRUE(c_.Settle());
  c_.RunFor(kKeepMs / 2);
  SetBack();
  StartAgain();
  for (const char* name : {"A", "B", "C"}) EXPECT_EQ(c_.Read(name, kOther), "(nothing)") << name;
  ExpectConverged(c_);
}

// An older one is forgotten everywhere: nobody can tell then that the file is not a new one.
TEST_F(ScenarioSnapshot, AnOlderDeletionIsForgotten) {
  Start();
  TakeSnapshot();
  c_.Delete("A", kOther);
  ASSERT_TRUE(c_.Settle());
  // A clock that jumps a year ahead does not make it old at once (sync/engine/retention_clock.h).
  c_.node("B").clock().JumpWall(int64_t{365} * 24 * 3'600 * kSecond);
  c_.RunFor(kKeepMs / 20);
  EXPECT_TRUE(c_.node("B").index().Get(RelPath::Trusted(kOther)).has_value());
  c_.RunFor(2 * kKeepMs);
  for (const char* name : {"A", "C"}) {
    EXPECT_FALSE(c_.node(name).index().Get(RelPath::Trusted(kOther)).has_value()) << name;
  }
  SetBack();
  StartAgain();
  ExpectConverged(c_);
}

// Somebody works on it before it hears of the others: his edit was made to what stood there then.
TEST_F(ScenarioSnapshot, AnEditOfTheOldContentIsAConflict) {
  Start();
  TakeSnapshot();
  c_.Write("A", kFile, "2");
  ASSERT_TRUE(c_.Settle());
  CutOff("A");
  SetBack();
  c_.node("A").Start();
  c_.RunFor(2'000);
  c_.Write("A", kFile, "made on the old one");
  c_.Write("A", kNew, "made meanwhile");
  c_.RunFor(5'000);
  c_.HealAll();
  ASSERT_TRUE(c_.Settle());
  for (const char* name : {"A", "B", "C"}) {
    EXPECT_EQ(c_.Read(name, kNew), "made meanwhile") << name;
    for (const char* content : {"2", "made on the old one"}) {
      EXPECT_TRUE(c_.Read(name, kFile) == content || Kept(name, content)) << name << content;
    }
  }
  EXPECT_EQ(Conflicts(), 1u) << c_.Describe();
  ExpectConverged(c_);
}

// What the others did since arrives as it would after a night without a line.
TEST_F(ScenarioSnapshot, WhatOthersDidSinceArrives) {
  Start();
  TakeSnapshot();
  c_.Write("B", kFile, "of B");
  c_.Write("C", kNew, "of C");
  c_.Delete("B", kOther);
  ASSERT_TRUE(c_.Settle());
  SetBack();
  StartAgain();
  EXPECT_EQ(c_.Read("A", kFile), "of B");
  EXPECT_EQ(c_.Read("A", kNew), "of C");
  EXPECT_EQ(c_.Read("A", kOther), "(nothing)");
  EXPECT_EQ(Conflicts(), 0u) << c_.Describe();
  ExpectConverged(c_);
}

// The same snapshot again, after work on the machine that was set back.
TEST_F(ScenarioSnapshot, TwiceToTheSameOne) {
  Start();
  TakeSnapshot();
  c_.Write("A", kFile, "2");
  ASSERT_TRUE(c_.Settle());
  SetBack();
  StartAgain();
  c_.Write("A", kFile, "3");
  c_.Write("A", kNew, "of the second life");
  c_.Delete("A", kOther);
  ASSERT_TRUE(c_.Settle());
  SetBack();
  StartAgain();
  for (const char* name : {"A", "B", "C"}) {
    EXPECT_EQ(c_.Read(name, kFile), "3") << name;
    EXPECT_EQ(c_.Read(name, kNew), "of the second life") << name;
    EXPECT_EQ(c_.Read(name, kOther), "(nothing)") << name;
  }
  EXPECT_EQ(Conflicts(), 0u) << c_.Describe();
  ExpectConverged(c_);
}

// Taken and put back while changes are under way: intents of the snapshot's moment are finished or
// undone, whatever stands elsewhere by then.
TEST_F(ScenarioSnapshot, TakenInTheMiddleOfChanges) {
  for (int pause_ms = 0; pause_ms < 400; pause_ms += 13) {
    SCOPED_TRACE(pause_ms);
    SimCluster c(75, {"A", "B"});
    c.Write("A", kFile, "1");
    c.Write("A", kOther, "picture");
    c.StartAll();
    ASSERT_TRUE(c.Settle());
    c.Write("B", kFile, "2");
    c.Delete("B", kOther);
    c.Write("B", kNew, "new");
    c.RunFor(pause_ms);
    SimDiskImage disk = c.node("A").files().TakeImage();
    std::unique_ptr<MemIndex> index = c.node("A").index().Clone();
    ASSERT_TRUE(c.Settle());
    c.Write("A", kFile, "3");
    ASSERT_TRUE(c.Settle());
    c.node("A").KillProcess();
    c.node("A").files().PutBack(disk);
    c.node("A").PutIndexBack(std::move(index));
    c.node("A").Start();
    ASSERT_TRUE(c.Settle());
    EXPECT_EQ(c.Read("B", kFile), "3") << c.Describe();
    EXPECT_EQ(c.Read("A", kOther), "(nothing)") << c.Describe();
    EXPECT_TRUE(c.node("B").index().Conflicts().empty()) << c.Describe();
    ExpectConverged(c);
  }
}

}  // namespace
}  // namespace atozsync
