// The everyday life of a cluster: first sync, edits, renames, deletions – nobody interferes.
#include <gtest/gtest.h>

#include <cerrno>

#include "sync/base/probe.h"
#include "tests/sim/checkers.h"
#include "tests/sim/sim_cluster.h"

namespace atozsync {
namespace {

constexpr char kFile[] = "S/Smith12/x.jpg";

TEST(ScenarioBasic, OneFileArrives) {
  SimCluster c(1);
  c.Write("A", kFile, "one");
  c.StartAll();
  ASSERT_TRUE(c.Settle());
  EXPECT_EQ(c.Read("B", kFile), "one");
  ExpectConverged(c);
}

TEST(ScenarioBasic, ManyFilesAndEmptyDirectoriesArrive) {
  SimCluster c(2);
  for (int i = 0; i < 300; ++i) {
    c.Write("A", "S/Smith" + std::to_string(i % 20) + "/" + std::to_string(i) + ".jpg",
            std::string(static_cast<size_t>(i), 'x') + std::to_string(i));
  }
  c.Write("A", "S/Smith1/empty.txt", "");
  c.MakeDir("A", "Q");
  c.MakeDir("A", "X/Xu7");
  c.StartAll();
  ASSERT_TRUE(c.Settle());
  EXPECT_EQ(c.Read("B", "S/Smith19/299.jpg").size(), 302u);
  EXPECT_EQ(c.Read("B", "S/Smith1/empty.txt"), "");
  EXPECT_TRUE(c.node("B").files().Exists("X/Xu7"));
  ExpectConverged(c);
}

TEST(ScenarioBasic, WhatIsStagedMakesRoomForWhatIsNext) {
  constexpr int kFiles = 40;
  SimCluster c(19, {"A", "B"}, [](SimNodeOptions& options) {
    options.executor.work_max_ns = 200 * kMs;  // workers, not the line, are what takes time
    options.adjust = [](ReplicaOptions& engine) { engine.staging_bytes_in_flight_max = 1; };
  });
  for (int i = 0; i < kFiles; ++i) {
    c.Write("A", "S/Smith1/" + std::to_string(i) + ".jpg", "content " + std::to_string(i));
  }
  c.StartAll();
  ASSERT_TRUE(c.Settle());
  ExpectConverged(c);
  // One at a time is asked for, and meanwhile those before it become durable together.
  EXPECT_LT(c.node("B").files().calls(FsCall::kSyncFiles), static_cast<uint64_t>(kFiles));
}

TEST(ScenarioBasic, BothWays) {
  SimCluster c(3);
  c.StartAll();
  ASSERT_TRUE(c.Settle());
  c.Write("A", "A/Abe1/from-a.txt", "of a");
  c.Write("B", "B/Bo2/from-b.txt", "of b");
  ASSERT_TRUE(c.Settle());
  EXPECT_EQ(c.Read("B", "A/Abe1/from-a.txt"), "of a");
  EXPECT_EQ(c.Read("A", "B/Bo2/from-b.txt"), "of b");
  ExpectConverged(c);
}

TEST(ScenarioBasic, EmptyDirectoryMadeWhileAllRun) {
  SimCluster c(16);
  c.StartAll();
  ASSERT_TRUE(c.Settle());
  c.MakeDir("A", "S/Smith12/empty");
  ASSERT_TRUE(c.Settle());
  EXPECT_TRUE(c.node("B").files().Exists("S/Smith12/empty"));
  c.Delete("B", "S/Smith12/empty");
  ASSERT_TRUE(c.Settle());
  EXPECT_FALSE(c.node("A").files().Exists("S/Smith12/empty"));
  EXPECT_TRUE(c.node("A").files().Exists("S/Smith12"));
  ExpectConverged(c);
}

TEST(ScenarioBasic, EditsReplaceAndTheOldContentIsKept) {
  SimCluster c(4);
  c.Write("A", kFile, "first");
  c.StartAll();
  ASSERT_TRUE(c.Settle());
  c.Write("B", kFile, "second");
  ASSERT_TRUE(c.Settle());
  EXPECT_EQ(c.Read("A", kFile), "second");
  c.Replace("A", kFile, "third");
  ASSERT_TRUE(c.Settle());
  EXPECT_EQ(c.Read("B", kFile), "third");
  EXPECT_EQ(c.node("A").index().KeptOf(RelPath::Trusted(kFile)).size(), 1u) << "first";
  EXPECT_EQ(c.node("B").index().KeptOf(RelPath::Trusted(kFile)).size(), 1u) << "second";
  EXPECT_TRUE(c.node("A").index().Conflicts().empty());
  ExpectConverged(c);
}

TEST(ScenarioBasic, RenameCarriesNoContent) {
  SimCluster c(5);
  c.Write("A", kFile, std::string(60'000, 'q') + "end");
  c.StartAll();
  ASSERT_TRUE(c.Settle());
  c.RunFor(5'000);
  uint64_t content = c.content_bytes_received();
  uint64_t carried = c.network().total_bytes_carried();
  c.Rename("A", kFile, "S/Smith12/renamed.jpg");
  ASSERT_TRUE(c.Settle());
  EXPECT_EQ(c.Read("B", "S/Smith12/renamed.jpg").size(), 60'003u);
  EXPECT_FALSE(c.node("B").files().Exists(kFile));
  EXPECT_EQ(c.content_bytes_received(), content);
  EXPECT_LT(c.network().total_bytes_carried() - carried, 8'000u);
  ExpectConverged(c);
}

TEST(ScenarioBasic, FolderRenameCarriesNoContent) {
  SimCluster c(6);
  for (int i = 0; i < 20; ++i) {
    c.Write("A", "S/Smith12/" + std::to_string(i), std::string(5'000, 'a') + std::to_string(i));
  }
  c.StartAll();
  ASSERT_TRUE(c.Settle());
  uint64_t content = c.content_bytes_received();
  c.Rename("B", "S/Smith12", "S/Smythe12");
  ASSERT_TRUE(c.Settle());
  EXPECT_EQ(c.Read("A", "S/Smythe12/19").size(), 5'002u);
  EXPECT_FALSE(c.node("A").files().Exists("S/Smith12"));
  EXPECT_EQ(c.content_bytes_received(), content);
  ExpectConverged(c);
}

TEST(ScenarioBasic, DeletedFileGoesAndIsKept) {
  SimCluster c(7);
  c.Write("A", kFile, "precious");
  c.Write("A", "S/Smith12/stays.jpg", "stays");
  c.StartAll();
  ASSERT_TRUE(c.Settle());
  c.Delete("A", kFile);
  ASSERT_TRUE(c.Settle());
  EXPECT_FALSE(c.node("B").files().Exists(kFile));
  std::vector<KeptVersion> kept = c.node("B").index().KeptOf(RelPath::Trusted(kFile));
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_EQ(c.Read("B", kept[0].kept_at.str()), "precious");
  EXPECT_EQ(c.Read("B", "S/Smith12/stays.jpg"), "stays");
  ExpectConverged(c);
  EXPECT_EQ(c.node("A").index().totals().tombstones, 0u) << "all have acknowledged it";
  EXPECT_EQ(c.node("B").index().totals().tombstones, 0u);
}

TEST(ScenarioBasic, DeletedFolderGoesAsAWhole) {
  SimCluster c(8);
  for (int i = 0; i < 40; ++i) {
    c.Write("A", "S/Smith12/" + std::to_string(i % 4) + "/" + std::to_string(i), std::to_string(i));
  }
  c.MakeDir("A", "S/Smith12/empty");
  c.StartAll();
  ASSERT_TRUE(c.Settle());
  c.Delete("B", "S/Smith12");
  ASSERT_TRUE(c.Settle());
  EXPECT_FALSE(c.node("A").files().Exists("S/Smith12"));
  EXPECT_TRUE(c.node("A").files().Exists("S"));
  EXPECT_TRUE(c.node("A").index().Conflicts().empty());
  ExpectConverged(c);
}

TEST(ScenarioBasic, NewTimeTravelsWithoutContent) {
  SimCluster c(9);
  c.Write("A", kFile, std::string(3'000, 't'));
  c.StartAll();
  ASSERT_TRUE(c.Settle());
  uint64_t content = c.content_bytes_received();
  c.Touch("A", kFile, 1'500'000'000 * kSecond + 7);
  ASSERT_TRUE(c.Settle());
  EXPECT_EQ(c.node("B").files().UserTree()[kFile].mtime_ns, 1'500'000'000 * kSecond + 7);
  EXPECT_EQ(c.content_bytes_received(), content);
  ExpectConverged(c);
}

TEST(ScenarioBasic, FileBecomesDirectoryAndBack) {
  SimCluster c(10);
  c.Write("A", "T/thing", "a file");
  c.StartAll();
  ASSERT_TRUE(c.Settle());
  c.Delete("A", "T/thing");
  c.Write("A", "T/thing/inside", "now a directory");
  ASSERT_TRUE(c.Settle());
  EXPECT_EQ(c.Read("B", "T/thing/inside"), "now a directory");
  c.Delete("B", "T/thing");
  c.Write("B", "T/thing", "a file again");
  ASSERT_TRUE(c.Settle());
  EXPECT_EQ(c.Read("A", "T/thing"), "a file again");
  EXPECT_TRUE(c.node("A").index().Conflicts().empty());
  ExpectConverged(c);
}

TEST(ScenarioBasic, WhatIsIgnoredStaysHere) {
  SimCluster c(11);
  c.StartAll();
  ASSERT_TRUE(c.Settle());
  c.Write("A", "S/Smith12/Thumbs.db", "cache");
  c.Write("A", "S/Smith12/~$letter.docx", "owner");
  c.Write("A", "S/Smith12/letter.docx", "letter");
  ASSERT_TRUE(c.Settle());
  EXPECT_EQ(c.Read("B", "S/Smith12/letter.docx"), "letter");
  EXPECT_FALSE(c.node("B").files().Exists("S/Smith12/Thumbs.db"));
  EXPECT_FALSE(c.node("B").files().Exists("S/Smith12/~$letter.docx"));
}

// A rule is added: what it covers stays where it is, on all replicas, and is not synced any more.
TEST(ScenarioBasic, WhatIsIgnoredFromNowOnIsNotDeleted) {
  auto ignored = std::make_shared<std::vector<std::string>>();
  SimCluster c(11, {"A", "B"}, [ignored](SimNodeOptions& options) {
    if (options.name != "B") return;
    options.adjust = [ignored](ReplicaOptions& engine) { engine.ignore = *ignored; };
  });
  c.StartAll();
  c.Write("A", "S/Smith12/scan.bak", "1");
  ASSERT_TRUE(c.Settle());
  c.node("B").KillProcess();
  ignored->push_back("*.bak");
  c.StartAll();
  ASSERT_TRUE(c.Settle());
  EXPECT_FALSE(c.node("B").index().Get(RelPath::Trusted("S/Smith12/scan.bak")));
  EXPECT_EQ(c.Read("B", "S/Smith12/scan.bak"), "1");
  c.Write("B", "S/Smith12/scan.bak", "2");
  ASSERT_TRUE(c.Settle());
  EXPECT_EQ(c.Read("A", "S/Smith12/scan.bak"), "1");
}

TEST(ScenarioBasic, ThreeInARow) {
  SimCluster c(12, {"A", "B", "C"});
  c.Partition("A", "C");
  c.Write("A", kFile, "through B");
  c.StartAll();
  ASSERT_TRUE(c.Settle());
  EXPECT_EQ(c.Read("C", kFile), "through B");
  c.Write("C", kFile, "and back");
  ASSERT_TRUE(c.Settle());
  EXPECT_EQ(c.Read("A", kFile), "and back");
  c.HealAll();
  ExpectConverged(c);
}

TEST(ScenarioBasic, FourInARing) {
  SimCluster c(13, {"A", "B", "C", "D"});
  c.Partition("A", "C");
  c.Partition("B", "D");
  for (int i = 0; i < 30; ++i) c.Write("A", "R/" + std::to_string(i), std::to_string(i));
  c.StartAll();
  ASSERT_TRUE(c.Settle());
  EXPECT_EQ(c.Read("C", "R/29"), "29");
  c.Write("B", "R/1", "from B");
  c.Write("D", "R/2", "from D");
  c.Delete("C", "R/3");
  ASSERT_TRUE(c.Settle());
  EXPECT_EQ(c.Read("D", "R/1"), "from B");
  EXPECT_EQ(c.Read("B", "R/2"), "from D");
  EXPECT_FALSE(c.node("A").files().Exists("R/3"));
  c.HealAll();
  ExpectConverged(c);
}

TEST(ScenarioBasic, LargeFileGoesOnWhereItWasCut) {
  SimLinkOptions slow;
  slow.bytes_per_second = 1'000'000;
  SimCluster c(14);
  c.network().SetAllLinkOptions(slow);
  Bytes noise = SimRandom(99).SomeBytes(4 << 20);
  std::string content(AsText(noise));
  c.StartAll();
  ASSERT_TRUE(c.Settle());
  c.Write("A", kFile, content);
  uint64_t before = c.network().bytes_carried("A", "B");
  for (uint64_t goal : {before + 2'300'000, before + 4'600'000}) {
    ASSERT_TRUE(c.scheduler().RunUntil([&] { return c.network().bytes_carried("A", "B") >= goal; },
                                       5'000'000));
    c.network().ResetConnections("A", "B");
  }
  ASSERT_TRUE(c.Settle());
  EXPECT_EQ(c.Read("B", kFile), content);
  // Each cut costs what was on its way, a piece of at most one MiB; all again would be 9 MB.
  EXPECT_LT(c.network().bytes_carried("A", "B") - before, 6'700'000u);
  ExpectConverged(c);
}

// Each in turn is the only one that can read its copy.
TEST(ScenarioBasic, LargeFileComesFromWhoeverCanReadIt) {
  const std::string content(AsText(SimRandom(97).SomeBytes(2 << 20)));
  for (const std::string reader : {"A", "B", "C"}) {
    SCOPED_TRACE(reader);
    SimCluster c(16, {"A", "B", "C", "D"});
    c.Write("A", kFile, content);
    for (const char* name : {"A", "B", "C"}) c.node(name).Start();
    ASSERT_TRUE(c.Settle());
    for (const char* name : {"A", "B", "C"}) {
      ASSERT_TRUE(c.node(name).files().SetNodeError(kFile, name == reader ? 0 : EBUSY));
    }
    c.node("D").Start();
    c.RunFor(20'000);
    EXPECT_TRUE(c.Read("D", kFile) == content) << c.Describe();
    for (const char* name : {"A", "B", "C"}) {
      ASSERT_TRUE(c.node(name).files().SetNodeError(kFile, 0));
    }
    ExpectConverged(c);
  }
}

TEST(ScenarioBasic, ChangedPartOfALargeFileTravelsAlone) {
  SimCluster c(15);
  std::string content(AsText(SimRandom(98).SomeBytes(3 << 20)));
  c.Write("A", kFile, content);
  c.StartAll();
  ASSERT_TRUE(c.Settle());
  auto costs = [&](const char* what) {
    uint64_t before = c.network().bytes_carried("B", "A") + c.network().bytes_carried("A", "B");
    c.Write("B", kFile, content);
    ASSERT_TRUE(c.Settle());
    EXPECT_EQ(c.Read("A", kFile), content);
    EXPECT_LT(c.network().bytes_carried("B", "A") + c.network().bytes_carried("A", "B") - before,
              8'000u)
        << what;
  };
  content.replace(1'500'000, 100, std::string(100, '!'));
  costs("replaced in the middle");
  content.insert(0, "!");
  costs("inserted at the start");
  content.insert(content.size() - 5, "??");
  costs("inserted at the end");
  content.erase(2'000'000, 100);
  costs("taken out");
  ExpectConverged(c);
}

// As another version of the program might.
TEST(ScenarioBasic, WhoCutTheOldVersionInAnotherWayIsAskedForAllChunks) {
  SimCluster c(17);
  std::string content(AsText(SimRandom(97).SomeBytes(1 << 20)));
  c.Write("A", kFile, content);
  c.StartAll();
  ASSERT_TRUE(c.Settle());
  SimNode& b = c.node("B");
  const ContentHash hash = b.index().Get(RelPath::Trusted(kFile))->version.hash;
  IndexBatch batch;
  batch.chunk_lists.emplace_back(hash, b.index().ChunkList(hash));
  std::vector<ChunkRef>& cut = batch.chunk_lists.back().second;
  ASSERT_GT(cut.size(), 4u);
  cut.erase(cut.begin() + 1);
  ASSERT_TRUE(b.index().Commit(batch).ok());
  content.replace(900'000, 100, std::string(100, '!'));
  c.Write("B", kFile, content);
  ASSERT_TRUE(c.Settle());
  EXPECT_EQ(c.Read("A", kFile), content);
  ExpectConverged(c);
}

// The old version is not what its index says: what is made of it is not believed.
TEST(ScenarioBasic, DeltaAgainstADamagedFileIsNotBelieved) {
  SimCluster c(16);
  std::string content(AsText(SimRandom(99).SomeBytes(1 << 20)));
  c.Write("A", kFile, content);
  c.StartAll();
  ASSERT_TRUE(c.Settle());
  ASSERT_TRUE(c.node("A").files().Corrupt(kFile, 500'000));
  content.replace(500'300, 100, std::string(100, '!'));
  c.Write("B", kFile, content);
  ASSERT_TRUE(c.Settle());
  EXPECT_EQ(c.Read("A", kFile), content);
  ExpectConverged(c);
}

// It changes between the sums and what is made of them.
TEST(ScenarioBasic, DeltaAgainstAFileThatChangesMeanwhileIsNotBelieved) {
  SimCluster c(18);
  std::string content(AsText(SimRandom(99).SomeBytes(1 << 20)));
  c.Write("A", kFile, content);
  c.StartAll();
  ASSERT_TRUE(c.Settle());
  c.Write("B", kFile, content.replace(500'300, 100, std::string(100, '!')));
  SimNode& node = c.node("A");
  std::optional<int64_t> summed_ms;
  bool damaged = false;
  const uint64_t hits_before = ProbeHits()[static_cast<size_t>(ProbeId::kDeltaInVain)].hits;
  node.files().SetHook([&](FsCall call, const RelPath& path, const RelPath&) {
    if (damaged || call != FsCall::kOpenRead || path.str() != kFile) return;
    if (!summed_ms) summed_ms = node.clock().MonoMs();  // one job reads all that is here
    if (node.clock().MonoMs() > *summed_ms) damaged = node.files().Corrupt(kFile, 490'000);
  });
  ASSERT_TRUE(c.Settle());
  node.files().SetHook(nullptr);
  EXPECT_TRUE(damaged);
  EXPECT_GT(ProbeHits()[static_cast<size_t>(ProbeId::kDeltaInVain)].hits, hits_before);
  EXPECT_EQ(c.Read("A", kFile), content);
}

}  // namespace
}  // namespace atozsync
