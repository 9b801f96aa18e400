// Volumes that keep file times in different steps: NTFS beside ext4, an old file server beside
// both.
#include <gtest/gtest.h>

#include "tests/sim/checkers.h"
#include "tests/sim/sim_cluster.h"

namespace atozsync {
namespace {

constexpr char kFile[] = "S/Smith12/letter.doc";
constexpr int64_t kOldNs = 1'500'000'000'123'456'789;
constexpr int64_t kApartNs = 2'000'000'001;

class ScenarioFileTimes : public ::testing::TestWithParam<int64_t> {
 protected:
  int64_t TimeAt(const char* node) { return c_.node(node).files().Look(kFile)->mtime_ns; }
  FileVersion VersionAt(const char* node) {
    return c_.node(node).index().Get(RelPath::Trusted(kFile))->version;
  }
  // A and C keep nanoseconds, B does not.
  void ExpectTime(int64_t time_ns) {
    EXPECT_EQ(TimeAt("A"), time_ns) << c_.Describe();
    EXPECT_EQ(TimeAt("C"), time_ns) << c_.Describe();
    EXPECT_EQ(TimeAt("B"), time_ns - time_ns % GetParam());
    EXPECT_EQ(VersionAt("B"), VersionAt("A"));
    ExpectConverged(c_);
  }

  SimCluster c_{76, {"A", "B", "C"}, [](SimNodeOptions& options) {
                  if (options.name == "B") options.files.time_granularity_ns = GetParam();
                }};
};

// What B could not keep of a time is no change made there: it would round the time at all others.
TEST_P(ScenarioFileTimes, ACoarseVolumeRoundsNobodyElsesTimes) {
  c_.StartAll();
  c_.Write("A", kFile, "1");
  c_.Touch("A", kFile, kOldNs);
  ASSERT_TRUE(c_.Settle());
  ExpectTime(kOldNs);
  c_.Touch("C", kFile, kOldNs + 7'000'000'007);
  ASSERT_TRUE(c_.Settle());
  ExpectTime(kOldNs + 7'000'000'007);
}

// Interrupted at each point of setting the time, too.
TEST_P(ScenarioFileTimes, NorDoesACrashInTheMiddleOfIt) {
  c_.StartAll();
  c_.Write("A", kFile, "1");
  ASSERT_TRUE(c_.Settle());
  for (int ms = 0; ms < 60; ++ms) {
    SCOPED_TRACE(ms);
    c_.Touch("A", kFile, kOldNs + ms * kApartNs);
    c_.RunFor(ms);
    c_.node("B").KillProcess();
    c_.node("B").Start();
    ASSERT_TRUE(c_.Settle());
    ASSERT_EQ(TimeAt("A"), kOldNs + ms * kApartNs) << c_.Describe();
  }
  ExpectTime(kOldNs + 59 * kApartNs);
}

// A time that somebody sets there is one.
TEST_P(ScenarioFileTimes, ATimeThatIsSetOnTheCoarseVolumeTravels) {
  c_.StartAll();
  c_.Write("A", kFile, "1");
  ASSERT_TRUE(c_.Settle());
  const int64_t set_ns = 1'400'000'000 * kSecond;
  c_.Touch("B", kFile, set_ns);
  ASSERT_TRUE(c_.Settle());
  ExpectTime(set_ns);
}

TEST_P(ScenarioFileTimes, ALostIndexOnTheCoarseVolumeChangesNoTime) {
  c_.StartAll();
  c_.Write("A", kFile, "1");
  c_.Touch("A", kFile, kOldNs);
  ASSERT_TRUE(c_.Settle());
  c_.node("B").KillProcess();
  c_.node("B").LoseIndex();
  c_.node("B").Start();
  ASSERT_TRUE(c_.Settle());
  ExpectTime(kOldNs);
  EXPECT_TRUE(c_.node("A").index().Conflicts().empty());
}

INSTANTIATE_TEST_SUITE_P(Steps, ScenarioFileTimes, ::testing::Values(100, kSecond, 2 * kSecond));

}  // namespace
}  // namespace atozsync
