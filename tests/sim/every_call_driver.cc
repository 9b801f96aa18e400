#include "tests/sim/every_call_driver.h"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iostream>

namespace atozsync {

namespace {

uint64_t NumberFrom(const char* variable, uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

bool TakesLong(const EveryCallScene& scene) {
  return scene.name.starts_with("Large") || scene.name == "FirstSync";
}

// A failed CHECK ends the program, with it the trace that says where it was.
std::string& Whereabouts() {
  static std::string text;
  return text;
}

void PrintWhereabouts(int) {
  std::fprintf(stderr, "every call: %s\n", Whereabouts().c_str());
}

void PrintHowToRepeat(const Interruption& first) {
  const testing::TestInfo& info = *testing::UnitTest::GetInstance()->current_test_info();
  std::cerr << "again: ATOZ_EVERY_CALL_N=" << first.at << " ATOZ_EVERY_CALL_DRAW=" << first.draw
            << " sim_every_call_test --gtest_filter='" << info.test_suite_name() << "."
            << info.name() << "'\n";
}

}  // namespace

std::vector<EveryCallCase> EveryCallCases() {
  std::vector<EveryCallCase> cases;
  for (const char* victim : {"A", "B"}) {
    for (const EveryCallScene& scene : EveryCallScenes()) cases.push_back({&scene, victim});
    cases.push_back({&FirstSyncOfTenFiles(), victim});
  }
  return cases;
}

std::string EveryCallCaseName(const EveryCallCase& each) {
  return each.scene->name + "_" + each.victim;
}

bool EveryCallInFull() {
  return NumberFrom("ATOZ_EVERY_CALL_FULL", 0) != 0;
}

bool EveryCallDraw(uint64_t draw) {
  return NumberFrom("ATOZ_EVERY_CALL_DRAW", draw) == draw;
}

std::vector<uint64_t> EveryCallDraws(uint64_t by_lot) {
  std::vector<uint64_t> draws;
  uint64_t last = Interruption::kAllKept + by_lot * (EveryCallInFull() ? 3 : 1);
  for (uint64_t draw = Interruption::kNothingKept; draw <= last; ++draw) {
    if (EveryCallDraw(draw)) draws.push_back(draw);
  }
  return draws;
}

uint64_t EveryCallStride(const EveryCallScene& scene, uint64_t usual, uint64_t long_ones,
                         uint64_t long_ones_in_full) {
  if (EveryCallInFull()) return TakesLong(scene) ? long_ones_in_full : 1;
  return TakesLong(scene) ? long_ones : usual;
}

uint64_t ForEveryPoint(const EveryCallCase& each, const std::vector<Interruption>& before,
                       uint64_t stride, bool users, const AtPoint& at_point) {
  std::string where = each.scene->name + ", victim " + each.victim;
  for (const Interruption& first : before) where += ", " + Describe(first) + ", then";
  std::signal(SIGABRT, PrintWhereabouts);
  Whereabouts() = where + " nothing more";
  Survey survey;
  {
    SCOPED_TRACE(where + " nothing more");
    survey = EveryCallRun(*each.scene, each.victim, before).Look();
    if (testing::Test::HasFailure()) {
      if (!before.empty()) PrintHowToRepeat(before.front());
      return 1;
    }
  }
  uint64_t only = before.empty() ? NumberFrom("ATOZ_EVERY_CALL_N", 0) : 0;
  uint64_t runs = 0;
  for (uint64_t n = 1; n <= survey.points.size(); ++n) {
    if (only != 0 ? n != only : n % stride != survey.points.size() % stride) continue;
    if (testing::Test::HasFailure()) return runs;  // of what at_point did itself
    for (Interruption& now : at_point(n, survey.IsCall(n))) {
      now.at = n;
      Whereabouts() = where + " " + Describe(now) + ": " + survey.points[n - 1];
      SCOPED_TRACE(Whereabouts());
      std::vector<Interruption> plan = before;
      plan.push_back(now);
      EveryCallRun(*each.scene, each.victim, plan).Check(users ? nullptr : &survey.end);
      ++runs;
      if (!testing::Test::HasFailure()) continue;
      PrintHowToRepeat(plan.front());
      return runs;
    }
  }
  return runs;
}

void ReportRuns(uint64_t runs) {
  static uint64_t total = 0;
  total += runs;
  std::cout << runs << " runs, " << total << " so far\n";
  testing::Test::RecordProperty("runs", static_cast<int>(runs));
}

}  // namespace atozsync
