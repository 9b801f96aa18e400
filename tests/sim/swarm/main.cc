// swarm: runs simulated histories, finds one that breaks a promise, makes it small and prints it.
// docs/simulation.md, "Swarm", says how to read what it prints.
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <sstream>
#include <thread>

#include "sync/base/planted_fault.h"
#include "tests/sim/swarm/draw.h"
#include "tests/sim/swarm/fleet.h"
#include "tests/sim/swarm/hunt.h"
#include "tests/sim/swarm/shrink.h"
#include "tests/sim/swarm/story.h"

namespace atozsync::swarm {
namespace {

constexpr int kShrinkTriesMax = 600;

struct Options {
  FleetOptions fleet;
  std::string fault;
  std::string replay;
  std::string save;
  std::string watch;
  std::string check_faults;
  bool hunt = false;
  bool list_faults = false;
  bool show = false;
  bool shrink = true;
  bool require_probes = false;
};

void Report(const Tally& tally, double seconds) {
  std::cout << tally.runs << " histories in " << static_cast<int>(seconds + 0.5) << " s ("
            << static_cast<int>(static_cast<double>(tally.runs) / std::max(seconds, 0.001))
            << " a second), " << tally.repeated << " of them twice with the same trace; "
            << tally.simulated_s / 3600 << " simulated hours, " << tally.events << " events\n";
  std::cout << "steps that made sense:";
  for (size_t i = 0; i < kStepKindCount; ++i) {
    std::cout << " " << StepKindName(static_cast<StepKind>(i)) << "=" << tally.steps[i];
  }
  std::cout << "\n";
}

// How many were never hit that should have been.
size_t ReportProbes(const Tally& tally) {
  if (!kTestPoints) return 0;
  size_t hit = 0;
  size_t never = 0;
  std::string names;
  for (const ProbeCounter& probe : ProbeHits()) {
    if (tally.probes[static_cast<size_t>(probe.id)] > 0) {
      ++hit;
      continue;
    }
    std::string suite = probe.only_in;
    never += suite.empty();
    names += (suite.empty() ? "\n  never: " : "\n  only elsewhere: " + suite + ": ") +
             std::string(probe.name) + " – " + probe.text;
  }
  std::cout << hit << " of " << kProbeCount << " probes hit" << names;
  std::cout << "\n";
  return never;
}

void ShowFailure(const Options& options, Scenario scenario, const Verdict& verdict) {
  std::cout << "FAILED: " << verdict.kind << "\n" << verdict.text << "\n";
  if (options.shrink) {
    std::cout << "making it smaller …" << std::endl;
    StillFails fails = [&](const Scenario& candidate) {
      return RunApart(candidate).kind == verdict.kind;
    };
    scenario = Shrink(scenario, fails, kShrinkTriesMax);
    std::cout << RunApart(scenario).text << "\n";
  }
  std::string text = Story(scenario, verdict);
  std::cout << "scenario (swarm --replay FILE):\n" << text;
  if (options.save.empty()) return;
  std::ofstream(options.save) << "# " << verdict.kind << "\n" << text;
  std::cout << "saved as " << options.save << "\n";
}

int Replay(const Options& options) {
  std::ifstream file(options.replay);
  std::stringstream text;
  text << file.rdbuf();
  if (!file) {
    std::cerr << options.replay << ": cannot be read\n";
    return 2;
  }
  Result<Scenario> scenario = ParseScenario(text.str());
  if (!scenario.ok()) {
    std::cerr << options.replay << ": " << scenario.status().ToString() << "\n";
    return 2;
  }
  if (!options.watch.empty()) {
    RunOptions run;
    run.watched_path = options.watch;
    run.narrator = [](const Step&, const std::string& what) { std::cout << what << "\n"; };
    RunScenario(*scenario, run);
  }
  Verdict verdict = RunApart(*scenario);
  if (options.show) std::cout << Story(*scenario, verdict);
  if (verdict.kind.empty()) return 0;
  ShowFailure(options, *scenario, verdict);
  return 1;
}

int RunSeeds(const Options& options) {
  auto start = std::chrono::steady_clock::now();
  Tally tally = RunFleet(options.fleet);
  std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  Report(tally, took.count());
  size_t never = ReportProbes(tally);
  if (tally.failed_seed == 0) return options.require_probes && never > 0 ? 1 : 0;
  std::cout << "seed " << tally.failed_seed << "\n";
  Scenario scenario = DrawScenario(tally.failed_seed);
  Verdict verdict = RunApart(scenario);
  if (verdict.kind.empty()) verdict = {"trace", "two runs of this seed differ"};
  ShowFailure(options, scenario, verdict);
  return 1;
}

// A history that fails with the fault and holds without it.
int RunFault(const Options& options, PlantedFault fault) {
  Find find = HuntFault(fault, options.fleet);
  if (find.others > 0) std::cout << find.others << " seeds fail without the fault, too\n";
  if (find.seed == 0) {
    std::cout << "not found in " << options.fleet.runs << " histories\n";
    return 0;
  }
  std::cout << "seed " << find.seed << "\n";
  PlantFault(fault);
  ShowFailure(options, DrawScenario(find.seed), find.verdict);
  return 1;
}

// For the faults: planted ones are wanted, so that finding all is what ends well.
int RunHunt(const Options& options, PlantedFault only) {
  if (!options.check_faults.empty()) return CheckFaults(options.check_faults) == 0 ? 0 : 1;
  std::vector<PlantedFault> faults = AllPlantedFaults();
  if (only != PlantedFault::kNone) faults = {only};
  return Hunt(faults, options.fleet, options.save) == 0 ? 0 : 1;
}

int Main(int argc, char** argv) {
  Options options;
  options.fleet.jobs = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  CLI::App app{
      "Runs simulated histories of whole clusters and looks for one that breaks a promise"};
  app.add_option("--seed", options.fleet.first_seed, "first seed")->check(CLI::PositiveNumber);
  app.add_option("--runs", options.fleet.runs, "how many seeds");
  app.add_option("--jobs", options.fleet.jobs, "processes");
  app.add_option("--fault", options.fault, "plants this fault first; the failure is then wanted");
  app.add_flag("--hunt", options.hunt,
               "plants each fault in turn, or the one of --fault, and looks for a history of each");
  app.add_option("--check-faults", options.check_faults,
                 "replays the scenario of each fault in this directory, with and without it");
  app.add_option("--replay", options.replay, "runs the scenario in this file");
  app.add_option("--save", options.save,
                 "where to write a failing scenario, made small; with --hunt, a directory");
  app.add_option("--watch", options.watch, "with --replay: prints what becomes of this path");
  app.add_flag("--faults", options.list_faults, "lists what can be planted");
  app.add_flag("--show", options.show, "prints what the steps of the scenario do");
  app.add_flag("!--no-shrink", options.shrink, "prints a failing scenario as it was drawn");
  app.add_flag("--require-probes", options.require_probes,
               "a probe that is never hit is a failure, unless another suite is to hit it");
  app.add_flag("--progress", options.fleet.progress, "says how far it is");
  CLI11_PARSE(app, argc, argv);

  if (options.list_faults) {
    for (PlantedFault fault : AllPlantedFaults()) {
      std::cout << PlantedFaultName(fault) << "\t" << PlantedFaultText(fault) << "\n";
    }
    return 0;
  }
  Result<PlantedFault> fault = PlantedFaultByName(options.fault.empty() ? "none" : options.fault);
  bool plants = !options.fault.empty() || options.hunt || !options.check_faults.empty();
  if (plants && (!fault.ok() || !kTestPoints)) {
    std::cerr << (fault.ok() ? "this build has no test points (preset sim or dev)"
                             : fault.status().ToString())
              << "\n";
    return 2;
  }
  if (options.hunt || !options.check_faults.empty()) return RunHunt(options, *fault);
  if (options.replay.empty() && !options.fault.empty()) return RunFault(options, *fault);
  PlantFault(*fault);
  return options.replay.empty() ? RunSeeds(options) : Replay(options);
}

}  // namespace
}  // namespace atozsync::swarm

int main(int argc, char** argv) {
  return atozsync::swarm::Main(argc, argv);
}
