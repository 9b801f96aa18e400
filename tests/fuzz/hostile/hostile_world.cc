#include "tests/fuzz/hostile/hostile_world.h"

#include <algorithm>

#include "sync/engine/layout.h"

namespace atozsync {

namespace {

constexpr size_t kProblemsMax = 10;
// Events that time alone explains: ticks, rescans, retries of a handful of paths …
constexpr uint64_t kStepsPerSecond = 2'000;
// … and those that a byte from the peer may cause.
constexpr uint64_t kStepsPerByte = 20;
constexpr uint64_t kStepsFree = 100'000;

ReplicaId IdOf(uint8_t number) {
  ReplicaId id;
  id.bytes.fill(number);
  return id;
}

SimNodeOptions NodeOptions(const std::string& name, uint8_t number, bool founder) {
  SimNodeOptions options;
  options.name = name;
  options.id = IdOf(number);
  options.founder = founder;
  options.adjust = [](ReplicaOptions& engine) {
    engine.content_streams = {.count = 2, .round_trip_min_ms = 0, .bulk_bytes_min = 100'000};
  };
  return options;
}

PeerConfig MalloryConfig() {
  return {IdOf(3), "mallory", {"mallory:1"}};
}

}  // namespace

HostileWorld::HostileWorld(uint64_t seed, Adjust adjust, size_t big_bytes)
    : scheduler_(seed), network_(scheduler_), ignore_(std::vector<std::string>()) {
  SimNodeOptions options = NodeOptions("victim", 2, true);
  if (adjust) adjust(options);
  victim_ = std::make_unique<SimNode>(scheduler_, network_, std::move(options));
  third_ = std::make_unique<SimNode>(scheduler_, network_, NodeOptions("third", 1, false));
  network_.AddNode("mallory", IdOf(3));
  peer_ = std::make_unique<HostilePeer>(scheduler_, network_, "mallory", "victim", IdOf(3),
                                        victim_->id());
  Write("S/Smith12/x.jpg", "an X-ray of Smith");
  Write("S/Smith12/letter.txt", "a letter to Smith");
  Write("J/Jones3/scan.pdf", std::string(3000, 'j'));
  Write("J/Jones3/empty.txt", "");
  Write("top.txt", "a file at the top");
  Write("big.dcm", std::string(big_bytes, 'b'));
  victim_->files().SetHook([this](FsCall call, const RelPath& path, const RelPath& other) {
    OnCall(call, path, other);
  });
  victim_->SetPeers({MalloryConfig(), third_->AsPeer()});
  victim_->Start();
}

HostileWorld::~HostileWorld() {
  peer_.reset();
  victim_.reset();
  third_.reset();
}

void HostileWorld::Problem(const std::string& text) {
  if (problems_.size() < kProblemsMax) problems_.push_back(text);
}

// --- the user ---

void HostileWorld::Write(const std::string& path, const std::string& content) {
  if (auto old = victim_->files().ReadFile(path)) released_.insert(*old);
  if (!victim_->files().WriteFile(path, content).ok()) return;  // a directory stands there
  written_.insert(content);
  released_.erase(content);
}

void HostileWorld::Delete(const std::string& path) {
  for (const auto& [at, node] : victim_->files().UserTree()) {
    if (at == path || at.starts_with(path + "/")) released_.insert(node.content);
  }
  victim_->files().Remove(path).IgnoreError();  // it may be gone already
}

std::string HostileWorld::Read(const std::string& path) {
  return victim_->files().ReadFile(path).value_or("(nothing)");
}

// --- time ---

bool HostileWorld::RunFor(int64_t ms) {
  uint64_t new_bytes = peer_->bytes_sent() - bytes_charged_;
  bytes_charged_ = peer_->bytes_sent();
  steps_allowed_ += new_bytes * kStepsPerByte + static_cast<uint64_t>(ms) * kStepsPerSecond / 1000;
  uint64_t before = scheduler_.steps();
  uint64_t limit = steps_allowed_ + kStepsFree;
  bool ended = scheduler_.RunFor(ms * kMs, limit);
  steps_allowed_ -= std::min(steps_allowed_, scheduler_.steps() - before);
  if (!ended) Problem("more than " + std::to_string(limit) + " events in " + std::to_string(ms));
  return ended;
}

bool HostileWorld::Connect() {
  RunFor(500);  // the victim's first scan; it dials, too
  if (!peer_->connected()) {
    peer_->Dial();
    RunFor(300);
  }
  peer_->Send(peer_->PlausibleHello());
  uint64_t updates = peer_->known().updates;
  for (int i = 0; i < 20 && peer_->known().updates == updates; ++i) RunFor(100);
  return peer_->connected() && peer_->known().updates > updates;
}

bool HostileWorld::RunUntilIdle(int64_t max_ms) {
  for (int64_t ms = 0; ms < max_ms; ms += 200) {
    if (!RunFor(200) || !victim_->running()) return false;
    victim_->hints().Flush();
    if (victim_->replica().Report().state == ReplicaState::kIdle) return true;
  }
  return false;
}

SimNode& HostileWorld::StartThird() {
  third_->SetPeers({victim_->AsPeer()});
  third_->Start();
  return *third_;
}

bool HostileWorld::SettleWithThird(int64_t max_s) {
  int calm = 0;
  for (int64_t ms = 0; ms < max_s * 1000; ms += 200) {
    auto answers = std::make_shared<int>(0);
    for (SimNode* node : {victim_.get(), third_.get()}) {
      if (!node->running()) return false;
      node->replica().CheckSettled([answers](bool yes) { *answers += yes; });
    }
    if (!RunFor(200)) return false;
    calm = *answers == 2 ? calm + 1 : 0;
    if (calm == 2) return true;
  }
  return false;
}

// --- what must hold ---

void HostileWorld::OnCall(FsCall call, const RelPath& path, const RelPath& other) {
  CheckPlace(call, path);
  if (call == FsCall::kRename || call == FsCall::kExchange) CheckPlace(call, other);
}

void HostileWorld::CheckPlace(FsCall call, const RelPath& path) {
  Result<RelPath> parsed = RelPath::Parse(path.str());
  if (!parsed.ok()) Problem(std::string(FsCallName(call)) + " of what is no path: " + path.str());
  if (!IsMutating(call)) return;
  bool own = path == layout::Own() || path.IsBelow(layout::Own());
  if (!own) {
    bool is_dir = call == FsCall::kMakeDir || call == FsCall::kSyncDir;
    if (!path.is_root() && ignore_.IgnoredWithin(path, is_dir)) {
      Problem(std::string(FsCallName(call)) + " of an ignored name: " + Printable(path));
    }
    return;
  }
  bool layout_folder = path == layout::Own() || path == layout::Staging() ||
                       path == layout::Versions() || path == layout::Conflicts();
  if (layout_folder && (call == FsCall::kMakeDir || call == FsCall::kSyncDir)) return;
  bool below = path.parent() == layout::Staging() || path.parent() == layout::Conflicts() ||
               path.IsBelow(layout::Versions());
  if (!below) {
    Problem(std::string(FsCallName(call)) + " in our own folder: " + Printable(path));
  }
}

void HostileWorld::CheckStructure() {
  if (!victim_->files().Exists(layout::Marker().str())) Problem("the root marker is gone");
  for (const auto& [path, node] : victim_->files().ListKept()) {
    bool known = path == layout::Own().str() || path == layout::Marker().str();
    for (const RelPath& place : {layout::Staging(), layout::Versions(), layout::Conflicts()}) {
      known = known || path == place.str() || path.starts_with(place.str() + "/");
    }
    if (!known) Problem("what is this? " + path);
  }
}

void HostileWorld::CheckNothingLost() {
  std::set<std::string> here;
  for (const auto& [path, node] : victim_->files().UserTree()) here.insert(node.content);
  for (const auto& [path, node] : victim_->files().ListKept(layout::Versions().str())) {
    here.insert(node.content);
  }
  for (const auto& [path, node] : victim_->files().ListKept(layout::Conflicts().str())) {
    here.insert(node.content);
  }
  for (const std::string& content : written_) {
    if (released_.contains(content) || here.contains(content)) continue;
    Problem("lost: " + std::to_string(content.size()) + " bytes, " + content.substr(0, 30));
  }
}

void HostileWorld::Check() {
  if (!victim_->running()) {
    Problem("the victim does not run");
    return;
  }
  std::string failure = victim_->replica().Report().last_error;
  if (!failure.empty()) Problem("the victim has stopped: " + failure);
  CheckStructure();
  // Between two steps of a swap the bytes lie in the staging folder; with no swap under way, they
  // do not.
  if (index().Intents().empty()) CheckNothingLost();
}

bool HostileWorld::SettleAfterwards() {
  RunFor(100);
  peer_->SetAccepting(false);
  peer_->CloseAll();
  RunFor(1'000);  // an asked-for restart has happened
  Check();
  if (!victim_->running()) return false;
  victim_->replica().SetPeers({third_->AsPeer()});
  if (!third_->running()) StartThird();
  if (SettleWithThird()) return true;
  Problem("does not settle with an honest replica");
  return false;
}

void HostileWorld::EditAfterwards() {
  Write("after.txt", "written after the attack");
  Write("S/Smith12/x.jpg", "edited after the attack");
  third_->files().WriteFile("from-third.txt", "of the third").IgnoreError();
  if (!SettleWithThird()) Problem("does not settle after edits");
  if (third_->files().UserTree() != victim_->files().UserTree()) {
    Problem("an honest replica has another tree");
  }
  bool dir_there = victim_->files().UserTree()["S/Smith12/x.jpg"].kind == NodeKind::kDir;
  if (!dir_there && third_->files().ReadFile("S/Smith12/x.jpg") != "edited after the attack") {
    Problem("an edit does not reach an honest replica");
  }
  Check();
}

std::string HostileWorld::Describe() {
  std::string text;
  for (const std::string& problem : problems_) text += problem + "\n";
  text += victim_->Describe() + third_->Describe();
  text += "goodbye: " + peer_->known().goodbye + "\n";
  return text;
}

}  // namespace atozsync
