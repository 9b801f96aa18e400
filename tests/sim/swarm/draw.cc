#include "tests/sim/swarm/draw.h"

#include "tests/sim/sim_random.h"
#include "tests/sim/swarm/draw_motif.h"

namespace atozsync::swarm {

namespace {

struct Weight {
  StepKind kind;
  uint32_t weight;    // among those of a history
  uint32_t permille;  // of the histories have it at all
};

constexpr Weight kUsers[] = {
    {StepKind::kWrite, 8, 1000},       {StepKind::kEdit, 8, 900},
    {StepKind::kReplace, 4, 700},      {StepKind::kDelete, 4, 800},
    {StepKind::kRename, 4, 600},       {StepKind::kDeleteFolder, 1, 300},
    {StepKind::kRenameFolder, 2, 300}, {StepKind::kSwapNames, 3, 300},
    {StepKind::kChangeCase, 2, 200},   {StepKind::kMakeFolder, 2, 500},
    {StepKind::kTouch, 3, 400},        {StepKind::kCopyOld, 3, 300},
    {StepKind::kSlowWrite, 4, 300},    {StepKind::kHoldOpen, 4, 300},
    {StepKind::kResolve, 4, 300},      {StepKind::kRestore, 3, 250},
    {StepKind::kResync, 2, 200},
};

constexpr Weight kTrouble[] = {
    {StepKind::kPartition, 6, 500},
    {StepKind::kHeal, 4, 500},
    {StepKind::kHealAll, 3, 600},
    {StepKind::kReset, 3, 300},
    {StepKind::kReconnectStorm, 2, 100},
    {StepKind::kHalfOpen, 3, 200},
    {StepKind::kKill, 4, 400},
    {StepKind::kPowerLoss, 4, 350},
    {StepKind::kPowerLossAtCall, 6, 400},
    {StepKind::kKillAtCall, 5, 250},
    {StepKind::kStart, 4, 500},
    {StepKind::kStartAll, 6, 1000},
    {StepKind::kLoseIndex, 2, 120},
    {StepKind::kSaveIndex, 4, 150},
    {StepKind::kRollIndexBack, 4, 150},
    {StepKind::kLoseCommits, 3, 120},
    {StepKind::kFailCommit, 2, 100},
    {StepKind::kUnmount, 4, 150},
    {StepKind::kFillDisk, 4, 150},
    {StepKind::kFailCalls, 3, 150},
    {StepKind::kFailCall, 5, 250},
    {StepKind::kLockFile, 4, 200},
    {StepKind::kEditAtCall, 8, 350},
    {StepKind::kDeleteAtCall, 5, 250},
    {StepKind::kClockJump, 3, 200},
    {StepKind::kOverflow, 3, 200},
    {StepKind::kAYearPasses, 2, 100},
    {StepKind::kReplaceReplica, 1, 60},
    {StepKind::kAddReplica, 1, 80},
    {StepKind::kWait, 2, 500},
};

class Drawer {
 public:
  explicit Drawer(uint64_t seed) : random_(seed) { scenario_.Set(Knob::kSeed, Signed(seed)); }

  Scenario Draw() {
    DrawWorld();
    DrawLinks();
    DrawMachines();
    DrawSteps();
    return std::move(scenario_);
  }

 private:
  static int64_t Signed(uint64_t value) { return static_cast<int64_t>(value); }
  void Set(Knob knob, int64_t value) { scenario_.Set(knob, value); }
  // Sets the knob to one of these in that many histories of a thousand.
  void Sometimes(Knob knob, uint32_t permille, std::initializer_list<int64_t> values) {
    if (!random_.Chance(permille)) return;
    Set(knob, *(values.begin() + random_.Below(values.size())));
  }

  void DrawWorld() {
    // Two or three meet every trouble there is; more of them cost more time.
    static constexpr int kReplicas[] = {2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 4, 4, 5, 6, 7};
    int replicas = kReplicas[random_.Below(std::size(kReplicas))];
    Set(Knob::kReplicas, replicas);
    if (replicas > 2) Sometimes(Knob::kTopology, 400, {1, 2, 3});
    Sometimes(Knob::kAuthority, 300, {1, 2});
    Set(Knob::kFirstFiles, random_.Between(0, 8));
    Sometimes(Knob::kFutureVersion, 100, {1});
  }

