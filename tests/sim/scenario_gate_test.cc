// What arrives waits for its row: each rule of the gate as a story (docs/database.md).
#include "sync/base/probe.h"
#include "sync/engine/ask_in_parts.h"
#include "tests/sim/gate_stories.h"

namespace atozsync {
namespace {

class ScenarioGate : public GateStories {};

uint64_t Hits(ProbeId probe) {
  return ProbeHits()[static_cast<size_t>(probe)].hits;
}

TEST_F(ScenarioGate, AFileAppearsAfterItsRow) {
  o_.database().SetLag("B", 30'000, 30'000);
  o_.Import("A", kXray, "1");
  o_.RunFor(20'000);
  EXPECT_FALSE(o_.Stands("B", kXray));
  ASSERT_EQ(HeldAt("B").size(), 1u);
  EXPECT_EQ(HeldAt("B")[0].why, HeldWhy::kRow);
  o_.OpenPatient("B", kFolder);
  EXPECT_TRUE(o_.duplicates().empty());
  // Content is here already: no line is needed when the row comes.
  o_.cluster().Partition("A", "B");
  o_.RunFor(45'000);
  EXPECT_TRUE(o_.Stands("B", kXray));
  o_.OpenPatient("B", kFolder);
  EXPECT_TRUE(o_.duplicates().empty());
  o_.cluster().HealAll();
  ASSERT_TRUE(o_.Settle());
  EXPECT_TRUE(HeldAt("B").empty());
  ExpectConverged(o_.cluster());
}

TEST_F(ScenarioGate, WithoutTheGateThereWouldBeTwoRows) {
  PlantFault(PlantedFault::kGateOpen);
  o_.database().SetLag("B", 30'000, 30'000);
  o_.Import("A", kXray, "1");
  o_.RunFor(20'000);
  o_.OpenPatient("B", kFolder);
  EXPECT_EQ(o_.duplicates().size(), 1u);
}

TEST_F(ScenarioGate, WhatWaitsSurvivesARestartWithoutBeingSentAgain) {
  o_.database().SetLag("B", 60'000, 60'000);
  o_.Import("A", kXray, "1");
  o_.RunFor(10'000);
  o_.node("B").KillProcess();
  o_.cluster().Partition("A", "B");
  o_.node("B").Start();
  o_.RunFor(10'000);
  EXPECT_FALSE(o_.Stands("B", kXray));
  o_.RunFor(60'000);
  EXPECT_TRUE(o_.Stands("B", kXray));
  EXPECT_EQ(o_.cluster().Read("B", kXray), "1");
  o_.cluster().HealAll();
  ASSERT_TRUE(o_.Settle());
  ExpectConverged(o_.cluster());
}

TEST_F(ScenarioGate, AFileWithoutARowAppearsWhenItsTimeIsUp) {
  o_.Drop("A", kXray, "1");
  o_.RunFor(100'000);
  EXPECT_FALSE(o_.Stands("B", kXray));
  o_.RunFor(30'000);
  EXPECT_TRUE(o_.Stands("B", kXray));
  ASSERT_TRUE(o_.Settle());
  ExpectConverged(o_.cluster());
}

TEST_F(ScenarioGate, TheTimeGoesOnOverARestart) {
  o_.Drop("A", kXray, "1");
  o_.RunFor(100'000);
  o_.node("B").KillProcess();
  o_.node("B").Start();
  o_.RunFor(30'000);
  EXPECT_TRUE(o_.Stands("B", kXray));
}

TEST_F(ScenarioGate, ADropAppearsElsewhereOnceItsRowIsMade) {
  o_.Drop("A", kXray, "1");
  o_.RunFor(10'000);
  o_.OpenPatient("A", kFolder);
  o_.RunFor(5'000);
  EXPECT_TRUE(o_.Stands("B", kXray));
  o_.OpenPatient("B", kFolder);
  EXPECT_TRUE(o_.duplicates().empty());
}

TEST_F(ScenarioGate, APersonLetsItGoOn) {
  o_.Drop("A", kXray, "1");
  o_.RunFor(10'000);
  EXPECT_TRUE(o_.node("B").replica().RevertHeld(RelPath::Trusted(kXray)).Is(Errc::kInvalid));
  EXPECT_TRUE(o_.node("B").replica().ReleaseHeld(RelPath::Trusted(kFolder)).ok());
  o_.RunFor(2'000);
  EXPECT_TRUE(o_.Stands("B", kXray));
  EXPECT_TRUE(o_.node("B").replica().ReleaseHeld(RelPath::Trusted(kXray)).Is(Errc::kNotFound));
}

TEST_F(ScenarioGate, ANewVersionOfWhatWaitsIsTheOneThatAppears) {
  o_.database().SetLag("B", 60'000, 60'000);
  o_.Import("A", kXray, "1");
  o_.RunFor(10'000);
  o_.cluster().Write("A", kXray, "2");
  o_.RunFor(10'000);
  o_.cluster().Partition("A", "B");
  o_.RunFor(60'000);
  EXPECT_EQ(o_.cluster().Read("B", kXray), "2");
}

TEST_F(ScenarioGate, OtherFoldersAreNotGated) {
  o_.database().SetUp("B", false);
  o_.Drop("A", "SheetImages/logo.png", "1");
  o_.Drop("A", "S/SmithJohn12/Notes/n.txt", "2");
  o_.RunFor(5'000);
  EXPECT_TRUE(o_.Stands("B", "SheetImages/logo.png"));
  EXPECT_TRUE(o_.Stands("B", "S/SmithJohn12/Notes/n.txt"));
}

TEST_F(ScenarioGate, AnEditOfAFileThatStandsIsNotGated) {
  Have(kXray);
  o_.database().SetUp("B", false);
  o_.cluster().Write("A", kXray, "edited");
  o_.RunFor(5'000);
  EXPECT_EQ(o_.cluster().Read("B", kXray), "edited");
}

TEST_F(ScenarioGate, ADatabaseThatIsDownBlocksNothingForEver) {
  o_.database().SetUp("B", false);
  o_.Import("A", kXray, "1");
  o_.RunFor(60'000);
  EXPECT_FALSE(o_.Stands("B", kXray));
  ASSERT_EQ(HeldAt("B").size(), 1u);
  EXPECT_EQ(HeldAt("B")[0].text, "the database does not answer");
  o_.RunFor(70'000);
  EXPECT_TRUE(o_.Stands("B", kXray));
}

TEST_F(ScenarioGate, AFileMadeHereWhileTheDatabaseIsAskedBlocksNothing) {
  o_.database().SetAnswerDelay("B", 3'000);
  o_.Import("A", kXray, "1");
  o_.RunFor(1'500);
  EXPECT_FALSE(o_.Stands("B", kXray));
  o_.Drop("B", kXray, "2");
  o_.RunFor(20'000);
  o_.database().SetAnswerDelay("B", 0);
  ASSERT_TRUE(o_.Settle());
  ExpectConverged(o_.cluster());
}

TEST_F(ScenarioGate, WhatWaitedMayBeTheOnlyCopyWhenTheDatabaseIsGivenUp) {
  o_.database().SetLag("B", 60'000, 60'000);
  o_.Import("A", kXray, "1");
  o_.RunFor(10'000);
  o_.node("B").KillProcess();
  o_.node("A").KillProcess();
  o_.TakeDatabaseAway("B");
  o_.node("B").Start();
  o_.RunFor(10'000);
  EXPECT_TRUE(o_.Stands("B", kXray));
  EXPECT_EQ(o_.cluster().Read("B", kXray), "1");
  EXPECT_EQ(HeldContents("B"), 0);
}

TEST_F(ScenarioGate, WhatComesBehindThousandsThatWaitAppearsAtOnce) {
  for (int i = 0; i < 3'000; ++i) {
    o_.Drop("A", "M/MillerEva7/" + std::to_string(i) + ".jpg", std::to_string(i));
  }
  o_.RunFor(60'000);
  ASSERT_EQ(o_.node("B").replica().Report().held_row, 3'000u);
  o_.Import("A", kXray, "1");
  o_.RunFor(5'000);
  EXPECT_TRUE(o_.Stands("B", kXray));
  ASSERT_TRUE(o_.Settle());
  ExpectConverged(o_.cluster());
}

TEST_F(ScenarioGate, WhatIsNotWantedAnyMoreLeavesNoOpenGateBehind) {
  o_.Drop("A", kXray, "1");
  o_.RunFor(10'000);
  o_.node("A").KillProcess();
  o_.cluster().NoteReleased("1");
  o_.Damage("A", kXray);
  o_.node("A").LoseIndex();
  o_.node("A").Start();
  o_.RunFor(200'000);
  EXPECT_TRUE(HeldAt("B").empty());
  EXPECT_EQ(HeldContents("B"), 0);
  o_.Drop("A", kXray, "2");
  o_.RunFor(60'000);
  EXPECT_FALSE(o_.Stands("B", kXray)) << "this one has no row either";
  ASSERT_TRUE(o_.Settle());
  EXPECT_TRUE(o_.Stands("B", kXray));
}

TEST(ScenarioLetterFolders, AreMadeWhereTheyAreMissing) {
  SimOffices offices(3, {"A", "B"}, [](ReplicaOptions& options) { options.letter_folders = true; });
  for (char letter = 'A'; letter <= 'Z'; ++letter) {
    offices.cluster().AllowPath(std::string(1, letter));
  }
  offices.cluster().Write("A", "M/MillerEva7/Notes/n.txt", "1");
  offices.cluster().StartAll();
  ASSERT_TRUE(offices.Settle());
  for (const char* folder : {"A", "M", "Z"}) {
    EXPECT_TRUE(offices.node("A").files().Exists(folder)) << folder;
    EXPECT_TRUE(offices.node("B").files().Exists(folder)) << folder;
  }
  ExpectConverged(offices.cluster());
}

// One folder at the top has a time of its own, the others have that of all.
TEST(ScenarioGateWaitOf, AFolderHasItsOwnTime) {
  SimOffices o(7, {"A", "B"},
               [](ReplicaOptions& options) { options.gate_wait_of_ms["M"] = 20'000; });
  o.cluster().StartAll();
  o.database().SetUp("B", false);
  o.Import("A", kXray, "1");
  o.Import("A", "M/MillerEva7/m.jpg", "2");
  o.RunFor(15'000);
  EXPECT_FALSE(o.Stands("B", "M/MillerEva7/m.jpg"));
  const std::vector<HeldFile> held = o.node("B").replica().Held(9);
  ASSERT_EQ(held.size(), 2u);
  for (const HeldFile& file : held) {
    EXPECT_EQ(file.until_ms - file.since_ms, file.path.str() == kXray ? 120'000 : 20'000);
  }
  o.RunFor(30'000);
  EXPECT_TRUE(o.Stands("B", "M/MillerEva7/m.jpg"));
  EXPECT_FALSE(o.Stands("B", kXray));
}

// Not in one turn, which nothing else could get into; and none is forgotten.
TEST_F(ScenarioGate, TheDatabaseComesBackAndVeryManyWaitForIt) {
  constexpr size_t kFiles = AskInParts::kAskedPerTurn * 5 / 2;
  o_.database().SetUp("B", false);
  std::vector<std::string> paths;
  for (size_t i = 0; i < kFiles; ++i) {
    paths.push_back((i % 2 == 0 ? "M/MillerEva7/" : kFolder + std::string("/")) +
                    std::to_string(1000 + i) + ".jpg");
    o_.Import("A", paths.back(), "bytes " + std::to_string(i));
  }
  o_.RunFor(65'000);
  ASSERT_EQ(o_.node("B").replica().Held(2 * kFiles).size(), kFiles);
  const uint64_t parts = Hits(ProbeId::kGateAskedInParts);
  o_.database().SetUp("B", true);
  o_.RunFor(15'000);  // each would ask by itself 26 s from now
  for (const std::string& path : paths) EXPECT_TRUE(o_.Stands("B", path)) << path;
  EXPECT_GE(Hits(ProbeId::kGateAskedInParts), parts + (kTestPoints ? 2 : 0));
}

// A backlog of documents and a line that takes one at a time: how many came before `wanted`?
class ScenarioGateUrgency : public testing::Test {
 protected:
  static constexpr int kBacklog = 120;
  static std::string Old(int i) { return "M/MillerEva7/" + std::to_string(1000 + i) + ".jpg"; }

  void SetUp() override {
    o_.cluster().StartAll();
    ASSERT_TRUE(o_.Settle());
    o_.cluster().Partition("A", "B");
    for (int i = 0; i < kBacklog; ++i) o_.Import("A", Old(i), "bytes " + std::to_string(i));
  }
  int CameBefore(const std::string& wanted) {
    o_.cluster().HealAll();
    for (int ms = 0; ms < 60'000 && !o_.Stands("B", wanted); ms += 1) o_.RunFor(1);
    EXPECT_TRUE(o_.Stands("B", wanted));
    int came = 0;
    for (int i = 0; i < kBacklog; ++i) came += o_.Stands("B", Old(i)) ? 1 : 0;
    return came;
  }

  SimOffices o_{
      9, {"A", "B"}, [](ReplicaOptions& options) { options.staging_bytes_in_flight_max = 1; }};
};

TEST_F(ScenarioGateUrgency, WhatIsNotUrgentComesInItsTurn) {
  o_.Import("A", kXray, "last");
  o_.RunFor(1'000'000);  // what was urgent as its row was new is so no more
  EXPECT_GT(CameBefore(kXray), kBacklog / 3);
}

TEST_F(ScenarioGateUrgency, APatientWhoComesSoonGoesFirst) {
  o_.Import("A", kXray, "last");
  o_.RunFor(1'000'000);
  o_.database().Urge("B", kFolder);
  EXPECT_LT(CameBefore(kXray), kBacklog / 6);
}

TEST_F(ScenarioGateUrgency, ARowThatHasJustComeGoesFirst) {
  o_.RunFor(1'000'000);
  o_.Import("A", kXray, "last");
  o_.RunFor(1'000);
  EXPECT_LT(CameBefore(kXray), kBacklog / 6);
}

TEST_F(ScenarioGateUrgency, ASignedPlanGoesFirst) {
  const char* const kPlan = "S/SmithJohn12/TPArchive5.pdf";
  const char* const kPayPlan = "S/SmithJohn12/PayPlanArchive6.pdf";
  o_.Import("A", kPlan, "plan");
  o_.Import("A", kPayPlan, "payment plan");
  o_.RunFor(1'000'000);
  EXPECT_LT(CameBefore(kPlan), kBacklog / 6);
  EXPECT_LT(CameBefore(kPayPlan), kBacklog / 6);
}

}  // namespace
}  // namespace atozsync
