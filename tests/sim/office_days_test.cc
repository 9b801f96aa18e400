// Days of offices from many seeds, and the bugs that they have to find (docs/database.md).
#include "tests/sim/office_days.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "sync/base/planted_fault.h"

namespace atozsync {
namespace {

constexpr int kSteps = 60;

// ATOZ_OFFICE_SEEDS: how many, from ATOZ_OFFICE_SEED on.
uint64_t Wanted(const char* name, uint64_t usual) {
  const char* text = std::getenv(name);
  return text == nullptr ? usual : std::strtoull(text, nullptr, 10);
}

std::string TellOf(OfficeDays& days) {
  std::string told;
  for (const std::string& line : days.story()) told += "  " + line + "\n";
  return told;
}

TEST(OfficeDaysTest, NoRowIsMadeTwiceAndNothingComesBack) {
  uint64_t first = Wanted("ATOZ_OFFICE_SEED", 1);
  for (uint64_t seed = first; seed < first + Wanted("ATOZ_OFFICE_SEEDS", 100); ++seed) {
    OfficeDays days(seed, kSteps);
    std::string problems = days.Run();
    ASSERT_TRUE(problems.empty()) << "seed " << seed << "\n" << TellOf(days) << problems;
  }
}

class OfficeFaultTest : public ::testing::TestWithParam<PlantedFault> {
 protected:
  void TearDown() override { PlantFault(PlantedFault::kNone); }
};

TEST_P(OfficeFaultTest, IsFound) {
  PlantFault(GetParam());
  constexpr uint64_t kSeedsMax = 300;
  for (uint64_t seed = 1; seed <= kSeedsMax; ++seed) {
    if (!OfficeDays(seed, kSteps).Run().empty()) {
      RecordProperty("seeds", std::to_string(seed));
      return;
    }
  }
  FAIL() << PlantedFaultName(GetParam()) << " was not found in " << kSeedsMax << " seeds";
}

INSTANTIATE_TEST_SUITE_P(Gate, OfficeFaultTest,
                         ::testing::Values(PlantedFault::kGateOpen, PlantedFault::kGateForEver,
                                           PlantedFault::kLeaveUnasked,
                                           PlantedFault::kRowGoneIgnored),
                         [](const auto& fault) {
                           std::string name = PlantedFaultName(fault.param);
                           std::erase(name, '-');
                           return name;
                         });

}  // namespace
}  // namespace atozsync
