// One thing goes wrong at every point of every change, on the machine that makes the change and on
// the one that receives it: a call fails, a commit fails, the process ends, the power goes, a user
// comes in. Whatever it was, the cluster ends as if nothing had been.
#include <gtest/gtest.h>

#include <cerrno>

#include "tests/sim/every_call_driver.h"

namespace atozsync {
namespace {

class EveryCall : public testing::TestWithParam<EveryCallCase> {};

TEST_P(EveryCall, FailsOnce) {
  uint64_t stride = EveryCallStride(*GetParam().scene, 1, 7);
  ReportRuns(ForEveryPoint(GetParam(), {}, stride, false, [](uint64_t, bool is_call) {
    std::vector<Interruption> all;
    for (int os_errno : {EIO, ENOSPC, EACCES}) {
      if (is_call || os_errno == EIO) all.push_back({.os_errno = os_errno});
    }
    return all;
  }));
}

TEST_P(EveryCall, IsTheLastOneOfItsProcess) {
  uint64_t stride = EveryCallStride(*GetParam().scene, 1, 3);
  ReportRuns(ForEveryPoint(GetParam(), {}, stride, false, [](uint64_t, bool) {
    return std::vector<Interruption>{{.kind = Interruption::Kind::kKill}};
  }));
}

TEST_P(EveryCall, IsTheLastOneBeforeThePowerGoes) {
  uint64_t stride = EveryCallStride(*GetParam().scene, 1, 9);
  ReportRuns(ForEveryPoint(GetParam(), {}, stride, false, [](uint64_t, bool) {
    std::vector<Interruption> all;
    for (uint64_t draw : EveryCallDraws(3)) {
      all.push_back({.kind = Interruption::Kind::kPower, .draw = draw});
    }
    return all;
  }));
}

TEST_P(EveryCall, IsTheInstantInWhichAUserComesIn) {
  uint64_t stride = EveryCallStride(*GetParam().scene, 1, 13);
  ReportRuns(ForEveryPoint(GetParam(), {}, stride, true, [](uint64_t, bool) {
    std::vector<Interruption> all;
    for (int act = 0; act < kUserActCount; ++act) {
      if (!EveryCallDraw(static_cast<uint64_t>(act))) continue;
      all.push_back({.kind = Interruption::Kind::kUser,
                     .draw = static_cast<uint64_t>(act),
                     .act = static_cast<UserAct>(act)});
    }
    return all;
  }));
}

INSTANTIATE_TEST_SUITE_P(Scene, EveryCall, testing::ValuesIn(EveryCallCases()),
                         [](const auto& each) { return EveryCallCaseName(each.param); });

}  // namespace
}  // namespace atozsync
