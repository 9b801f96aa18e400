#include <gtest/gtest.h>

#include "sync/os/posix_file_times.h"

namespace atozsync {
namespace {

TEST(TimeStep, IsWhatWasKept) {
  constexpr int64_t kSecond = 1'000'000'000;
  for (int64_t step :
       {int64_t{1}, int64_t{100}, int64_t{1'000'000}, int64_t{10'000'000}, kSecond, 2 * kSecond}) {
    EXPECT_EQ(TimeStepNs(kTriedTimeNs, kTriedTimeNs - kTriedTimeNs % step), step);
  }
}

TEST(TimeStep, IsOneWhereTheTimeIsNoneOfThem) {
  EXPECT_EQ(TimeStepNs(kTriedTimeNs, kTriedTimeNs + 1), 1);
  EXPECT_EQ(TimeStepNs(kTriedTimeNs, 0), 1);
}

TEST(TimeStep, NothingIsWrittenWhereItCannotBeFoundOut) {
  EXPECT_EQ(ProbeTimeGranularityNs(-1), 1);
}

}  // namespace
}  // namespace atozsync
