#include "tests/sim/swarm/scenario.h"

#include <optional>
#include <sstream>

namespace atozsync::swarm {

namespace {

struct KnobRow {
  const char* name;
  int64_t usual;
};
constexpr KnobRow kKnobs[] = {
#define X(id, name, usual) {name, usual},
    ATOZ_SWARM_KNOBS(X)
#undef X
};
constexpr const char* kSteps[] = {
#define X(id, name, text) name,
    ATOZ_SWARM_STEPS(X)
#undef X
};

// A scenario file comes from a person: far more than any test needs, far less than hurts.
constexpr size_t kStepsMax = 10'000;

std::optional<Knob> KnobNamed(const std::string& name) {
  for (size_t i = 0; i < kKnobCount; ++i) {
    if (name == kKnobs[i].name) return static_cast<Knob>(i);
  }
  return std::nullopt;
}

std::optional<StepKind> StepNamed(const std::string& name) {
  for (size_t i = 0; i < kStepKindCount; ++i) {
    if (name == kSteps[i]) return static_cast<StepKind>(i);
  }
  return std::nullopt;
}

Status Wrong(size_t line, const std::string& what) {
  return {Errc::kInvalid, "scenario, line " + std::to_string(line) + ": " + what};
}

}  // namespace

const char* KnobName(Knob knob) {
  return kKnobs[static_cast<size_t>(knob)].name;
}
int64_t UsualValue(Knob knob) {
  return kKnobs[static_cast<size_t>(knob)].usual;
}
const char* StepKindName(StepKind kind) {
  return kSteps[static_cast<size_t>(kind)];
}

Scenario::Scenario() {
  for (size_t i = 0; i < kKnobCount; ++i) knobs[i] = kKnobs[i].usual;
}

std::string ScenarioText(const Scenario& scenario) {
  std::ostringstream out;
  for (size_t i = 0; i < kKnobCount; ++i) {
    if (scenario.knobs[i] == kKnobs[i].usual) continue;
    out << "world " << kKnobs[i].name << " " << scenario.knobs[i] << "\n";
  }
  for (const Step& step : scenario.steps) {
    out << StepKindName(step.kind) << " " << static_cast<char>('A' + step.node) << " " << step.x
        << " " << step.y << " pause " << step.pause_ms << "\n";
  }
  return out.str();
}

Result<Scenario> ParseScenario(std::string_view text) {
  Scenario scenario;
  std::istringstream lines{std::string(text)};
  std::string line;
  for (size_t number = 1; std::getline(lines, line); ++number) {
    std::istringstream words(line.substr(0, line.find('#')));
    std::string first;
    if (!(words >> first)) continue;
    std::string rest;
    if (first == "world") {
      std::string name;
      int64_t value = 0;
      if (!(words >> name >> value) || words >> rest) return Wrong(number, "world NAME NUMBER");
      std::optional<Knob> knob = KnobNamed(name);
      if (!knob) return Wrong(number, "no such property of a world: " + name);
      scenario.Set(*knob, value);
      continue;
    }
    std::optional<StepKind> kind = StepNamed(first);
    if (!kind) return Wrong(number, "no such step: " + first);
    Step step;
    step.kind = *kind;
    char node = 0;
    std::string pause;
    if (!(words >> node >> step.x >> step.y >> pause >> step.pause_ms) || pause != "pause" ||
        node < 'A' || node > 'Z' || words >> rest) {
      return Wrong(number, "STEP MACHINE X Y pause MILLISECONDS");
    }
    step.node = static_cast<uint32_t>(node - 'A');
    if (scenario.steps.size() == kStepsMax) return Wrong(number, "too many steps");
    scenario.steps.push_back(step);
  }
  return scenario;
}

}  // namespace atozsync::swarm
