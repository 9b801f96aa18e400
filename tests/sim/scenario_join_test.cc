// Coming into the cluster with a folder of one's own, and coming back with a lost or an old index.
#include <gtest/gtest.h>

#include "tests/sim/checkers.h"
#include "tests/sim/sim_cluster.h"

namespace atozsync {
namespace {

std::string FileName(int i) {
  return "S/Smith" + std::to_string(i % 5) + "/" + std::to_string(i) + ".jpg";
}

TEST(ScenarioJoin, CopiedFolderIsAdoptedWithoutContent) {
  SimCluster c(51);
  for (int i = 0; i < 20; ++i) c.Write("A", FileName(i), "content " + std::to_string(i));
  c.MakeDir("A", "Q/empty");
  c.CopyFolder("A", "B");
  // Copying tools lose times, and differ about which.
  c.Touch("B", FileName(3), 1'000'000'000 * kSecond);
  c.Touch("B", FileName(4), 1'900'000'000 * kSecond);
  c.StartAll();
  ASSERT_TRUE(c.Settle());
  EXPECT_EQ(c.content_bytes_received(), 0u);
  EXPECT_TRUE(c.node("A").index().Conflicts().empty());
  EXPECT_EQ(c.node("B").files().UserTree(), c.node("A").files().UserTree());
  ExpectConverged(c);
}

TEST(ScenarioJoin, AuthorityDecidesAboutDifferentFiles) {
  struct Case {
    Authority authority;
    bool inviter_newer;
    const char* wins;
  };
  const Case cases[] = {
      {Authority::kInviter, false, "of the inviter"}, {Authority::kInviter, true, "of the inviter"},
      {Authority::kMine, false, "of the joiner"},     {Authority::kMine, true, "of the joiner"},
      {Authority::kNewest, false, "of the joiner"},   {Authority::kNewest, true, "of the inviter"},
  };
  for (const Case& item : cases) {
    SCOPED_TRACE(static_cast<int>(item.authority));
    SimCluster c(52, {"A", "B"},
                 [&](SimNodeOptions& options) { options.authority = item.authority; });
    c.Write("A", FileName(1), "of the inviter");
    c.Write("B", FileName(1), "of the joiner");
    c.Touch("A", FileName(1), (item.inviter_newer ? 1'700'000'000 : 1'600'000'000) * kSecond);
    c.Touch("B", FileName(1), 1'650'000'000 * kSecond);
    c.Write("B", FileName(2), "only the joiner has it");
    c.StartAll();
    ASSERT_TRUE(c.Settle());
    EXPECT_EQ(c.Read("A", FileName(1)), item.wins);
    EXPECT_EQ(c.Read("A", FileName(2)), "only the joiner has it");
    EXPECT_EQ(c.node("A").index().open_conflicts(), 1u) << "the other one is kept and listed";
    ExpectConverged(c);
  }
}

TEST(ScenarioJoin, OlderVersionInTheCopyIsNoConflict) {
  SimCluster c(53, {"A", "B", "C"});
  c.Write("A", FileName(1), "first");
  c.node("A").Start();
  c.node("B").Start();
  ASSERT_TRUE(c.Settle());
  c.CopyFolder("A", "C");
  c.Write("B", FileName(1), "second");
  ASSERT_TRUE(c.Settle());
  c.node("C").Start();
  ASSERT_TRUE(c.Settle());
  EXPECT_EQ(c.Read("C", FileName(1)), "second");
  EXPECT_TRUE(c.node("A").index().Conflicts().empty());
  ExpectConverged(c);
}

TEST(ScenarioIndex, LostIndexIsRebuiltWithoutInventions) {
  SimCluster c(54, {"A", "B", "C"});
  for (int i = 0; i < 20; ++i) c.Write("A", FileName(i), "content " + std::to_string(i));
  c.StartAll();
  ASSERT_TRUE(c.Settle());
  c.Write("B", FileName(0), "edited");
  c.Delete("C", FileName(1));
  ASSERT_TRUE(c.Settle());
  Tree before = c.node("A").files().UserTree();
  c.node("B").KillProcess();
  c.node("B").LoseIndex();
  c.node("B").Start();
  ASSERT_TRUE(c.Settle());
  for (auto& [name, node] : c.nodes()) {
    EXPECT_EQ(node->files().UserTree(), before) << name;
    EXPECT_TRUE(node->index().Conflicts().empty()) << name;
  }
  ExpectConverged(c);
}

TEST(ScenarioIndex, LostIndexOfTheFounder) {
  SimCluster c(55);
  for (int i = 0; i < 20; ++i) c.Write("A", FileName(i), "content " + std::to_string(i));
  c.StartAll();
  ASSERT_TRUE(c.Settle());
  c.node("A").KillProcess();
  c.Write("A", FileName(2), "edited while it was down");
  c.Delete("B", FileName(3));
  ASSERT_TRUE(c.Settle());
  c.node("A").LoseIndex();
  c.node("A").Start();
  ASSERT_TRUE(c.Settle());
  EXPECT_EQ(c.Read("B", FileName(2)), "edited while it was down");
  ExpectConverged(c);
}

TEST(ScenarioIndex, OlderCopyOfTheIndexIsNoticed) {
  SimCluster c(56);
  for (int i = 0; i < 10; ++i) c.Write("A", FileName(i), "content " + std::to_string(i));
  c.StartAll();
  ASSERT_TRUE(c.Settle());
  std::unique_ptr<MemIndex> old = c.node("A").index().Clone();
  for (int i = 0; i < 6; ++i) c.Write("A", FileName(i), "later " + std::to_string(i));
  c.Write("B", FileName(9), "of B");
  c.Delete("A", FileName(8));
  ASSERT_TRUE(c.Settle());
  Tree before = c.node("B").files().UserTree();
  c.node("A").KillProcess();
  c.node("A").PutIndexBack(std::move(old));
  c.node("A").Start();
  ASSERT_TRUE(c.Settle());
  EXPECT_EQ(c.node("A").index_losses(), 1);
  EXPECT_EQ(c.node("A").files().UserTree(), before);
  EXPECT_EQ(c.node("B").files().UserTree(), before);
  ExpectConverged(c);
}

TEST(ScenarioIndex, OlderCopyOfTheIndexWithMoreChangesSince) {
  SimCluster c(60);
  for (int i = 0; i < 10; ++i) c.Write("A", FileName(i), "content " + std::to_string(i));
  c.StartAll();
  ASSERT_TRUE(c.Settle());
  std::unique_ptr<MemIndex> old = c.node("A").index().Clone();
  for (int i = 0; i < 3; ++i) c.Write("A", FileName(i), "later " + std::to_string(i));
  ASSERT_TRUE(c.Settle());
  c.Partition("A", "B");
  c.node("A").KillProcess();
  c.node("A").PutIndexBack(std::move(old));
  c.node("A").Start();
  for (int i = 0; i < 10; ++i) c.Write("A", FileName(i), "even later " + std::to_string(i));
  ASSERT_TRUE(c.Settle());
  c.HealAll();
  ExpectConverged(c);
}

TEST(ScenarioJoin, InvitationMakesAMemberOfAll) {
  SimCluster c(57);
  for (int i = 0; i < 5; ++i) c.Write("A", FileName(i), "content " + std::to_string(i));
  c.StartAll();
  ASSERT_TRUE(c.Settle());
  SimNode& newcomer = c.AddNode("N");
  c.Write("N", "N/Nu1/own.txt", "brought along");
  ASSERT_TRUE(c.Join("N", "B"));
  newcomer.Start();
  ASSERT_TRUE(c.Settle());
  EXPECT_EQ(c.Read("N", FileName(4)), "content 4");
  EXPECT_EQ(c.Read("A", "N/Nu1/own.txt"), "brought along");
  ExpectConverged(c);
}

TEST(ScenarioJoin, StrangerIsRefused) {
  SimCluster c(58);
  c.Write("A", FileName(1), "not for strangers");
  c.StartAll();
  SimNode& stranger = c.AddNode("N");
  stranger.SetPeers({c.node("A").AsPeer()});
  stranger.Start();
  c.RunFor(20'000);
  EXPECT_EQ(c.Read("N", FileName(1)), "(nothing)");
  EXPECT_FALSE(stranger.replica().Report().peers.at(0).in_sync);
}

TEST(ScenarioJoin, RemovedMemberGetsNothingMore) {
  SimCluster c(59, {"A", "B", "C"});
  c.Write("A", FileName(1), "for all");
  c.StartAll();
  ASSERT_TRUE(c.Settle());
  ASSERT_TRUE(c.node("A").replica().RemoveMember(c.node("C").id()).ok());
  c.RunFor(10'000);
  c.Write("A", FileName(2), "for two");
  c.RunFor(10'000);
  EXPECT_EQ(c.Read("B", FileName(2)), "for two");
  EXPECT_EQ(c.Read("C", FileName(2)), "(nothing)");
  EXPECT_EQ(c.node("B").replica().Report().peers.size(), 1u);
}

// A's clock is years behind the others': its statements are told apart by a counter, and the one by
// which it let N in is not given out a second time after a power loss.
TEST(ScenarioJoin, WhoIsRemovedJustAfterAPowerLossStaysRemoved) {
  SimCluster c(60);
  c.Write("B", FileName(1), "for all");
  SimNode& a = c.node("A");
  a.clock().JumpWall(-400'000'000 * kSecond);
  c.StartAll();
  ASSERT_TRUE(c.Settle());
  SimNode& newcomer = c.AddNode("N");
  ASSERT_TRUE(c.Join("N", "A"));
  c.RunFor(1'000);
  ASSERT_EQ(c.node("B").replica().Report().peers.size(), 2u);
  a.LosePower();
  a.Start();
  ASSERT_TRUE(a.replica().RemoveMember(newcomer.id()).ok());
  c.RunFor(30'000);
  EXPECT_EQ(a.replica().Report().peers.size(), 1u);
  EXPECT_EQ(c.node("B").replica().Report().peers.size(), 1u);
}

}  // namespace
}  // namespace atozsync
