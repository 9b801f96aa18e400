// The brake over restarts, against other replicas, and what becomes of it when volumes and indexes
// go.
#include "tests/sim/brake_rig.h"

namespace atozsync {
namespace {

TEST_F(ScenarioBrake, ARestartDoesNotTakeItOff) {
  Have();
  for (int i = 0; i < 15; ++i) {
    c_.Delete("A", Name(i));
    c_.RunFor(3'000);
  }
  ExpectBraked(5);  // fewer than may go in a new window
  c_.node("A").KillProcess();
  c_.RunFor(1'000);
  c_.node("A").Start();
  ExpectBraked(5);
  c_.node("A").files().SyncAll();
  c_.node("A").LosePower();
  c_.node("A").Start();
  ExpectBraked(5);
  EXPECT_EQ(Standing("B", 15), 5);
  Decide(false);
  ExpectOver();
  EXPECT_EQ(Standing("A", 15), 5);
}

TEST_F(ScenarioBrake, WithoutItsNoteARestartLetsThemGo) {
  PlantFault(PlantedFault::kBrakeForgotten);
  Have();
  for (int i = 0; i < 15; ++i) {
    c_.Delete("A", Name(i));
    c_.RunFor(3'000);
  }
  ExpectBraked(5);
  c_.node("A").KillProcess();
  c_.node("A").Start();
  c_.RunFor(30'000);
  EXPECT_EQ(Standing("B", 15), 0);
}

TEST_F(ScenarioBrake, EncryptedFilesAreHeldOverARestart) {
  Have();
  EncryptMany();
  ExpectBraked();
  c_.node("A").files().SyncAll();
  c_.node("A").LosePower();
  c_.node("A").Start();
  ExpectBraked();
  EXPECT_EQ(Intact("B"), kMany);
  Decide(false);
  ExpectOver();
  EXPECT_EQ(Intact("A"), kMany);
}

TEST_F(ScenarioBrake, DoneWhileTheAgentWasDown) {
  Have();
  c_.node("A").KillProcess();
  DeleteMany();
  c_.node("A").Start();
  ExpectBraked();
  EXPECT_EQ(Standing("B"), kMany);
}

TEST_F(ScenarioBrake, WhatIsPutBackByHandTakesItOff) {
  Have();
  DeleteMany();
  ExpectBraked();
  for (int i = 0; i < kMany; ++i) c_.Write("A", Name(i), Picture(i));
  ExpectOver();
  EXPECT_EQ(Intact("B"), kMany);
}

// A person asked for it to be brought back, but whoever has it is away for long.
TEST_F(ScenarioBrake, WhatCannotBeBroughtBackCanStillBeReleased) {
  Have();
  for (int i = 0; i < kMany; ++i) c_.Write("A", Name(i), Picture(1'000 + i));
  ASSERT_TRUE(c_.Settle());
  c_.node("A").files().SyncAll();
  c_.Partition("A", "B");
  DeleteMany();
  ExpectBraked();
  Decide(false);
  c_.RunFor(60'000);
  EXPECT_EQ(Held(), kMany);
  Decide(true);
  c_.RunFor(10'000);
  EXPECT_EQ(Held(), 0u);
  c_.HealAll();
  ExpectOver();
  EXPECT_EQ(Standing("B"), 0);
}

TEST_F(ScenarioBrake, ARemoteEditWaitsForTheDecision) {
  for (bool release : {false, true}) {
    SCOPED_TRACE(release);
    const int first = release ? 50 : 0;
    if (!release) Have();
    DeleteMany(first, 20);
    ExpectBraked(20);
    c_.Write("B", Name(first), Picture(3'000));
    c_.RunFor(20'000);
    EXPECT_FALSE(c_.node("A").files().Exists(Name(first)));
    Decide(release);
    ExpectOver();
    EXPECT_EQ(c_.Read("A", Name(first)), Picture(3'000)) << "an edit stands against a deletion";
    EXPECT_EQ(A().Report().conflicts_open, release ? 1u : 0u);
  }
}

TEST_F(ScenarioBrake, ARemoteEditNeverReplacesWhatWasRewritten) {
  Have();
  EncryptMany();
  ExpectBraked();
  c_.Write("B", Name(0), Picture(3'000));
  c_.Write("B", Name(1), Picture(3'001));
  c_.Delete("B", Name(2));
  c_.RunFor(30'000);
  EXPECT_EQ(c_.Read("A", Name(0)), Encrypted(0));
  Decide(true, Name(0));
  Decide(false);
  ExpectOver();
  EXPECT_EQ(A().Report().conflicts_open, 1u) << "two edits";
  EXPECT_EQ(c_.Read("A", Name(1)), Picture(3'001));
  EXPECT_FALSE(c_.node("A").files().Exists(Name(2)));
  EXPECT_EQ(c_.node("A").index().KeptOf(RelPath::Trusted(Name(2))).size(), 1u);
}

TEST_F(ScenarioBrake, DeletedElsewhereTooItGoes) {
  Have();
  DeleteMany();
  ExpectBraked();
  for (int i = 0; i < 5; ++i) c_.Delete("B", Name(i));
  c_.RunFor(20'000);
  EXPECT_EQ(Held(), kMany - 5u);
  Decide(false);
  ExpectOver();
  EXPECT_EQ(Standing("A"), kMany - 5);
}

TEST_F(ScenarioBrake, AnIndexThatIsLostBringsAllBack) {
  Have();
  EncryptTheFreeOne();
  DeleteMany();
  c_.Write("A", Name(60), Encrypted(60));
  ExpectBraked(kMany + 1);
  c_.node("A").KillProcess();
  c_.node("A").LoseIndex();
  c_.node("A").Start();
  ExpectOver();
  EXPECT_EQ(Standing("A"), kMany);
  EXPECT_EQ(A().Report().conflicts_open, 1u) << "both contents are kept";
}

TEST_F(ScenarioBrake, AVolumeThatComesBackDoesNotBrake) {
  Have();
  c_.node("A").files().Unmount();
  c_.node("A").hints().Overflow();
  c_.RunFor(10'000);
  EXPECT_EQ(A().Report().state, ReplicaState::kRootMissing);
  c_.node("A").files().Mount();
  c_.RunFor(10'000);
  ExpectOver();
  EXPECT_FALSE(EverBraked());
}

TEST_F(ScenarioBrake, AVolumeThatGoesAwayWhileItIsOn) {
  Have();
  DeleteMany();
  ExpectBraked();
  c_.node("A").files().Unmount();
  c_.node("A").hints().Overflow();
  c_.RunFor(10'000);
  c_.node("A").files().Mount();
  ExpectBraked();
  Decide(false);
  ExpectOver();
  EXPECT_EQ(Intact("A"), kMany);
}

TEST_F(ScenarioBrake, RevertWaitsForWhoeverHasIt) {
  Have();
  DeleteMany();
  ExpectBraked();
  c_.Partition("A", "B");
  c_.RunFor(60'000);
  Decide(false);
  c_.RunFor(20'000);
  EXPECT_EQ(Held(), static_cast<uint64_t>(kMany));
  c_.Heal("A", "B");
  ExpectOver();
  EXPECT_EQ(Intact("A"), kMany);
}

TEST_F(ScenarioBrake, WhatTheVendorReplacesIsExempt) {
  for (int i = 0; i < kMany; ++i) c_.Write("A", "UpdateFiles/" + std::to_string(i) + ".zip", "PK");
  Have();
  c_.Delete("A", "UpdateFiles");
  ExpectOver();
  EXPECT_FALSE(EverBraked());
  EXPECT_FALSE(c_.node("B").files().Exists("UpdateFiles/7.zip"));
}

}  // namespace
}  // namespace atozsync
