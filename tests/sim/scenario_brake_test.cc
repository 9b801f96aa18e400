// The brake against mass changes of files: what is deleted or rewritten by the hundred stays where
// it was done until a person decides, and everything else goes on (docs/brake.md).
#include "tests/sim/brake_rig.h"

namespace atozsync {
namespace {

TEST_F(ScenarioBrake, AMassDeletionStaysWhereItWasMade) {
  Have();
  DeleteMany();
  ExpectBraked();
  EXPECT_EQ(Standing("B"), kMany);
  const std::vector<HeldFile> held = A().Held(1'000);
  ASSERT_EQ(held.size(), static_cast<size_t>(kMany));
  for (const HeldFile& file : held) {
    EXPECT_EQ(file.why, HeldWhy::kBrake);
    EXPECT_NE(file.text.find("deleted here"), std::string::npos) << file.text;
    EXPECT_GT(file.since_ms, 0);
    EXPECT_EQ(file.until_ms, 0);
  }
}

TEST_F(ScenarioBrake, WithoutItAllWouldGo) {
  PlantFault(PlantedFault::kBrakeMissing);
  Have();
  DeleteMany();
  c_.RunFor(30'000);
  EXPECT_EQ(Standing("B"), 0);
}

TEST_F(ScenarioBrake, AFolderRemovedAsAWholeIsABurst) {
  Have();
  // Out of the folder in one step: only the folder itself is missed.
  ASSERT_TRUE(c_.node("A").files().Rename("S", ".atozsync/elsewhere").ok());
  ExpectBraked(kFiles);
  EXPECT_EQ(Standing("B", kFiles), kFiles);
  Decide(false);
  c_.RunFor(10'000);
  ASSERT_TRUE(c_.node("A").files().Remove(".atozsync/elsewhere").ok());
  ExpectOver();
  EXPECT_EQ(Standing("A", kFiles), kFiles);
}

TEST_F(ScenarioBrake, WhatLeaksBeforeItIsBounded) {
  Have();
  for (int i = 0; i < kMany; ++i) {
    c_.Delete("A", Name(i));
    c_.RunFor(3'000);
  }
  ExpectBraked(kMany - kLimit);
  EXPECT_EQ(Standing("B"), kMany - static_cast<int>(kLimit));
}

TEST_F(ScenarioBrake, WhatPeopleDeleteGoesAtOnce) {
  Have();
  DeleteMany(0, kLimit);
  c_.RunFor(2'500);
  EXPECT_EQ(Standing("B", kLimit), 0);
  ExpectOver();
  EXPECT_FALSE(EverBraked());
}

TEST_F(ScenarioBrake, TheWindowPasses) {
  Have();
  for (int round = 0; round < 4; ++round) {
    DeleteMany(round * static_cast<int>(kLimit), kLimit);
    c_.RunFor(3'700'000);
  }
  EXPECT_EQ(Standing("B"), 0);
  ExpectOver();
  EXPECT_FALSE(EverBraked());
}

TEST_F(ScenarioBrake, ReleasedItGoesToTheOthers) {
  Have();
  DeleteMany();
  ExpectBraked();
  Decide(true);
  ExpectOver();
  EXPECT_EQ(Standing("B"), 0);
}

TEST_F(ScenarioBrake, RevertedItComesBack) {
  Have();
  const int64_t time = c_.node("A").files().Look(Name(3))->mtime_ns;
  DeleteMany();
  ExpectBraked();
  Decide(false);
  ExpectOver();
  EXPECT_EQ(Intact("A"), kMany);
  EXPECT_EQ(Intact("B"), kMany);
  EXPECT_EQ(c_.node("A").files().Look(Name(3))->mtime_ns, time);
  EXPECT_TRUE(c_.node("A").index().Conflicts().empty());
}

TEST_F(ScenarioBrake, PartByPart) {
  Have();
  DeleteMany();
  ExpectBraked();
  Decide(true, "S/Smith1");
  c_.RunFor(5'000);
  EXPECT_EQ(Held(), 30u);
  EXPECT_EQ(Standing("B"), 30);
  EXPECT_EQ(A().Report().state, ReplicaState::kBraked);
  Decide(false, "S/Smith2");
  c_.RunFor(10'000);
  EXPECT_EQ(Held(), 20u);
  EXPECT_EQ(Standing("A"), 10);
  Decide(false);
  ExpectOver();
  EXPECT_EQ(Standing("A"), 30);
}

TEST_F(ScenarioBrake, EverythingElseGoesOn) {
  Have();
  DeleteMany();
  ExpectBraked();
  c_.Write("B", "T/Tom9/new.pdf", "%PDF-1.4 of B");
  c_.Write("A", "T/Tom9/other.pdf", "%PDF-1.4 of A");
  c_.Write("B", Name(kMany), Picture(1'000));
  c_.RunFor(10'000);
  EXPECT_EQ(c_.Read("A", "T/Tom9/new.pdf"), "%PDF-1.4 of B");
  EXPECT_EQ(c_.Read("B", "T/Tom9/other.pdf"), "%PDF-1.4 of A");
  EXPECT_EQ(c_.Read("A", Name(kMany)), Picture(1'000));
  c_.Delete("A", Name(kMany + 1));
  c_.RunFor(10'000);
  EXPECT_EQ(Held(), kMany + 1u) << "while it is on, one more deletion waits, too";
  Decide(false);
  ExpectOver();
}

TEST_F(ScenarioBrake, WhatIsEncryptedStaysWhereItIs) {
  Have();
  EncryptMany();
  ExpectBraked();
  EXPECT_EQ(Intact("B"), kMany);
  EXPECT_EQ(c_.Read("A", Name(0)), Encrypted(0)) << "nothing is touched before somebody decides";
  EXPECT_NE(A().Held(1)[0].text.find("not what its name says"), std::string::npos);
}

TEST_F(ScenarioBrake, RevertedTheFormerContentComesBackAndTheOtherIsKept) {
  Have();
  EncryptMany();
  ExpectBraked();
  Decide(false);
  ExpectOver();
  EXPECT_EQ(Intact("A"), kMany);
  EXPECT_EQ(Intact("B"), kMany);
  std::vector<KeptVersion> kept = c_.node("A").index().KeptOf(RelPath::Trusted(Name(7)));
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_EQ(c_.node("A").files().ReadFile(kept[0].kept_at.str()), Encrypted(7));
}

TEST_F(ScenarioBrake, ReleasedTheRewrittenContentGoesToTheOthers) {
  Have();
  EncryptMany();
  ExpectBraked();
  Decide(true);
  ExpectOver();
  EXPECT_EQ(c_.Read("B", Name(39)), Encrypted(39));
}

TEST_F(ScenarioBrake, AFewOddFilesGoAfterAWhile) {
  Have();
  EncryptTheFreeOne();
  c_.Write("A", Name(1), Encrypted(1));
  c_.RunFor(5'000);
  EXPECT_EQ(c_.Read("B", Name(1)), Picture(1)) << "it may be the first of many";
  ExpectOver();
  EXPECT_EQ(c_.Read("B", Name(1)), Encrypted(1));
  EXPECT_FALSE(EverBraked());
}

TEST_F(ScenarioBrake, EditsAreNotCounted) {
  Have();
  for (int i = 0; i < kMany; ++i) c_.Write("A", Name(i), Picture(2'000 + i));
  ASSERT_TRUE(c_.Settle());
  EXPECT_FALSE(EverBraked());
  for (int i = 0; i < kMany; ++i) c_.Write("A", "S/" + std::to_string(i) + ".dat", "some");
  ASSERT_TRUE(c_.Settle());
  for (int i = 0; i < kMany; ++i) c_.Write("A", "S/" + std::to_string(i) + ".dat", "other");
  ExpectOver();
  EXPECT_FALSE(EverBraked()) << "nothing is known of such names";
}

TEST_F(ScenarioBrake, EncryptedUnderAnotherNameIsADeletion) {
  Have();
  for (int i = 0; i < kMany; ++i) {
    c_.Delete("A", Name(i));
    c_.Write("A", Name(i) + ".locked", Encrypted(i));
  }
  ExpectBraked();
  EXPECT_EQ(Intact("B"), kMany);
  Decide(false);
  ExpectOver();
  EXPECT_EQ(Intact("A"), kMany);
}

// Each of its files is hashed before its new name is known: that takes longer than a deletion
// waits.
TEST(ScenarioBrakeMove, AFolderThatIsMovedDoesNotBrake) {
  for (bool counts : {false, true}) {
    SCOPED_TRACE(counts);
    SimCluster c(78, {"A", "B"}, [](SimNodeOptions& options) {
      options.executor.work_max_ns = 900 * kMs;
      options.adjust = [](ReplicaOptions& engine) {
        engine.brake = {.share = 100, .files_min = kLimit};
      };
    });
    for (int i = 0; i < 300; ++i) {
      c.Write("A", "S/Smith12/" + std::to_string(i) + ".jpg", "\xFF\xD8\xFF" + std::to_string(i));
    }
    c.StartAll();
    ASSERT_TRUE(c.Settle());
    if (counts) PlantFault(PlantedFault::kBrakeCountsMoves);
    c.Rename("A", "S/Smith12", "S/Smythe12");
    c.RunFor(60'000);
    PlantFault(PlantedFault::kNone);
    if (counts) {
      EXPECT_EQ(c.node("A").replica().Report().state, ReplicaState::kBraked);
      continue;
    }
    ASSERT_TRUE(c.Settle());
    EXPECT_FALSE(c.node("B").files().Exists("S/Smith12"));
    EXPECT_EQ(c.Read("B", "S/Smythe12/299.jpg"), "\xFF\xD8\xFF" + std::to_string(299));
    ExpectConverged(c);
  }
}

TEST_F(ScenarioBrake, PatientsThatAreMergedDoNotBrake) {
  Have();
  for (int i = 0; i < kMany; ++i) {
    c_.Rename("A", Name(i), "T/Tom9/" + std::to_string(i) + ".jpg");
    if (i % 10 == 0) c_.RunFor(1'000);
  }
  ExpectOver();
  EXPECT_FALSE(EverBraked());
  EXPECT_EQ(c_.Read("B", "T/Tom9/39.jpg"), Picture(39));
}

TEST_F(ScenarioBrake, AMoveThatEndsLateIsLetGo) {
  Have();
  DeleteMany();
  ExpectBraked();
  for (int i = 0; i < kMany; ++i) c_.Write("A", "T/Tom9/" + Name(i), Picture(i));
  ExpectOver();
  EXPECT_EQ(Standing("B"), 0);
}

// The content stood under another name for an instant, and is nowhere when the deletion is looked
// at again.
TEST_F(ScenarioBrake, AMoveThatIsWrittenOverIsADeletion) {
  c_.node("A").SetHintOptions({.delay_max_ns = kUs});
  Have();
  DeleteMany();
  ExpectBraked();
  bool placed = false;
  SimNode& node = c_.node("A");
  node.files().SetHook([&](FsCall, const RelPath&, const RelPath&) {
    if (placed || !node.files().Exists("T/new.jpg")) return;
    placed = true;
    c_.Write("A", "T/new.jpg", Picture(1'000));
  });
  c_.Write("B", "T/new.jpg", Picture(3));
  c_.RunFor(30'000);
  EXPECT_TRUE(placed);
  EXPECT_EQ(Held(), kMany);
  EXPECT_TRUE(c_.node("B").files().Exists(Name(3)));
}
}  // namespace
}  // namespace atozsync
