// Two people, one path: every way in which versions can meet, and what people do about it.
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "tests/sim/checkers.h"
#include "tests/sim/sim_cluster.h"

namespace atozsync {
namespace {

constexpr char kFile[] = "S/Smith12/x.jpg";

class ScenarioConflict : public ::testing::Test {
 protected:
  // Both have `base` (nothing when it is empty), then they lose sight of each other.
  void Diverge(const std::string& base) {
    if (!base.empty()) c_.Write("A", kFile, base);
    c_.StartAll();
    ASSERT_TRUE(c_.Settle());
    c_.Partition("A", "B");
  }
  void Meet() {
    ASSERT_TRUE(c_.Settle());
    c_.HealAll();
    ASSERT_TRUE(c_.Settle());
  }
  std::vector<ConflictRecord> Conflicts(const std::string& node) {
    return c_.node(node).index().Conflicts();
  }
  void Resolve(const std::string& node, Keep keep) {
    auto answer = std::make_shared<std::optional<Status>>();
    c_.node(node).replica().ResolveConflict(Conflicts(node).at(0).id, keep,
                                            [answer](Status status) { *answer = status; });
    for (int i = 0; i < 100 && !*answer; ++i) c_.RunFor(100);
    ASSERT_TRUE(answer->has_value());
    EXPECT_TRUE((*answer)->ok()) << (*answer)->ToString();
    ASSERT_TRUE(c_.Settle());
  }
  void MakeEditConflict() {
    Diverge("base");
    c_.Write("A", kFile, "of A");
    c_.RunFor(2'000);
    c_.Write("B", kFile, "of B, later");
    Meet();
    ASSERT_EQ(Conflicts("A").size(), 1u);
  }

  SimCluster c_{21};
};

TEST_F(ScenarioConflict, EditEditKeepsTheLoserEverywhere) {
  MakeEditConflict();
  EXPECT_EQ(Conflicts("A")[0].kind, ConflictKind::kEditEdit);
  EXPECT_EQ(Conflicts("A"), Conflicts("B"));
  EXPECT_EQ(c_.Read("A", kFile), c_.Read("B", kFile));
  ExpectConverged(c_);  // compares records, and looks for the losing bytes on both
}

TEST_F(ScenarioConflict, CreateCreateWithOtherContent) {
  Diverge("");
  c_.Write("A", kFile, "of A");
  c_.Write("B", kFile, "of B");
  Meet();
  ASSERT_EQ(Conflicts("B").size(), 1u);
  EXPECT_EQ(Conflicts("B")[0].kind, ConflictKind::kCreateCreate);
  ExpectConverged(c_);
}

TEST_F(ScenarioConflict, CreateCreateWithEqualContentIsNone) {
  Diverge("");
  c_.Write("A", kFile, "the same");
  c_.RunFor(500);
  c_.Write("B", kFile, "the same");
  uint64_t bytes = c_.content_bytes_received();
  Meet();
  EXPECT_TRUE(Conflicts("A").empty());
  EXPECT_TRUE(Conflicts("B").empty());
  EXPECT_EQ(c_.content_bytes_received(), bytes);
  ExpectConverged(c_);
}

TEST_F(ScenarioConflict, EditAgainstDeletionKeepsTheEdit) {
  Diverge("base");
  c_.Write("A", kFile, "edited");
  c_.RunFor(2'000);
  c_.Delete("B", kFile);  // later, and loses nevertheless
  Meet();
  EXPECT_EQ(c_.Read("B", kFile), "edited");
  ASSERT_EQ(Conflicts("A").size(), 1u);
  EXPECT_EQ(Conflicts("A")[0].kind, ConflictKind::kEditDelete);
  ExpectConverged(c_);
}

TEST_F(ScenarioConflict, DeletionOnBothSidesIsNone) {
  Diverge("base");
  c_.Delete("A", kFile);
  c_.Delete("B", kFile);
  Meet();
  EXPECT_TRUE(Conflicts("A").empty());
  EXPECT_FALSE(c_.node("A").files().Exists(kFile));
  ExpectConverged(c_);
}

TEST_F(ScenarioConflict, DirectoryDeletedWhileAFileIsMadeInIt) {
  Diverge("base");
  c_.Delete("A", "S/Smith12");
  c_.Write("B", "S/Smith12/new.jpg", "new");
  Meet();
  EXPECT_EQ(c_.Read("A", "S/Smith12/new.jpg"), "new");
  EXPECT_FALSE(c_.node("B").files().Exists(kFile));
  ExpectConverged(c_);
}

TEST_F(ScenarioConflict, FileAgainstDirectory) {
  Diverge("");
  c_.Write("A", "S/Smith12/thing", "a file");
  c_.Write("B", "S/Smith12/thing/inside", "in a directory");
  Meet();
  EXPECT_EQ(c_.Read("A", "S/Smith12/thing/inside"), "in a directory");
  ASSERT_EQ(Conflicts("A").size(), 1u);
  EXPECT_EQ(Conflicts("A")[0].kind, ConflictKind::kType);
  ExpectConverged(c_);
}

TEST_F(ScenarioConflict, NamesThatDifferInCaseOnly) {
  Diverge("");
  c_.Write("A", "S/Smith12/scan.jpg", "small");
  c_.Write("B", "S/Smith12/Scan.JPG", "large");
  Meet();
  EXPECT_EQ(c_.Read("A", "S/Smith12/Scan.JPG"), "large");
  EXPECT_EQ(c_.Read("B", "S/Smith12/scan.jpg"), "small");
  ASSERT_EQ(Conflicts("A").size(), 1u);
  EXPECT_EQ(Conflicts("A")[0].kind, ConflictKind::kCase);
  ExpectConverged(c_);
  c_.Delete("B", "S/Smith12/scan.jpg");
  ASSERT_TRUE(c_.Settle());
  EXPECT_EQ(Conflicts("A")[0].state, ConflictState::kGone);
  ExpectConverged(c_);
}

TEST_F(ScenarioConflict, ResolveForTheLoser) {
  MakeEditConflict();
  std::string winner = c_.Read("A", kFile);
  Resolve("A", Keep::kLoser);
  EXPECT_NE(c_.Read("B", kFile), winner);
  EXPECT_EQ(Conflicts("B")[0].state, ConflictState::kKeptLoser);
  ExpectConverged(c_);
}

TEST_F(ScenarioConflict, ResolveForTheLoserWhereItWasNotMade) {
  MakeEditConflict();
  std::string winner = c_.Read("A", kFile);
  Resolve("B", Keep::kLoser);
  EXPECT_NE(c_.Read("A", kFile), winner);
  EXPECT_EQ(Conflicts("A")[0].state, ConflictState::kKeptLoser);
  ExpectConverged(c_);
}

TEST_F(ScenarioConflict, ResolveForTheWinner) {
  MakeEditConflict();
  std::string winner = c_.Read("A", kFile);
  Resolve("B", Keep::kWinner);
  EXPECT_EQ(c_.Read("A", kFile), winner);
  EXPECT_EQ(Conflicts("A")[0].state, ConflictState::kKeptWinner);
  EXPECT_EQ(c_.node("A").replica().Report().conflicts_open, 0u);
  ExpectConverged(c_);
}

TEST_F(ScenarioConflict, ResolveForBoth) {
  MakeEditConflict();
  Tree before = c_.node("A").files().UserTree();
  Resolve("A", Keep::kBoth);
  Tree after = c_.node("B").files().UserTree();
  EXPECT_EQ(after.size(), before.size() + 1);
  for (const auto& [path, entry] : after) {
    if (before.contains(path)) continue;
    EXPECT_TRUE(path.starts_with("S/Smith12/")) << path;
    c_.AllowPath(path);
  }
  EXPECT_EQ(Conflicts("B")[0].state, ConflictState::kKeptBoth);
  ExpectConverged(c_);
}

TEST_F(ScenarioConflict, ResolvingTwiceIsRefused) {
  MakeEditConflict();
  Resolve("A", Keep::kWinner);
  auto answer = std::make_shared<Status>();
  c_.node("B").replica().ResolveConflict(Conflicts("B")[0].id, Keep::kLoser,
                                         [answer](Status status) { *answer = status; });
  c_.RunFor(1'000);
  EXPECT_TRUE(answer->Is(Errc::kExists)) << answer->ToString();
}

TEST_F(ScenarioConflict, WhatIsSavedAfterADecisionIsNotReplacedByIt) {
  MakeEditConflict();
  SimFileSystem& files = c_.node("A").files();
  bool saved = false;
  files.SetHook([&](FsCall call, const RelPath&, const RelPath&) {  // in the last moment
    if (call == FsCall::kExchange && !std::exchange(saved, true)) {
      c_.Write("A", kFile, "saved meanwhile");
    }
  });
  auto answer = std::make_shared<std::optional<Status>>();
  c_.node("A").replica().ResolveConflict(Conflicts("A").at(0).id, Keep::kLoser,
                                         [answer](Status status) { *answer = status; });
  for (int i = 0; i < 100 && !*answer; ++i) c_.RunFor(100);
  files.SetHook(nullptr);
  ASSERT_TRUE(answer->has_value());
  EXPECT_TRUE((*answer)->Is(Errc::kInvalid)) << (*answer)->ToString();
  ASSERT_TRUE(c_.Settle());
  EXPECT_EQ(c_.Read("B", kFile), "saved meanwhile");
  EXPECT_EQ(Conflicts("B").at(0).state, ConflictState::kOpen);
  ExpectConverged(c_);
}

TEST_F(ScenarioConflict, ResolvedDifferentlyOnBothSides) {
  MakeEditConflict();
  c_.Partition("A", "B");
  Resolve("A", Keep::kLoser);
  Resolve("B", Keep::kWinner);
  Meet();
  EXPECT_EQ(Conflicts("A"), Conflicts("B"));
  EXPECT_NE(Conflicts("A")[0].state, ConflictState::kOpen);
  ExpectConverged(c_);
}

TEST_F(ScenarioConflict, EditAfterAConflictIsNoConflict) {
  MakeEditConflict();
  c_.Write("A", kFile, "after it");
  ASSERT_TRUE(c_.Settle());
  EXPECT_EQ(c_.Read("B", kFile), "after it");
  EXPECT_EQ(Conflicts("B").size(), 1u);
  ExpectConverged(c_);
}

TEST_F(ScenarioConflict, RestoreBringsADeletedFileBack) {
  Diverge("base");
  Meet();
  c_.Delete("A", kFile);
  ASSERT_TRUE(c_.Settle());
  RelPath path = RelPath::Trusted(kFile);
  std::vector<HistoryEntry> history = c_.node("B").replica().History(path);
  ASSERT_FALSE(history.empty());
  auto answer = std::make_shared<std::optional<Status>>();
  ASSERT_EQ(history.size(), 2u) << "the deletion, and what was deleted";
  c_.node("B").replica().Restore(path, history[1].id,
                                 [answer](Status status) { *answer = status; });
  for (int i = 0; i < 100 && !*answer; ++i) c_.RunFor(100);
  ASSERT_TRUE(answer->has_value());
  EXPECT_TRUE((*answer)->ok()) << (*answer)->ToString();
  ASSERT_TRUE(c_.Settle());
  EXPECT_EQ(c_.Read("A", kFile), "base");
  ExpectConverged(c_);
}

TEST(ScenarioConflictOfThree, ThreeEditsOfOneFile) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    SimCluster c(seed, {"A", "B", "C"});
    c.Write("A", kFile, "base");
    c.StartAll();
    ASSERT_TRUE(c.Settle());
    c.Partition("A", "B");
    c.Partition("A", "C");
    c.Partition("B", "C");
    c.Write("A", kFile, "of A");
    c.Write("B", kFile, "of B");
    c.Write("C", kFile, "of C");
    ASSERT_TRUE(c.Settle());
    c.HealAll();
    ExpectConverged(c);
    EXPECT_EQ(c.node("A").index().open_conflicts(), 2u);
    if (HasFailure()) return;
  }
}

// The losing bytes are nowhere in reach at first: C comes to rest without them although each
// regular scan looks for them, and asks at once when one comes that has them.
TEST(ScenarioConflictOfThree, LosingBytesAreAskedForAgainWhenAPeerComes) {
  SimCluster c(33, {"A", "B", "C"}, [](SimNodeOptions& options) {
    options.adjust = [](ReplicaOptions& engine) { engine.rescan_interval_ms = 5'000; };
  });
  c.Write("A", kFile, "base");
  c.StartAll();
  ASSERT_TRUE(c.Settle());
  c.Partition("A", "B");
  c.Partition("A", "C");
  c.Partition("B", "C");
  c.Write("A", kFile, "of A");
  c.RunFor(2'000);
  c.Write("B", kFile, "of B, later");
  c.Heal("A", "B");
  ASSERT_TRUE(c.Settle());
  ConflictRecord conflict = c.node("A").index().Conflicts().at(0);
  RelPath kept = *c.node("A").replica().ConflictKeptAt(conflict);
  ASSERT_TRUE(c.node("A").files().SetNodeError(kept.str(), EACCES));
  c.Heal("A", "C");
  ASSERT_TRUE(c.Settle());
  ASSERT_FALSE(c.node("C").replica().ConflictKeptAt(conflict));
  // It asks again and again, but that is no work to wait for.
  for (int i = 0; i < 30'000; ++i) {
    c.RunFor(5);
    ASSERT_NE(c.node("C").replica().Report().state, ReplicaState::kSyncing) << c.Describe();
  }

  c.Heal("B", "C");
  auto connected = [&] {
    const std::vector<PeerReport> peers = c.node("C").replica().Report().peers;
    return std::all_of(peers.begin(), peers.end(), [](const auto& peer) { return peer.connected; });
  };
  for (int i = 0; i < 10'000 && !connected(); ++i) c.RunFor(10);
  c.RunFor(1'000);
  EXPECT_TRUE(c.node("C").replica().ConflictKeptAt(conflict));
  c.node("A").files().ClearFailures();
  ExpectConverged(c);
}

// The losing bytes cannot be read where they are until the spokes of a hub have given up. When they
// reach the hub, B does not rest without them.
TEST(ScenarioConflictOfThree, LosingBytesThatReachAHubLateReachItsSpokes) {
  SimCluster c(34, {"Hub", "B", "C"});
  c.Sever("B", "C");
  c.Write("Hub", kFile, "base");
  c.StartAll();
  ASSERT_TRUE(c.Settle());
  c.Partition("Hub", "C");
  c.Write("C", kFile, "of C");
  c.RunFor(61'000);  // longer than their clocks differ
  c.Write("Hub", kFile, "of the hub, later");
  ASSERT_TRUE(c.Settle());
  ASSERT_TRUE(c.node("C").files().SetNodeError(kFile, EACCES));
  c.Heal("Hub", "C");
  auto known = [&](const char* name) { return !c.node(name).index().Conflicts().empty(); };
  for (int i = 0; i < 1'000 && !(known("Hub") && known("B")); ++i) c.RunFor(100);
  ASSERT_TRUE(known("Hub") && known("B")) << c.Describe();
  c.RunFor(40'000);
  c.Partition("Hub", "C");
  c.network().ResetConnections("Hub", "C");
  ConflictRecord conflict = c.node("Hub").index().Conflicts().at(0);
  ASSERT_FALSE(c.node("Hub").replica().ConflictKeptAt(conflict));
  ASSERT_FALSE(c.node("B").replica().ConflictKeptAt(conflict));

  c.node("C").files().ClearFailures();
  c.Heal("Hub", "C");
  auto kept = [&](const char* name) {
    return c.node(name).replica().ConflictKeptAt(conflict).has_value();
  };
  for (int i = 0; i < 10'000 && !kept("Hub"); ++i) c.RunFor(10);
  ASSERT_TRUE(kept("Hub")) << c.Describe();
  c.RunFor(1'000);
  EXPECT_TRUE(kept("B")) << c.Describe();
  ExpectConverged(c);
}

}  // namespace
}  // namespace atozsync
