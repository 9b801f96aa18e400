// An index that was rolled back, where the first peers to be heard know of its later changes only
// from others.
#include <gtest/gtest.h>

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

// The edit made on the old index gets a counter that others know for something else, and would look
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

}  // namespace
}  // namespace atozsync