  void DrawLinks() {
    Sometimes(Knob::kLatencyMs, 500, {1, 60, 400});
    Sometimes(Knob::kBytesPerSecond, 200, {2'000, 20'000, 200'000});
    Sometimes(Knob::kWindowBytes, 100, {1'000, 8'000});
    Sometimes(Knob::kLossPermille, 200, {10, 100});
    Sometimes(Knob::kResetPermille, 200, {2, 8, 30});
  }

  void DrawMachines() {
    Sometimes(Knob::kCoarseTimes, 200, {1});
    Sometimes(Knob::kReuseInodes, 500, {1});
    Sometimes(Knob::kHintDelayMs, 300, {1, 500, 5'000});
    Sometimes(Knob::kHintDoubledPermille, 300, {50, 500});
    Sometimes(Knob::kHintLostPermille, 80, {20, 300});
    Sometimes(Knob::kHintOverflowPermille, 250, {3, 50});
    Sometimes(Knob::kHintQueueMax, 150, {1, 3});
    Sometimes(Knob::kSkewSeconds, 500, {30, 3'600, 400'000'000});
    Sometimes(Knob::kStallPermille, 400, {5, 100});
    Sometimes(Knob::kSettleMs, 200, {1, 500});
    Sometimes(Knob::kRescanSeconds, 200, {5, 600});
    Sometimes(Knob::kStagingBytes, 200, {1, 400});
  }

  void DrawSteps() {
    std::vector<StepKind> users = Bag(kUsers);
    std::vector<StepKind> trouble = Bag(kTrouble);
    auto count = random_.Between(3, random_.Chance(300) ? 60 : 25);
    auto user_permille = static_cast<uint32_t>(random_.Between(400, 900));
    // A hurried history has everything happen at once, a calm one lets most things end.
    int64_t hurry = random_.Between(0, 2);
    for (int64_t i = 0; i < count; ++i) {
      const std::vector<StepKind>& bag = random_.Chance(user_permille) ? users : trouble;
      Step step;
      step.kind = bag[random_.Below(bag.size())];
      step.node = static_cast<uint32_t>(random_.Below(static_cast<uint64_t>(Replicas())));
      step.x = static_cast<uint32_t>(random_.Below(1'000));
      step.y = static_cast<uint32_t>(random_.Below(1'000));
      int64_t pause_max_ms = random_.Chance(250) ? 3'000 : hurry == 0 ? 20 : hurry == 1 ? 100 : 800;
      step.pause_ms = static_cast<uint32_t>(random_.Between(0, pause_max_ms));
      scenario_.steps.push_back(step);
    }
  }

  int64_t Replicas() const { return scenario_.Get(Knob::kReplicas); }

  template <size_t kCount>
  std::vector<StepKind> Bag(const Weight (&weights)[kCount]) {
    std::vector<StepKind> bag;
    for (const Weight& weight : weights) {
      if (random_.Chance(weight.permille)) bag.insert(bag.end(), weight.weight, weight.kind);
    }
    return bag;
  }

  SimRandom random_;
  Scenario scenario_;
};

// From randomness of its own: histories of before are the same but for this.
void DrawContentStreams(Scenario& scenario, SimRandom random) {
  if (!random.Chance(400)) return;
  scenario.Set(Knob::kContentStreams, random.Between(1, 3));
  if (random.Chance(200)) scenario.Set(Knob::kNoContentStreams, 1);
}

// A step of this kind somewhere after the first `from` ones.
void Insert(Scenario& scenario, SimRandom& random, StepKind kind, size_t from = 0) {
  std::vector<Step>& steps = scenario.steps;
  Step step;
  step.kind = kind;
  step.node = static_cast<uint32_t>(random.Below(2));
  step.x = static_cast<uint32_t>(random.Below(1'000));
  step.pause_ms = static_cast<uint32_t>(random.Between(0, 1'500));
  size_t at = from + random.Below(steps.size() - from + 1);
  steps.insert(steps.begin() + static_cast<ptrdiff_t>(at), step);
}

// More is deleted than may go, and sometimes somebody decides before the end.
void DrawBrake(Scenario& scenario, SimRandom random) {
  scenario.Set(Knob::kBrakeFiles, random.Between(1, 3));
  if (scenario.Get(Knob::kFirstFiles) < 5) scenario.Set(Knob::kFirstFiles, random.Between(5, 8));
  auto add = [&](StepKind kind) { Insert(scenario, random, kind); };
  for (int64_t left = random.Between(2, 8); left > 0; --left) add(StepKind::kDelete);
  for (int64_t left = random.Between(0, 2); left > 0; --left) add(StepKind::kDeleteFolder);
  for (int64_t left = random.Between(0, 2); left > 0; --left) add(StepKind::kDecide);
  for (int64_t left = random.Between(0, 2); left > 0; --left) add(StepKind::kTakeBack);
}

// Where people decide about conflicts, some change their minds.
void DrawUndo(Scenario& scenario, SimRandom random) {
  size_t first = 0;
  while (first < scenario.steps.size() && scenario.steps[first].kind != StepKind::kResolve) ++first;
  if (first == scenario.steps.size() || !random.Chance(400)) return;
  for (int64_t left = random.Between(1, 3); left > 0; --left) {
    Insert(scenario, random, StepKind::kUndo, first + 1);
  }
}

}  // namespace

Scenario DrawScenario(uint64_t seed) {
  Scenario scenario = Drawer(seed).Draw();
  DrawContentStreams(scenario, SimRandom(seed).Fork("content streams"));
  // Out of a stream of its own: all else stays as it was before there was a limit.
  SimRandom limit = SimRandom(seed).Fork("upload limit");
  if (limit.Chance(80)) scenario.Set(Knob::kUploadLimit, limit.Chance(500) ? 8'000 : 60'000);
  if (SimRandom(seed).Fork("writers").Chance(500)) scenario.Set(Knob::kKnowsWriters, 1);
  if (SimRandom(seed).Fork("one coarse volume").Chance(60)) scenario.Set(Knob::kCoarseTimes, 2);
  SimRandom brake = SimRandom(seed).Fork("brake");
  if (brake.Chance(60)) DrawBrake(scenario, std::move(brake));
  if (HasMotifs(seed)) AddMotifs(scenario, SimRandom(seed).Fork("motifs"));
  if (HasRareMotifs(seed)) AddRareMotifs(scenario, SimRandom(seed).Fork("rare motifs"));
  DrawUndo(scenario, SimRandom(seed).Fork("undo"));
  return scenario;
}

}  // namespace atozsync::swarm
