#include "tests/sim/swarm/story.h"

#include <sstream>
#include <vector>

namespace atozsync::swarm {

std::string Story(const Scenario& scenario, const Verdict& verdict) {
  if (verdict.kind == "crash" || verdict.kind == "hang") return ScenarioText(scenario);
  std::vector<std::string> told;
  RunOptions options;
  options.narrator = [&](const Step&, const std::string& what) { told.push_back(what); };
  RunScenario(scenario, options);
  std::istringstream lines(ScenarioText(scenario));
  std::string story;
  size_t step = 0;
  for (std::string line; std::getline(lines, line);) {
    story += line;
    if (!line.starts_with("world ") && step < told.size()) {
      if (!told[step].empty()) story += "  # " + told[step];
      ++step;
    }
    story += "\n";
  }
  return story;
}

}  // namespace atozsync::swarm
