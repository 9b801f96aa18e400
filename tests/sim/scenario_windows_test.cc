// Linux (A) and Windows (W) in one cluster: names that only one of them can hold, names that differ
// in letter case, and contents that are swapped in three renames.
#include <gtest/gtest.h>

#include "tests/sim/checkers.h"
#include "tests/sim/sim_cluster.h"

namespace atozsync {
namespace {

constexpr int64_t kLongMs = 90'000;  // longer than any pause before another try

class ScenarioWindows : public ::testing::Test {
 protected:
  std::vector<HeldFile> HeldAtW() { return c_.node("W").replica().Held(10); }
  bool HeldForIt(const std::string& path, const std::string& word) {
    const std::vector<HeldFile> held = HeldAtW();
    return held.size() == 1 && held[0].path == RelPath::Trusted(path) &&
           held[0].text.find(word) != std::string::npos;
  }

  SimCluster c_{
      31, {"A", "W"}, [](SimNodeOptions& node) { node.files.windows = node.name == "W"; }};
};

TEST_F(ScenarioWindows, ContentsTravelBothWays) {
  c_.Write("A", "S/Smith12/x.jpg", "1");
  c_.StartAll();
  ASSERT_TRUE(c_.Settle());
  c_.Write("W", "S/Smith12/x.jpg", "2, edited on Windows");
  ASSERT_TRUE(c_.Settle());
  c_.Replace("A", "S/Smith12/x.jpg", "3, edited on Linux");
  ASSERT_TRUE(c_.Settle());
  EXPECT_EQ(c_.Read("W", "S/Smith12/x.jpg"), "3, edited on Linux");
  ExpectConverged(c_);
}

TEST_F(ScenarioWindows, ANameThatWindowsCannotHoldStaysAtThePeersAndIsListed) {
  c_.Write("A", "S/Smith12/aux.jpg", "a device");
  c_.Write("A", "S/Smith12/x.jpg", "fine");
  c_.StartAll();
  c_.RunFor(kLongMs);
  EXPECT_EQ(c_.Read("W", "S/Smith12/x.jpg"), "fine");
  EXPECT_EQ(c_.Read("W", "S/Smith12/aux.jpg"), "(nothing)");
  EXPECT_EQ(c_.Read("A", "S/Smith12/aux.jpg"), "a device") << "not taken for deleted there";
  EXPECT_TRUE(HeldForIt("S/Smith12/aux.jpg", "AUX for a device"));
  // Somebody gives it another name.
  c_.Rename("A", "S/Smith12/aux.jpg", "S/Smith12/auxiliary.jpg");
  c_.RunFor(kLongMs);
  EXPECT_EQ(c_.Read("W", "S/Smith12/auxiliary.jpg"), "a device");
  EXPECT_TRUE(HeldAtW().empty());
  ASSERT_TRUE(c_.Settle());
  ExpectConverged(c_);
}

TEST_F(ScenarioWindows, OfTwoNamesThatDifferInCaseOneIsHeldUntilTheOtherGoes) {
  c_.Write("A", "S/Smith12/x.jpg", "small");
  c_.StartAll();
  ASSERT_TRUE(c_.Settle());
  c_.Write("A", "S/Smith12/X.JPG", "large");
  c_.RunFor(kLongMs);
  EXPECT_EQ(c_.Read("W", "S/Smith12/x.jpg"), "small");
  EXPECT_EQ(c_.Read("W", "S/Smith12/X.JPG"), "(nothing)");
  EXPECT_EQ(c_.Read("A", "S/Smith12/x.jpg"), "small");
  EXPECT_EQ(c_.Read("A", "S/Smith12/X.JPG"), "large");
  EXPECT_TRUE(HeldForIt("S/Smith12/X.JPG", "letter case"));
  const std::vector<ConflictRecord> conflicts = c_.node("A").index().Conflicts();
  ASSERT_EQ(conflicts.size(), 1u);
  EXPECT_EQ(conflicts[0].kind, ConflictKind::kCase);
  c_.Delete("A", "S/Smith12/x.jpg");
  c_.RunFor(kLongMs);
  EXPECT_EQ(c_.Read("W", "S/Smith12/X.JPG"), "large");
  ASSERT_TRUE(c_.Settle());
  ExpectConverged(c_);
}

TEST_F(ScenarioWindows, ARenameThatChangesOnlyTheCaseTravels) {
  c_.Write("A", "S/Smith12/photo.jpg", "1");
  c_.StartAll();
  ASSERT_TRUE(c_.Settle());
  c_.Rename("A", "S/Smith12/photo.jpg", "S/Smith12/Photo.jpg");
  c_.RunFor(kLongMs);
  EXPECT_EQ(c_.Read("W", "S/Smith12/Photo.jpg"), "1");
  EXPECT_EQ(c_.Read("W", "S/Smith12/photo.jpg"), "(nothing)");
  c_.Rename("W", "S/Smith12/Photo.jpg", "S/Smith12/PHOTO.jpg");
  c_.RunFor(kLongMs);
  EXPECT_EQ(c_.Read("A", "S/Smith12/PHOTO.jpg"), "1");
  EXPECT_EQ(c_.Read("A", "S/Smith12/Photo.jpg"), "(nothing)");
  ASSERT_TRUE(c_.Settle());
  ExpectConverged(c_);
}

}  // namespace
}  // namespace atozsync
