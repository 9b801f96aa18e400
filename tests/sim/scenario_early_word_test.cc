// What replicas tell each other before a deletion can be announced: a file is gone, its row may go
// next (docs/database.md). As stories; here no other way would find that a row has gone.
#include "sync/base/probe.h"
#include "sync/engine/early_word.h"
#include "sync/engine/rows_gone.h"
#include "tests/sim/gate_stories.h"

namespace atozsync {
namespace {

class ScenarioEarlyWord : public testing::Test {
 protected:
  void SetUp() override { o_.cluster().StartAll(); }
  void TearDown() override { PlantFault(PlantedFault::kNone); }

  void Have(int files) {
    for (int i = 0; i < files; ++i) o_.Import("A", Name(i), "bytes of " + Name(i));
    ASSERT_TRUE(o_.Settle());
    o_.RunFor(60'000);  // the first walk is over, and the next one far
    o_.database().SetHintsLost(1000);
    o_.database().ForgetQuestions("B");
  }
  static std::string Name(int i) { return kFolder + ("/" + std::to_string(i)) + ".jpg"; }

  SimOffices o_{7, {"A", "B"}, [](ReplicaOptions& options) { options.rows_round_ms = 3'600'000; }};
};

TEST_F(ScenarioEarlyWord, AFileGoesWithItsRowWhileTheDeletingOfficeStillAsks) {
  Have(1);
  o_.database().SetAnswerDelay("A", 5'000);
  o_.DeleteDocument("A", Name(0));
  o_.RunFor(100);
  EXPECT_FALSE(o_.Stands("B", Name(0)));
  o_.OpenPatient("B", kFolder, 0);
  EXPECT_TRUE(o_.resurrections().empty());
  ASSERT_TRUE(o_.Settle());
  ExpectConverged(o_.cluster());
}

TEST_F(ScenarioEarlyWord, WithoutItTheFileStandsUntilTheDeletionComes) {
  Have(1);
  PlantFault(PlantedFault::kEarlyWordUnsaid);
  o_.database().SetAnswerDelay("A", 5'000);
  o_.DeleteDocument("A", Name(0));
  o_.RunFor(100);
  EXPECT_TRUE(o_.Stands("B", Name(0)));
  o_.OpenPatient("B", kFolder, 0);
  EXPECT_EQ(o_.resurrections().size(), 1u);
}

TEST_F(ScenarioEarlyWord, ARowThatComesLateToGoIsWaitedForThreeSeconds) {
  Have(1);
  o_.database().SetLag("B", 2'000, 2'000);
  o_.database().SetAnswerDelay("A", 10'000);
  o_.DeleteDocument("A", Name(0));
  o_.RunFor(1'900);
  EXPECT_TRUE(o_.Stands("B", Name(0))) << "its row stands";
  o_.RunFor(300);
  EXPECT_FALSE(o_.Stands("B", Name(0)));
}

TEST_F(ScenarioEarlyWord, AWordThatWasWrongCostsSomeQuestionsAndNothingElse) {
  Have(1);
  o_.Damage("A", Name(0));
  o_.RunFor(10'000);
  EXPECT_GT(o_.database().questions("B"), 10u);
  EXPECT_LT(o_.database().questions("B"), 400u);
  EXPECT_TRUE(o_.Stands("A", Name(0)));
  EXPECT_TRUE(o_.Stands("B", Name(0)));
  ASSERT_TRUE(o_.Settle());
  o_.database().ForgetQuestions("B");
  o_.RunFor(10'000);
  EXPECT_EQ(o_.database().questions("B"), 0u) << "the watch is over";
  ExpectConverged(o_.cluster());
}

TEST_F(ScenarioEarlyWord, AWholeFolderIsNotWatchedAtOnce) {
  Have(300);
  o_.node("A").files().Remove(kFolder).IgnoreError();
  o_.RunFor(5'000);
  EXPECT_GT(o_.database().questions("B"), 10u);
  EXPECT_LE(o_.database().largest_question("B"), EarlyWord::kWatchedMax);
  ASSERT_TRUE(o_.Settle());
  EXPECT_TRUE(o_.Stands("A", Name(299)));
  EXPECT_TRUE(o_.Stands("B", Name(299)));
}

TEST_F(ScenarioEarlyWord, DocumentsThatPeopleDeleteByTheHundredAreNotForThem) {
  constexpr int kMany = 2 * static_cast<int>(RowsGone::kBrakeFiles);
  Have(kMany + 1);
  for (int i = 0; i < kMany; ++i) {
    o_.DeleteDocument("A", Name(i));
    o_.RunFor(100);
  }
  ASSERT_TRUE(o_.Settle());
  o_.database().SetHintsLost(0);
  o_.cluster().Partition("A", "B");
  o_.DeleteDocument("A", Name(kMany));
  o_.RunFor(10'000);
  EXPECT_FALSE(o_.Stands("B", Name(kMany))) << "the brake is off";
  EXPECT_FALSE(o_.Stands("A", Name(kMany)));
}

// As in a merge of patients, which takes each row before its file; or the word is slow on its way.
TEST_F(ScenarioEarlyWord, NorAreThoseWhoseRowsWentBeforeTheWordCame) {
  constexpr int kMany = 2 * static_cast<int>(RowsGone::kBrakeFiles);
  Have(kMany + 1);
  o_.database().SetHintsLost(0);
  o_.database().SetLag("B", 1, 5);
  SimLinkOptions slow;
  slow.latency_min_ns = slow.latency_max_ns = 2 * kSecond;
  o_.cluster().network().SetAllLinkOptions(slow);
  int untold = 0;  // gone at B before it can have heard anything
  for (int i = 0; i < kMany; ++i) {
    o_.DeleteDocument("A", Name(i));
    o_.RunFor(200);
    untold += o_.Stands("B", Name(i)) ? 0 : 1;
  }
  ASSERT_TRUE(o_.Settle());
  EXPECT_EQ(o_.node("B").replica().Report().held_brake, 0u);
  EXPECT_GT(untold, static_cast<int>(RowsGone::kBrakeFiles));
  o_.cluster().Partition("A", "B");
  o_.DeleteDocument("A", Name(kMany));
  o_.RunFor(10'000);
  EXPECT_FALSE(o_.Stands("B", Name(kMany))) << "the brake is off";
}

TEST_F(ScenarioEarlyWord, NothingGoesOnItWhileReplicationStandsStill) {
  Have(1);
  o_.database().SetAnswerDelay("A", 30'000);
  o_.database().Delete("B", o_.database().Naming("B", Name(0))[0]);
  o_.database().SetReplicating("B", false);
  o_.Damage("A", Name(0));
  o_.RunFor(5'000);
  EXPECT_TRUE(o_.Stands("B", Name(0)));
}

TEST_F(ScenarioEarlyWord, WhereTheDatabaseIsAwayItIsAskedSeldom) {
  Have(1);
  o_.database().SetUp("B", false);
  o_.Damage("A", Name(0));
  o_.RunFor(5'000);
  EXPECT_GT(o_.database().questions("B"), 0u);
  EXPECT_LT(o_.database().questions("B"), 30u);
  EXPECT_TRUE(o_.Stands("B", Name(0)));
}

// Offices that have no line to the one that deletes: they hear of it from those between.
class ScenarioEarlyWordPassedOn : public testing::Test {
 protected:
  static constexpr const char* kFile = "S/SmithJohn12/Xray.jpg";

  void TearDown() override { PlantFault(PlantedFault::kNone); }
  static uint64_t PassedOn() {
    return ProbeHits()[static_cast<size_t>(ProbeId::kGoingPassedOn)].hits;
  }
  void Have(SimOffices& o) {
    o.cluster().StartAll();
    o.Import("A", kFile, "bytes");
    ASSERT_TRUE(o.Settle());
    o.RunFor(60'000);
    o.database().SetHintsLost(1000);
  }
  static void SeldomWalks(ReplicaOptions& options) { options.rows_round_ms = 3'600'000; }

  // In a row; only neighbours have a line.
  SimOffices row_{7, {"A", "B", "C", "D"}, SeldomWalks};
  void CutToARow() {
    row_.cluster().Partition("A", "C");
    row_.cluster().Partition("A", "D");
    row_.cluster().Partition("B", "D");
  }
};

TEST_F(ScenarioEarlyWordPassedOn, ItGoesAlongARow) {
  CutToARow();
  Have(row_);
  for (const char* site : {"A", "B", "C"}) row_.database().SetAnswerDelay(site, 5'000);
  row_.DeleteDocument("A", kFile);
  row_.RunFor(200);
  EXPECT_FALSE(row_.Stands("D", kFile)) << "nobody else can know by now that the row is gone";
  row_.OpenPatient("D", kFolder, 0);
  EXPECT_TRUE(row_.resurrections().empty());
  row_.cluster().HealAll();
  ASSERT_TRUE(row_.Settle());
  ExpectConverged(row_.cluster());
}

TEST_F(ScenarioEarlyWordPassedOn, WithoutItTheEndOfTheRowKeepsTheFile) {
  CutToARow();
  Have(row_);
  for (const char* site : {"A", "B", "C"}) row_.database().SetAnswerDelay(site, 5'000);
  PlantFault(PlantedFault::kEarlyWordUnsaid);
  row_.DeleteDocument("A", kFile);
  row_.RunFor(200);
  EXPECT_TRUE(row_.Stands("D", kFile));
}

TEST_F(ScenarioEarlyWordPassedOn, AnOfficeWithoutADatabasePassesItOn) {
  SimOffices o(7, {"A", "B", "C"}, SeldomWalks);
  o.TakeDatabaseAway("B");
  o.cluster().Partition("A", "C");
  Have(o);
  o.database().SetAnswerDelay("A", 5'000);
  o.DeleteDocument("A", kFile);
  o.RunFor(200);
  EXPECT_FALSE(o.Stands("C", kFile));
}

// Everybody has a line to everybody: a word that is wrong, and said again as long as the file is
// missing, is passed on once by each of the others and runs in no circle.
TEST_F(ScenarioEarlyWordPassedOn, OnceByEachAndNeverInACircle) {
  Have(row_);
  const uint64_t before = PassedOn();
  row_.Damage("A", kFile);
  row_.RunFor(10'000);
  EXPECT_TRUE(row_.Stands("A", kFile)) << "brought back";
  EXPECT_EQ(PassedOn() - before, kTestPoints ? 3u : 0u);
  for (const char* site : {"B", "C", "D"}) row_.database().ForgetQuestions(site);
  row_.RunFor(60'000);
  EXPECT_EQ(PassedOn() - before, kTestPoints ? 3u : 0u);
  for (const char* site : {"B", "C", "D"}) EXPECT_EQ(row_.database().questions(site), 0u) << site;
}

}  // namespace
}  // namespace atozsync
