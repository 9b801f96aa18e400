// What vanishes while its row stands, and what stands when its row goes: each rule of the gate as a
// story (docs/database.md).
#include "sync/base/probe.h"
#include "sync/engine/ask_in_parts.h"
#include "tests/sim/gate_stories.h"

namespace atozsync {
namespace {

class ScenarioLeaving : public GateStories {};

TEST_F(ScenarioLeaving, AFileThatVanishesWhileItsRowStandsComesBack) {
  Have(kXray);
  o_.Damage("B", kXray);
  o_.RunFor(15'000);
  EXPECT_TRUE(o_.Stands("B", kXray));
  EXPECT_TRUE(o_.Stands("A", kXray));
  ASSERT_TRUE(o_.Settle());
  ExpectConverged(o_.cluster());
}

TEST_F(ScenarioLeaving, WithoutTheQuestionDamageWouldSpread) {
  Have(kXray);
  PlantFault(PlantedFault::kLeaveUnasked);
  o_.Damage("B", kXray);
  o_.RunFor(15'000);
  EXPECT_FALSE(o_.Stands("A", kXray));
}

TEST_F(ScenarioLeaving, AWholeFolderThatVanishesComesBack) {
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

// Not in one turn, which nothing else could get into; and none is forgotten.
TEST_F(ScenarioLeaving, TheDatabaseComesBackAndVeryManyHaveVanished) {
  constexpr size_t kFiles = AskInParts::kAskedPerTurn * 5 / 2;
  auto name = [](size_t i) { return kFolder + ("/" + std::to_string(1000 + i)) + ".jpg"; };
  for (size_t i = 0; i < kFiles; ++i) o_.Import("A", name(i), "bytes " + std::to_string(i));
  ASSERT_TRUE(o_.Settle());
  o_.database().SetUp("B", false);
  o_.node("B").files().Remove(kFolder).IgnoreError();
  o_.RunFor(60'000);
  ASSERT_EQ(o_.node("B").replica().Held(2 * kFiles).size(), kFiles);
  auto in_parts = [] { return ProbeHits()[static_cast<size_t>(ProbeId::kGateAskedInParts)].hits; };
  const uint64_t parts = in_parts();
  o_.database().SetUp("B", true);
  o_.RunFor(1'000);
  EXPECT_GE(in_parts(), parts + (kTestPoints ? 2 : 0));
  ASSERT_TRUE(o_.Settle());
  for (size_t i = 0; i < kFiles; ++i) ASSERT_TRUE(o_.Stands("B", name(i))) << name(i);
  ExpectConverged(o_.cluster());
}

TEST_F(ScenarioLeaving, DamageWhileTheAgentWasDeadIsHealedToo) {
  Have(kXray);
  o_.node("B").KillProcess();
  o_.Damage("B", kXray);
  o_.node("B").Start();
  o_.RunFor(15'000);
  EXPECT_TRUE(o_.Stands("B", kXray));
  EXPECT_TRUE(o_.Stands("A", kXray));
}

TEST_F(ScenarioLeaving, WhatNobodyHasAnyMoreIsGivenUpInTheEnd) {
  o_.cluster().Partition("A", "B");
  o_.Import("A", kXray, "1");
  o_.RunFor(10'000);
  o_.Damage("A", kXray);
  o_.cluster().NoteReleased("1");
  o_.RunFor(300'000);
  ASSERT_EQ(HeldAt("A").size(), 1u) << "B was not asked";
  EXPECT_EQ(HeldAt("A")[0].until_ms, 0) << "until it can be, or a person decides";
  o_.cluster().HealAll();
  EXPECT_TRUE(o_.Settle());
  EXPECT_TRUE(HeldAt("A").empty());
}

TEST_F(ScenarioLeaving, WhatWasLostWhileTheLineIsDownIsNotAnnouncedAsDeleted) {
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

TEST_F(ScenarioLeaving, AFileThatWaitedIsKnownToHaveARow) {
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

TEST_F(ScenarioLeaving, TheLastWordOfADatabaseThatGoesAwayCounts) {
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

TEST_F(ScenarioLeaving, AFolderThatVanishesComesBackWithItsCopies) {
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

TEST_F(ScenarioLeaving, APersonDecidesForAWholeFolderThatVanished) {
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

TEST_F(ScenarioLeaving, AnAnswerThatComesLateDoesNotBringADeletedDocumentBack) {
  Have(kXray);
  o_.database().SetLag("B", 60'000, 60'000);  // B has the file, and would give it
  o_.database().SetAnswerDelay("A", 12'000);  // read while the row stood, heard when time is up
  o_.DeleteDocument("A", kXray, /*row_ms=*/500);
  int stood = 0;
  for (int i = 0; i < 400; ++i) {
    o_.RunFor(100);
    stood += o_.Stands("A", kXray) ? 1 : 0;
  }
  EXPECT_EQ(stood, 0);
  o_.database().SetAnswerDelay("A", 0);
  ASSERT_TRUE(o_.Settle());
  EXPECT_FALSE(o_.Stands("B", kXray));
}

class ScenarioRowGone : public GateStories {};

TEST_F(ScenarioRowGone, ADeletedDocumentStaysDeleted) {
  Have(kXray);
  o_.DeleteDocument("A", kXray);
  o_.RunFor(3'000);
  EXPECT_FALSE(o_.Stands("B", kXray));
  o_.OpenPatient("B", kFolder);
  ASSERT_TRUE(o_.Settle());
  EXPECT_TRUE(o_.resurrections().empty());
  ExpectConverged(o_.cluster());
}

TEST_F(ScenarioRowGone, ARowThatGoesTakesItsFileWithItBeforeTheAgentsCanTalk) {
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

TEST_F(ScenarioRowGone, WithoutItTheDocumentWouldComeBack) {
  Have(kXray);
  PlantFault(PlantedFault::kRowGoneIgnored);
  o_.cluster().Partition("A", "B");
  o_.DeleteDocument("A", kXray);
  o_.RunFor(10'000);
  o_.OpenPatient("B", kFolder);
  EXPECT_EQ(o_.resurrections().size(), 1u);
}

TEST_F(ScenarioRowGone, ARowThatWentUnnoticedIsFoundByTheWalk) {
  Have(kXray);
  o_.database().SetHintsLost(1000);
  o_.cluster().Partition("A", "B");
  o_.DeleteDocument("A", kXray);
  o_.RunFor(10'000);
  EXPECT_FALSE(o_.Stands("B", kXray));
}

TEST_F(ScenarioRowGone, NothingGoesWhileReplicationStandsStill) {
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

TEST_F(ScenarioRowGone, WithoutTheFreezeItWouldGo) {
  Have(kXray);
  PlantFault(PlantedFault::kFreezeIgnored);
  o_.cluster().Partition("A", "B");
  o_.database().SetReplicating("B", false);
  o_.database().Delete("B", o_.database().Naming("B", kXray)[0]);
  o_.RunFor(20'000);
  EXPECT_FALSE(o_.Stands("B", kXray));
}

TEST_F(ScenarioRowGone, WhatSomebodySavedAfterItsRowWentStays) {
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

TEST_F(ScenarioRowGone, TheWalkGoesOnWhileManyWait) {
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

TEST_F(ScenarioRowGone, WhatIsAboutToBeAnnouncedIsNotTakenOutBesides) {
  auto name = [](int i) { return "S/SmithJohn12/" + std::to_string(i) + ".jpg"; };
  constexpr int kMany = 100;
  for (int i = 0; i < kMany; ++i) Have(name(i));
  o_.database().SetLag("B", 60'000, 60'000);  // B goes by what A announces
  int late = 0;
  for (int i = 0; i < kMany; ++i) {
    o_.DeleteDocument("A", name(i), /*row_ms=*/i % 10);
    int64_t ms = 0;
    for (; ms < 1'000 && o_.Stands("B", name(i)); ++ms) o_.RunFor(1);
    late += ms > 90 ? 1 : 0;
    o_.RunFor(1'000);
  }
  // A look that takes its time now and then; a take-out in the way costs 100 ms each time.
  EXPECT_LE(late, 5);
}

TEST_F(ScenarioRowGone, WithoutTheBrakeAllWouldGo) {
  PlantFault(PlantedFault::kRowBrakeMissing);
  LoseRowsOf(150);
  EXPECT_FALSE(o_.Stands("B", "S/SmithJohn12/149.jpg"));
  EXPECT_FALSE(o_.Stands("B", "S/SmithJohn12/0.jpg"));
}

TEST_F(ScenarioRowGone, RowsThatVanishByTheHundredAreForAPerson) {
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

TEST_F(ScenarioRowGone, TheBrakeComesOffWhenTheRowsAreBack) {
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

TEST_F(ScenarioRowGone, ANameThatIsUsedAgainIsANewDocument) {
  Have(kXray);
  o_.DeleteDocument("A", kXray);
  ASSERT_TRUE(o_.Settle());
  o_.Drop("B", kXray, "dropped under the old name");
  o_.RunFor(30'000);
  EXPECT_TRUE(o_.Stands("B", kXray)) << "it never had a row: none vanished";
}

}  // namespace
}  // namespace atozsync
