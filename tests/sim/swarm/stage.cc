#include "tests/sim/swarm/stage.h"

#include <algorithm>

namespace atozsync::swarm {

namespace {

constexpr int64_t kUnlockedPollMs = 1'000;
constexpr int64_t kUnlockedMaxMs = 90'000;  // the longest pause is a minute

bool IsUsers(StepKind kind) {
  return kind <= StepKind::kResync || kind == StepKind::kUndo;
}

}  // namespace

std::vector<std::string> Stage::Names(const Scenario& scenario) {
  std::vector<std::string> names;
  for (int64_t i = 0; i < scenario.Get(Knob::kReplicas); ++i) {
    names.emplace_back(1, static_cast<char>('A' + i));
  }
  return names;
}

Stage::Stage(const Scenario& scenario)
    : scenario_(scenario),
      cluster_(static_cast<uint64_t>(scenario.Get(Knob::kSeed)), Names(scenario),
               [this](SimNodeOptions& options) { Adjust(options); }),
      ledger_(cluster_, static_cast<size_t>(scenario.Get(Knob::kBrakeFiles))),
      machines_(static_cast<int>(scenario.Get(Knob::kReplicas))) {}

void Stage::Adjust(SimNodeOptions& options) const {
  auto permille = [this](Knob knob) { return static_cast<uint32_t>(scenario_.Get(knob)); };
  const int64_t coarse_times = scenario_.Get(Knob::kCoarseTimes);
  bool coarse = coarse_times == 1 || (coarse_times == 2 && options.name == "B");
  if (coarse) options.files.time_granularity_ns = kSecond;
  options.files.reuse_inodes = scenario_.Get(Knob::kReuseInodes) != 0;
  options.files.knows_writers = scenario_.Get(Knob::kKnowsWriters) != 0;
  options.hints.delay_max_ns = scenario_.Get(Knob::kHintDelayMs) * kMs;
  options.hints.duplicate_permille = permille(Knob::kHintDoubledPermille);
  options.hints.silent_loss_permille = permille(Knob::kHintLostPermille);
  options.hints.overflow_permille = permille(Knob::kHintOverflowPermille);
  options.hints.queue_max = static_cast<size_t>(scenario_.Get(Knob::kHintQueueMax));
  options.executor.stall_permille = permille(Knob::kStallPermille);
  options.authority = static_cast<Authority>(scenario_.Get(Knob::kAuthority));
  options.skew_ns = 0;
  if (options.name == "B") options.skew_ns = scenario_.Get(Knob::kSkewSeconds) * kSecond;
  bool from_the_future = options.name == "B" && scenario_.Get(Knob::kFutureVersion) != 0;
  bool from_the_past = options.name == "B" && scenario_.Get(Knob::kNoContentStreams) != 0;
  options.adjust = [this, coarse, from_the_future, from_the_past](ReplicaOptions& engine) {
    if (coarse) engine.racy_window_ms = 2'000;
    if (from_the_future) engine.protocol_version += 1;
    engine.content_streams.count =
        from_the_past ? 0 : static_cast<size_t>(scenario_.Get(Knob::kContentStreams));
    engine.upload_limit = static_cast<uint64_t>(scenario_.Get(Knob::kUploadLimit));
    engine.brake.files_min = static_cast<uint64_t>(scenario_.Get(Knob::kBrakeFiles));
    engine.brake.share = engine.brake.files_min > 0 ? 1 : 0;
    engine.settle_ms = scenario_.Get(Knob::kSettleMs);
    engine.rescan_interval_ms = scenario_.Get(Knob::kRescanSeconds) * 1'000;
    engine.staging_bytes_in_flight_max = static_cast<uint64_t>(scenario_.Get(Knob::kStagingBytes));
  };
}

SimLinkOptions Stage::LinkOptions() const {
  SimLinkOptions options;
  options.latency_max_ns = scenario_.Get(Knob::kLatencyMs) * kMs;
  options.latency_min_ns = options.latency_max_ns / 4;
  options.bytes_per_second = static_cast<uint64_t>(scenario_.Get(Knob::kBytesPerSecond));
  options.window_bytes = static_cast<size_t>(scenario_.Get(Knob::kWindowBytes));
  options.loss_permille = static_cast<uint32_t>(scenario_.Get(Knob::kLossPermille));
  options.reset_permille = static_cast<uint32_t>(scenario_.Get(Knob::kResetPermille));
  return options;
}

// Who cannot reach whom, whatever happens. Later machines reach everybody.
void Stage::SeverLinks() {
  auto count = static_cast<size_t>(scenario_.Get(Knob::kReplicas));
  auto topology = static_cast<Topology>(scenario_.Get(Knob::kTopology));
  std::vector<std::string> names = Names(scenario_);
  for (size_t a = 0; a < count; ++a) {
    for (size_t b = a + 1; b < count; ++b) {
      bool linked = true;
      if (topology == Topology::kRing) linked = b == a + 1 || (a == 0 && b == count - 1);
      if (topology == Topology::kHub) linked = a == 0;
      // Two sites, one line between them.
      if (topology == Topology::kSplit) {
        linked = (a < count / 2) == (b < count / 2) || (a == 0 && b == count - 1);
      }
      if (!linked) cluster_.Sever(names[a], names[b]);
    }
  }
}

void Stage::SetUp() {
  int64_t stalls_ms = scenario_.Get(Knob::kStallPermille) > 0 ? 20'000 : 0;
  ledger_.SetStill(scenario_.Get(Knob::kSettleMs),
                   scenario_.Get(Knob::kHintDelayMs) + stalls_ms + 300);
  for (auto& [name, node] : cluster_.nodes()) ledger_.Watch(*node);
  SeverLinks();
  SimNode& first = cluster_.node("A");
  for (int64_t i = 0; i < scenario_.Get(Knob::kFirstFiles); ++i) {
    auto which = static_cast<uint32_t>(i);
    Play({StepKind::kWrite, 0, which * 7, which, 0});
  }
  // Not on a first machine that is already dead: the founder's files have to be known to it.
  if (!first.running()) cluster_.StartAll();
  cluster_.network().SetAllLinkOptions(LinkOptions());
}

void Stage::Play(const Step& step) {
  what_.clear();
  auto at = cluster_.nodes().begin();
  std::advance(at, step.node % cluster_.nodes().size());
  SimNode& node = *at->second;
  if (!IsUsers(step.kind)) {
    WorldActs(node, step);
  } else if (UserCanAct(node)) {
    UserActs(node, step);
  }
  if (narrator_) narrator_(step, what_);
  if (step.pause_ms > 0 && !cluster_.violated()) cluster_.RunFor(step.pause_ms);
}

void Stage::Mend() {
  cluster_.HealAll();
  SimLinkOptions links = LinkOptions();
  links.reset_permille = 0;
  cluster_.network().SetAllLinkOptions(links);
  for (auto& [name, node] : cluster_.nodes()) {
    SimFileSystem& files = node->files();
    if (!files.powered()) node->LosePower();
    files.SetHook(nullptr);
    files.SetCapacity(uint64_t{1} << 40);
    files.Mount();
    files.ClearFailures();
    // What a person would do.
    if (node->running() && !node->replica().Report().last_error.empty()) node->KillProcess();
    node->index().ClearErrors();
  }
  saved_.clear();
  ClearIgnored();
  cluster_.StartAll();
  for (auto& [name, node] : cluster_.nodes()) node->replica().SetPaused(false);
  RemoveGhosts();
  SimHintOptions hints;
  hints.delay_max_ns = scenario_.Get(Knob::kHintDelayMs) * kMs;
  for (auto& [name, node] : cluster_.nodes()) {
    node->SetHintOptions(hints);
    node->hints().SetOptions(hints);
  }
  // Hints that were lost without a word are made up for by the next regular scan.
  if (scenario_.Get(Knob::kHintLostPermille) > 0) {
    cluster_.RunFor(scenario_.Get(Knob::kRescanSeconds) * 2'000);
  }
  AwaitUnlocked();
  AwaitDecisions();
  RepairRot();
}

// Nobody is told that a program has let a file go: it is tried again, with pauses that grow. A
// replica counts as at rest meanwhile, it would never do so beside an open program else.
void Stage::AwaitUnlocked() {
  for (int64_t waited_ms = 0; !cluster_.violated(); waited_ms += kUnlockedPollMs) {
    auto locked = [](auto& node) { return node.second->replica().Report().held_locked > 0; };
    if (std::none_of(cluster_.nodes().begin(), cluster_.nodes().end(), locked)) return;
    if (waited_ms > kUnlockedMaxMs) cluster_.Violate("locked: a file is not read again");
    cluster_.RunFor(kUnlockedPollMs);
  }
}

}  // namespace atozsync::swarm
