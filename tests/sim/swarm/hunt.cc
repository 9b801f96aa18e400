#include "tests/sim/swarm/hunt.h"

#include <fstream>
#include <iomanip>
#include <iostream>
#include <sstream>

#include "tests/sim/swarm/draw.h"
#include "tests/sim/swarm/shrink.h"
#include "tests/sim/swarm/story.h"

namespace atozsync::swarm {

namespace {

constexpr int kShrinkTriesMax = 400;

Verdict RunWith(PlantedFault fault, const Scenario& scenario) {
  PlantFault(fault);
  Verdict verdict = RunApart(scenario);
  PlantFault(PlantedFault::kNone);
  return verdict;
}

void Save(const Find& find, const std::string& dir) {
  StillFails fails = [&](const Scenario& candidate) {
    return ShowsFault(candidate, find.fault, find.verdict.kind);
  };
  Scenario scenario = Shrink(DrawScenario(find.seed), fails, kShrinkTriesMax);
  PlantFault(find.fault);
  std::string story = Story(scenario, find.verdict);
  PlantFault(PlantedFault::kNone);
  std::string name = PlantedFaultName(find.fault);
  std::ofstream(dir + "/" + name + ".txt")
      << "# " << PlantedFaultText(find.fault) << "\n# found as: " << find.verdict.kind << "\n"
      << story;
}

}  // namespace

const char* FoundElsewhere(PlantedFault fault) {
  switch (fault) {
    // Needs an instant that no step aims at: a test of its own does.
    case PlantedFault::kForgetTouchWhileRead:
      return "sim_scenario_test, ScenarioScan.APlantedFaultThatForgetsItIsFound";
    // A person has to decide about what need not wait; the history ends as any other.
    case PlantedFault::kBrakeCountsMoves:
      return "sim_brake_test, ScenarioBrakeMove.AFolderThatIsMovedDoesNotBrake";
    // These histories have no database.
    case PlantedFault::kGateOpen:
    case PlantedFault::kGateForEver:
    case PlantedFault::kLeaveUnasked:
    case PlantedFault::kRowGoneIgnored: return "sim_database_test, OfficeFaultTest";
    case PlantedFault::kFreezeIgnored:
      return "sim_database_test, ScenarioRowGone.WithoutTheFreezeItWouldGo";
    case PlantedFault::kRowBrakeMissing:
      return "sim_database_test, ScenarioRowGone.WithoutTheBrakeAllWouldGo";
    case PlantedFault::kEarlyWordUnsaid:
      return "sim_database_test, ScenarioEarlyWord.WithoutItTheFileStandsUntilTheDeletionComes";
    default: return nullptr;
  }
}

bool ShowsFault(const Scenario& scenario, PlantedFault fault, const std::string& kind) {
  return RunWith(fault, scenario).kind == kind && RunApart(scenario).kind.empty();
}

Find HuntFault(PlantedFault fault, const FleetOptions& options) {
  Find find;
  find.fault = fault;
  FleetOptions left = options;
  while (left.runs > 0) {
    PlantFault(fault);
    uint64_t seed = RunFleet(left).failed_seed;
    PlantFault(PlantedFault::kNone);
    if (seed == 0) return find;
    Scenario scenario = DrawScenario(seed);
    find.verdict = RunWith(fault, scenario);
    if (!find.verdict.kind.empty() && RunApart(scenario).kind.empty()) {
      find.seed = seed;
      return find;
    }
    ++find.others;
    left.runs -= seed + 1 - left.first_seed;
    left.first_seed = seed + 1;
  }
  return find;
}

size_t Hunt(const std::vector<PlantedFault>& faults, const FleetOptions& options,
            const std::string& save_dir) {
  size_t missed = 0;
  std::cout << std::left << std::setw(28) << "fault" << std::setw(8) << "runs"
            << "found as\n";
  for (PlantedFault fault : faults) {
    Find find = HuntFault(fault, options);
    bool found = find.seed != 0;
    const char* elsewhere = FoundElsewhere(fault);
    if (!found && elsewhere == nullptr) ++missed;
    std::cout << std::setw(28) << PlantedFaultName(fault) << std::setw(8)
              << (found ? find.seed - options.first_seed + 1 : options.runs)
              << (found                  ? find.verdict.kind
                  : elsewhere != nullptr ? elsewhere
                                         : "NOT FOUND");
    if (find.others > 0) std::cout << " (" << find.others << " seeds fail without it, too)";
    std::cout << std::endl;
    if (found && !save_dir.empty()) Save(find, save_dir);
  }
  std::cout << faults.size() - missed << " of " << faults.size() << " found\n";
  return missed;
}

size_t CheckFaults(const std::string& dir) {
  size_t wrong = 0;
  auto say = [&wrong](PlantedFault fault, const std::string& what) {
    ++wrong;
    std::cout << PlantedFaultName(fault) << ": " << what << std::endl;
  };
  for (PlantedFault fault : AllPlantedFaults()) {
    if (FoundElsewhere(fault) != nullptr) continue;
    std::string path = dir + "/" + PlantedFaultName(fault) + ".txt";
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    Result<Scenario> scenario = ParseScenario(text.str());
    if (!file || !scenario.ok()) {
      say(fault, path + (file ? ": " + scenario.status().ToString() : ": cannot be read"));
      continue;
    }
    if (RunWith(fault, *scenario).kind.empty()) say(fault, path + " does not find it any more");
    Verdict without = RunApart(*scenario);
    if (!without.kind.empty()) say(fault, path + " fails without it, too: " + without.text);
  }
  std::cout << AllPlantedFaults().size() << " faults, " << wrong << " wrong\n";
  return wrong;
}

}  // namespace atozsync::swarm
