// A second interruption falls into the recovery from the first: the machine that receives dies at
// some point of every change, and dies again at every point of what it does when it is back.
#include <gtest/gtest.h>

#include <cerrno>

#include "tests/sim/every_call_driver.h"

namespace atozsync {
namespace {

class EveryCallOfRecovery : public testing::TestWithParam<EveryCallCase> {
 protected:
  // The first interruption at each so-many-th point, each time the second at each so-many-th.
  void Twice(const Interruption& first, uint64_t usual_stride, const AtPoint& second,
             bool users = false) {
    uint64_t stride = EveryCallStride(*GetParam().scene, usual_stride, usual_stride * 4, 5);
    uint64_t runs = 0;
    ForEveryPoint(GetParam(), {}, stride, false, [&](uint64_t n, bool) {
      std::vector<Interruption> before = {first};
      before[0].at = n;
      runs += ForEveryPoint(GetParam(), before, stride, users, second);
      return std::vector<Interruption>();
    });
    ReportRuns(runs);
  }
};

TEST_P(EveryCallOfRecovery, FailsOnce) {
  Twice({.kind = Interruption::Kind::kKill}, 13,
        [](uint64_t, bool) { return std::vector<Interruption>{{.os_errno = EIO}}; });
}

TEST_P(EveryCallOfRecovery, IsTheLastOneOfItsProcess) {
  Twice({.kind = Interruption::Kind::kKill}, 13, [](uint64_t, bool) {
    return std::vector<Interruption>{{.kind = Interruption::Kind::kKill}};
  });
}

TEST_P(EveryCallOfRecovery, IsTheLastOneBeforeThePowerGoesAfterAKill) {
  Twice({.kind = Interruption::Kind::kKill}, 13, [](uint64_t n, bool) {
    return std::vector<Interruption>{
        {.kind = Interruption::Kind::kPower, .draw = Interruption::kNothingKept},
        {.kind = Interruption::Kind::kPower, .draw = 2 + n}};
  });
}

TEST_P(EveryCallOfRecovery, IsTheLastOneBeforeThePowerGoesAgain) {
  for (uint64_t draw : {Interruption::kNothingKept, Interruption::kAllKept, uint64_t{2}}) {
    if (!EveryCallDraw(draw)) continue;
    Twice({.kind = Interruption::Kind::kPower, .draw = draw}, 17, [](uint64_t n, bool) {
      return std::vector<Interruption>{
          {.kind = Interruption::Kind::kPower, .draw = Interruption::kNothingKept},
          {.kind = Interruption::Kind::kPower, .draw = 2 + n}};
    });
    if (HasFailure()) return;
  }
}

// The first points are those of a start: what a user did while nothing ran.
TEST_P(EveryCallOfRecovery, IsTheInstantInWhichAUserComesIn) {
  for (auto kind : {Interruption::Kind::kKill, Interruption::Kind::kPower}) {
    AtPoint each_act = [](uint64_t n, bool) {
      std::vector<Interruption> all;
      for (int act = 0; act < kUserActCount; ++act) {
        // In full there are enough points to give each of them one.
        if (EveryCallInFull() && n % kUserActCount != static_cast<uint64_t>(act)) continue;
        all.push_back({.kind = Interruption::Kind::kUser, .act = static_cast<UserAct>(act)});
      }
      return all;
    };
    Twice({.kind = kind, .draw = Interruption::kNothingKept}, 19, each_act, true);
    if (HasFailure()) return;
  }
}

std::vector<EveryCallCase> Receivers() {
  std::vector<EveryCallCase> cases;
  for (const EveryCallCase& each : EveryCallCases()) {
    if (each.victim == "B") cases.push_back(each);
  }
  return cases;
}

INSTANTIATE_TEST_SUITE_P(Scene, EveryCallOfRecovery, testing::ValuesIn(Receivers()),
                         [](const auto& each) { return EveryCallCaseName(each.param); });

}  // namespace
}  // namespace atozsync
