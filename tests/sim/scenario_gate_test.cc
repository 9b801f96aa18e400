// Files and rows in step: each rule of the gate as a story (docs/database.md).
#include <gtest/gtest.h>

#include "sync/base/planted_fault.h"
#include "sync/base/probe.h"
#include "sync/engine/layout.h"
#include "tests/sim/checkers.h"
#include "tests/sim/sim_office.h"

namespace atozsync {
namespace {

using ::testing::Test;
const char* const kFolder = "S/SmithJohn12";
const char* const kXray = "S/SmithJohn12/xray.jpg";

class ScenarioGate : public Test {
 protected:
  void SetUp() override { o_.cluster().StartAll(); }
  void TearDown() override { PlantFault(PlantedFault::kNone); }
  void Have(const std::string& path) {
    o_.Import("A", path, "bytes of " + path);
    ASSERT_TRUE(o_.Settle());
    ASSERT_TRUE(o_.Stands("B", path));
  }
  // B's database loses them at once.
  void LoseRowsOf(int files) {
    auto name = [](int i) { return "S/SmithJohn12/" + std::to_string(i) + ".jpg"; };
    for (int i = 0; i < files; ++i) o_.Import("A", name(i), std::to_string(i));
    ASSERT_TRUE(o_.Settle());
    o_.cluster().Partition("A", "B");
    for (int i = 0; i < files; ++i) {
      o_.database().Delete("B", o_.database().Naming("B", name(i))[0]);
    }
    o_.RunFor(60'000);
  }
  int HeldContents(const std::string& site) {
    auto staged = o_.node(site).files().List(layout::Staging());
    int held = 0;
    for (const DirEntry& entry : *staged) held += layout::HashOfHeld(entry.name).ok() ? 1 : 0;
    return held;
  }
  std::vector<HeldFile> HeldAt(const std::string& site) {
    return o_.node(site).replica().Held(100);
  }

  SimOffices o_{7};
};

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

TEST_F(ScenarioGate, ADeletedDocumentStaysDeleted) {
  Have(kXray);
  o_.DeleteDocument("A", kXray);
  o_.RunFor(3'000);
  EXPECT_FALSE(o_.Stands("B", kXray));
  o_.OpenPatient("B", kFolder);
  ASSERT_TRUE(o_.Settle());
  EXPECT_TRUE(o_.resurrections().empty());
  ExpectConverged(o_.cluster());
}

TEST_F(ScenarioGate, ARowThatGoesTakesItsFileWithItBeforeTheAgentsCanTalk) {
  Have(kXray);
  o_.cluster().Partition("A", "B");
  o_.DeleteDocument("A", kXray);
  o_.RunFor(1'000);
  EXPECT_FALSE(o_.Stands("B", kXray));
  o_.OpenPatient("B", kFolder, 0);
  EXPECT_TRUE(o_.resurrections().empty());
  o_.cluster().HealAll();
  ASSERT_TRUE(o_.Settle());
  EXPECT_FALSE(o_.Stands("A", kXray));
  ExpectConverged(o_.cluster());
}

TEST_F(ScenarioGate, WithoutItTheDocumentWouldComeBack) {
  Have(kXray);
  PlantFault(PlantedFault::kRowGoneIgnored);
  o_.cluster().Partition("A", "B");
  o_.DeleteDocument("A", kXray);
  o_.RunFor(10'000);
  o_.OpenPatient("B", kFolder);
  EXPECT_EQ(o_.resurrections().size(), 1u);
}

TEST_F(ScenarioGate, ARowThatWentUnnoticedIsFoundByTheWalk) {
  Have(kXray);
  o_.database().SetHintsLost(1000);
  o_.cluster().Partition("A", "B");
  o_.DeleteDocument("A", kXray);
  o_.RunFor(10'000);
  EXPECT_FALSE(o_.Stands("B", kXray));
}

TEST_F(ScenarioGate, NothingGoesWhileReplicationStandsStill) {
  Have(kXray);
  o_.cluster().Partition("A", "B");
  o_.database().SetReplicating("B", false);
  o_.database().Delete("B", o_.database().Naming("B", kXray)[0]);
  o_.RunFor(20'000);
  EXPECT_TRUE(o_.Stands("B", kXray));
  o_.database().SetReplicating("B", true);
  o_.RunFor(20'000);
  EXPECT_FALSE(o_.Stands("B", kXray));
}

TEST_F(ScenarioGate, WithoutTheFreezeItWouldGo) {
  Have(kXray);
  PlantFault(PlantedFault::kFreezeIgnored);
  o_.cluster().Partition("A", "B");
  o_.database().SetReplicating("B", false);
  o_.database().Delete("B", o_.database().Naming("B", kXray)[0]);
  o_.RunFor(20'000);
  EXPECT_FALSE(o_.Stands("B", kXray));
}

TEST_F(ScenarioGate, WhatSomebodySavedAfterItsRowWentStays) {
  Have(kXray);
  o_.cluster().Partition("A", "B");
  o_.node("B").KillProcess();
  o_.cluster().Write("B", kXray, "saved in Word");
  o_.database().Delete("B", o_.database().Naming("B", kXray)[0]);
  o_.node("B").Start();
  o_.RunFor(20'000);
  // Either it was seen as edited first, or its bytes are kept; nothing of it is lost.
  o_.cluster().HealAll();
  ASSERT_TRUE(o_.Settle());
  ExpectConverged(o_.cluster());
}

TEST_F(ScenarioGate, AFileThatVanishesWhileItsRowStandsComesBack) {
  Have(kXray);
  o_.Damage("B", kXray);
  o_.RunFor(15'000);
  EXPECT_TRUE(o_.Stands("B", kXray));
  EXPECT_TRUE(o_.Stands("A", kXray));
  ASSERT_TRUE(o_.Settle());
  ExpectConverged(o_.cluster());
}

TEST_F(ScenarioGate, WithoutTheQuestionDamageWouldSpread) {
  Have(kXray);
  PlantFault(PlantedFault::kLeaveUnasked);
  o_.Damage("B", kXray);
  o_.RunFor(15'000);
  EXPECT_FALSE(o_.Stands("A", kXray));
}

TEST_F(ScenarioGate, AWholeFolderThatVanishesComesBack) {
  Have(kXray);
  Have("S/SmithJohn12/second.jpg");
  o_.node("B").files().Remove(kFolder).IgnoreError();
  o_.RunFor(20'000);
  EXPECT_TRUE(o_.Stands("B", kXray));
  EXPECT_TRUE(o_.Stands("B", "S/SmithJohn12/second.jpg"));
  EXPECT_TRUE(o_.Stands("A", kXray));
  ASSERT_TRUE(o_.Settle());
  ExpectConverged(o_.cluster());
}

TEST_F(ScenarioGate, DamageWhileTheAgentWasDeadIsHealedToo) {
  Have(kXray);
  o_.node("B").KillProcess();
  o_.Damage("B", kXray);
  o_.node("B").Start();
  o_.RunFor(15'000);
  EXPECT_TRUE(o_.Stands("B", kXray));
  EXPECT_TRUE(o_.Stands("A", kXray));
}

TEST_F(ScenarioGate, WhatNobodyHasAnyMoreIsGivenUpInTheEnd) {
  o_.cluster().Partition("A", "B");
  o_.Import("A", kXray, "1");
  o_.RunFor(10'000);
  o_.Damage("A", kXray);
  o_.cluster().NoteReleased("1");
  o_.RunFor(300'000);
  EXPECT_EQ(HeldAt("A").size(), 1u) << "B was not asked";
  o_.cluster().HealAll();
  EXPECT_TRUE(o_.Settle());
  EXPECT_TRUE(HeldAt("A").empty());
}

TEST_F(ScenarioGate, WhatWasLostWhileTheLineIsDownIsNotAnnouncedAsDeleted) {
  Have(kXray);
  o_.cluster().Partition("A", "B");
  o_.Damage("B", kXray);
  o_.RunFor(300'000);
  o_.cluster().HealAll();
  o_.RunFor(70'000);
  EXPECT_TRUE(o_.Stands("A", kXray));
  EXPECT_TRUE(o_.Stands("B", kXray));
  ASSERT_TRUE(o_.Settle());
  ExpectConverged(o_.cluster());
}

TEST_F(ScenarioGate, AFileThatWaitedIsKnownToHaveARow) {
  o_.database().SetLag("B", 30'000, 30'000);
  o_.Import("A", kXray, "1");
  for (int ms = 0; ms < 60'000 && !o_.Stands("B", kXray); ms += 10) o_.RunFor(10);
  o_.RunFor(500);
  o_.database().SetUp("B", false);
  o_.Damage("B", kXray);
  o_.RunFor(20'000);
  EXPECT_TRUE(o_.Stands("A", kXray));
  o_.database().SetUp("B", true);
  ASSERT_TRUE(o_.Settle());
  EXPECT_TRUE(o_.Stands("B", kXray));
}

TEST_F(ScenarioGate, TheLastWordOfADatabaseThatGoesAwayCounts) {
  o_.Import("A", kXray, "1");
  o_.RunFor(1'000);
  ASSERT_TRUE(o_.Stands("B", kXray));
  o_.Damage("A", kXray);
  o_.RunFor(500);
  o_.database().SetUp("A", false);
  o_.RunFor(20'000);
  EXPECT_TRUE(o_.Stands("B", kXray));
  o_.database().SetUp("A", true);
  ASSERT_TRUE(o_.Settle());
  EXPECT_TRUE(o_.Stands("A", kXray));
}

TEST_F(ScenarioGate, AFolderThatVanishesComesBackWithItsCopies) {
  const char* const kCopy = "S/SmithJohn12/copy.jpg";
  o_.Import("A", kXray, "the same bytes");
  o_.Import("A", kCopy, "the same bytes");
  ASSERT_TRUE(o_.Settle());
  o_.node("B").files().Remove(kFolder).IgnoreError();
  o_.RunFor(30'000);
  EXPECT_TRUE(o_.Stands("B", kXray));
  EXPECT_TRUE(o_.Stands("B", kCopy));
  ASSERT_TRUE(o_.Settle());
  ExpectConverged(o_.cluster());
}

TEST_F(ScenarioGate, APersonDecidesForAWholeFolderThatVanished) {
  Have(kXray);
  o_.cluster().Partition("A", "B");
  o_.Damage("B", kXray);
  o_.RunFor(30'000);
  ASSERT_EQ(HeldAt("B").size(), 1u);
  EXPECT_TRUE(o_.node("B").replica().RevertHeld(RelPath::Trusted(kFolder)).ok());
  o_.RunFor(5'000);
  ASSERT_EQ(HeldAt("B").size(), 1u) << "nobody can be asked";
  EXPECT_TRUE(o_.node("B").replica().ReleaseHeld(RelPath::Trusted(kFolder)).ok());
  o_.RunFor(5'000);
  EXPECT_TRUE(HeldAt("B").empty());
  o_.cluster().HealAll();
  ASSERT_TRUE(o_.Settle());
  EXPECT_FALSE(o_.Stands("A", kXray));
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

TEST_F(ScenarioGate, TheWalkGoesOnWhileManyWait) {
  Have(kXray);
  o_.database().SetHintsLost(1000);
  for (int i = 0; i < 400; ++i) {
    o_.Drop("A", "M/MillerEva7/" + std::to_string(i) + ".jpg", std::to_string(i));
  }
  o_.RunFor(30'000);
  ASSERT_EQ(o_.node("B").replica().Report().held_row, 400u);
  o_.cluster().Partition("A", "B");
  o_.DeleteDocument("A", kXray);
  o_.RunFor(20'000);
  EXPECT_FALSE(o_.Stands("B", kXray));
}

TEST_F(ScenarioGate, WithoutTheBrakeAllWouldGo) {
  PlantFault(PlantedFault::kRowBrakeMissing);
  LoseRowsOf(150);
  EXPECT_FALSE(o_.Stands("B", "S/SmithJohn12/149.jpg"));
  EXPECT_FALSE(o_.Stands("B", "S/SmithJohn12/0.jpg"));
}

TEST_F(ScenarioGate, RowsThatVanishByTheHundredAreForAPerson) {
  LoseRowsOf(150);
  size_t standing = o_.node("B").files().UserTree().size();
  EXPECT_GE(standing, 50u);
  EXPECT_EQ(o_.node("B").replica().Report().held_brake, 50u);
  o_.node("B").KillProcess();
  o_.node("B").Start();
  o_.RunFor(60'000);
  EXPECT_EQ(o_.node("B").files().UserTree().size(), standing) << "a restart takes no more";
  RelPath reverted = HeldAt("B")[0].path;
  EXPECT_TRUE(o_.node("B").replica().RevertHeld(reverted).ok());
  EXPECT_TRUE(o_.node("B").replica().ReleaseHeld(RelPath::Trusted(kFolder)).ok());
  o_.RunFor(60'000);
  EXPECT_TRUE(o_.Stands("B", reverted.str()));
  EXPECT_EQ(o_.node("B").replica().Report().held_brake, 0u);
  // The rows went at A, too, and it holds as many.
  EXPECT_TRUE(o_.node("A").replica().ReleaseHeld(RelPath()).ok());
  o_.cluster().HealAll();
  ASSERT_TRUE(o_.Settle());
  ExpectConverged(o_.cluster());
}

TEST_F(ScenarioGate, TheBrakeComesOffWhenTheRowsAreBack) {
  LoseRowsOf(150);
  std::vector<HeldFile> held = HeldAt("B");
  ASSERT_EQ(held.size(), 50u);
  for (const HeldFile& file : held) o_.database().Insert("B", file.path.str());
  o_.RunFor(60'000);
  ASSERT_TRUE(HeldAt("B").empty());
  // The next document that somebody deletes goes as ever.
  o_.database().Delete("B", o_.database().Naming("B", held[0].path.str())[0]);
  o_.RunFor(10'000);
  EXPECT_FALSE(o_.Stands("B", held[0].path.str()));
  EXPECT_TRUE(HeldAt("B").empty());
}

TEST_F(ScenarioGate, ANameThatIsUsedAgainIsANewDocument) {
  Have(kXray);
  o_.DeleteDocument("A", kXray);
  ASSERT_TRUE(o_.Settle());
  o_.Drop("B", kXray, "dropped under the old name");
  o_.RunFor(30'000);
  EXPECT_TRUE(o_.Stands("B", kXray)) << "it never had a row: none vanished";
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

// A backlog of documents and a line that takes one at a time: how many came before `wanted`?
class ScenarioGateUrgency : public Test {
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
  o_.Import("A", kPlan, "plan");
  o_.RunFor(1'000'000);
  EXPECT_LT(CameBefore(kPlan), kBacklog / 6);
}

}  // namespace
}  // namespace atozsync
