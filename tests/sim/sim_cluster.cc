#include "tests/sim/sim_cluster.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

namespace atozsync {

SimCluster::SimCluster(uint64_t seed, const std::vector<std::string>& names, Adjust adjust)
    : scheduler_(seed), network_(scheduler_), adjust_(std::move(adjust)) {
  for (const std::string& name : names) AddNode(name, nodes_.empty());
  for (auto& [name, node] : nodes_) {
    std::vector<PeerConfig> peers;
    for (auto& [other_name, other] : nodes_) {
      if (other_name != name) peers.push_back(other->AsPeer());
    }
    node->SetPeers(std::move(peers));
  }
}

SimCluster::~SimCluster() {
  scheduler_.SetTraceSink(nullptr);  // it may look at the nodes
  nodes_.clear();
}

SimNode& SimCluster::AddNode(const std::string& name, bool founder) {
  SimNodeOptions options;
  options.name = name;
  options.founder = founder;
  options.id.bytes.fill(static_cast<uint8_t>(++nodes_made_));
  SimRandom random = scheduler_.random().Fork(name + "/cluster");
  options.skew_ns = random.Between(-30, 30) * kSecond;
  if (adjust_) adjust_(options);
  auto [at, added] = nodes_.emplace(name, nullptr);
  at->second = std::make_unique<SimNode>(scheduler_, network_, std::move(options));
  return *at->second;
}

void SimCluster::StartAll() {
  for (auto& [name, node] : nodes_) {
    if (!node->running()) node->Start();
  }
}

void SimCluster::Violate(const std::string& what) {
  violated_ = true;
  if (on_violation_) {
    on_violation_(what);
  } else {
    ADD_FAILURE() << what;
  }
}

bool SimCluster::MayStand(const std::string& path) const {
  auto allowed = [&path](const std::string& prefix) { return path.starts_with(prefix); };
  return paths_used_.contains(path) || std::any_of(prefixes_.begin(), prefixes_.end(), allowed);
}

bool SimCluster::Expect(const Status& status) {
  if (!status.ok()) Violate(status.ToString());
  return status.ok();
}

void SimCluster::NoteWritten(const std::string& content) {
  written_.insert(content);
  released_.erase(content);
}

void SimCluster::NoteOverwrite(const std::string& path, const std::string& old,
                               const std::string& content) {
  if (old != content) overwrites_[{path, content}].insert(old);
}

void SimCluster::NotePath(const std::string& path) {
  for (size_t slash = path.find('/'); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    paths_used_.insert(path.substr(0, slash));
  }
  paths_used_.insert(path);
}

void SimCluster::Release(const std::string& node, const std::string& path) {
  SimFileSystem& files = this->node(node).files();
  if (auto content = files.ReadFile(path)) {
    released_.insert(*content);
    return;
  }
  for (const auto& [at, entry] : files.UserTree()) {
    if (at.starts_with(path + "/") && entry.kind == NodeKind::kFile)
      released_.insert(entry.content);
  }
}

void SimCluster::Write(const std::string& node, const std::string& path,
                       const std::string& content) {
  std::optional<std::string> old = this->node(node).files().ReadFile(path);
  if (old && *old != content) released_.insert(*old);
  Status status = this->node(node).files().WriteFile(path, content);
  NotePath(path);
  if (status.Is(Errc::kNoSpace)) {  // the user is told, and knows that it is not saved
    NotePartial(Read(node, path));
    return;
  }
  if (!Expect(status)) return;
  NoteWritten(content);
  if (old) NoteOverwrite(path, *old, content);
}

void SimCluster::Replace(const std::string& node, const std::string& path,
                         const std::string& content) {
  std::optional<std::string> old = this->node(node).files().ReadFile(path);
  if (old && *old != content) released_.insert(*old);
  Status status = this->node(node).files().ReplaceFile(path, content);
  NotePath(path);
  if (status.Is(Errc::kNoSpace)) {  // the program removes what it could not save
    std::string half = RelPath::Trusted(path).parent().Child("~replace.tmp").str();
    this->node(node).files().Remove(half).IgnoreError();
    return;
  }
  if (!Expect(status)) return;
  NoteWritten(content);
  if (old) NoteOverwrite(path, *old, content);
}

void SimCluster::Delete(const std::string& node, const std::string& path) {
  Release(node, path);
  Status status = this->node(node).files().Remove(path);
  Expect(status);
}

void SimCluster::Rename(const std::string& node, const std::string& from, const std::string& to) {
  if (this->node(node).files().ReadFile(to)) Release(node, to);
  Tree before = this->node(node).files().UserTree();
  Status status = this->node(node).files().Rename(from, to);
  if (!Expect(status)) return;
  NotePath(to);
  for (const auto& [path, entry] : before) {
    if (path.starts_with(from + "/")) NotePath(to + path.substr(from.size()));
  }
}

void SimCluster::MakeDir(const std::string& node, const std::string& path) {
  Status status = this->node(node).files().MakeDirs(path);
  if (!Expect(status)) return;
  NotePath(path);
}

void SimCluster::Touch(const std::string& node, const std::string& path, int64_t mtime_ns) {
  Status status = this->node(node).files().SetUserMtime(path, mtime_ns);
  Expect(status);
}

void SimCluster::CopyFolder(const std::string& from, const std::string& to) {
  for (const auto& [path, entry] : node(from).files().UserTree()) {
    if (entry.kind == NodeKind::kDir) {
      MakeDir(to, path);
    } else {
      Expect(node(to).files().WriteFile(path, entry.content));
      NotePath(path);
      Touch(to, path, entry.mtime_ns);
    }
  }
}

std::string SimCluster::Read(const std::string& node, const std::string& path) {
  return this->node(node).files().ReadFile(path).value_or("(nothing)");
}

void SimCluster::Partition(const std::string& a, const std::string& b) {
  cut_.insert(std::minmax(a, b));
  network_.SetLink(a, b, false);
}

void SimCluster::Heal(const std::string& a, const std::string& b) {
  cut_.erase(std::minmax(a, b));
  network_.SetLink(a, b, !severed_.contains(std::minmax(a, b)));
}

void SimCluster::HealAll() {
  cut_.clear();
  network_.HealAll();
  for (const auto& [a, b] : severed_) network_.SetLink(a, b, false);
}

void SimCluster::Sever(const std::string& a, const std::string& b) {
  severed_.insert(std::minmax(a, b));
  network_.SetLink(a, b, false);
}

void SimCluster::JoinSevered() {
  for (const auto& [a, b] : severed_) network_.SetLink(a, b, !cut_.contains({a, b}));
  severed_.clear();
}

bool SimCluster::CutOff(const std::string& a, const std::string& b) const {
  return cut_.contains(std::minmax(a, b)) || severed_.contains(std::minmax(a, b));
}

void SimCluster::RunFor(int64_t ms) {
  if (!scheduler_.RunFor(ms * kMs, kEventsMax)) Violate("the cluster never comes to rest");
}

bool SimCluster::CalmNow() {
  for (auto& [name, node] : nodes_) {
    if (!node->running()) continue;
    node->hints().Flush();
    ReplicaReport report = node->replica().Report();
    if (report.state != ReplicaState::kIdle) return false;
    for (const PeerReport& peer : report.peers) {
      auto other = nodes_.find(peer.name);
      bool reachable =
          other != nodes_.end() && other->second->running() && !CutOff(name, peer.name);
      if (reachable && !peer.in_sync) return false;
    }
  }
  return true;
}

bool SimCluster::AskAllSettled() {
  struct Answers {
    size_t yes = 0;
    size_t all = 0;
  };
  auto answers = std::make_shared<Answers>();
  for (auto& [name, node] : nodes_) {
    node->replica().CheckSettled([answers](bool yes) {
      answers->yes += yes;
      ++answers->all;
    });
  }
  for (int i = 0; i < kAnswerPolls && answers->all < nodes_.size() && !violated_; ++i) {
    RunFor(kPollMs);
  }
  return answers->yes == nodes_.size();
}

// Twice what it takes each replica to send all it has to all others under its limit.
int64_t SimCluster::SecondsUnderLimits() {
  uint64_t longest = 0;
  for (auto& [name, node] : nodes_) {
    if (!node->running()) continue;
    uint64_t limit = node->replica().Report().upload_limit;
    if (limit != 0) longest = std::max(longest, node->index().totals().bytes / limit);
  }
  return static_cast<int64_t>(2 * longest * nodes_.size());
}

bool SimCluster::Settle(int64_t max_s) {
  max_s += SecondsUnderLimits();
  bool whole = cut_.empty() && severed_.empty();
  for (auto& [name, node] : nodes_) whole = whole && node->running();
  int64_t end_ns = scheduler_.now_ns() + max_s * kSecond;
  int calm = 0;
  while (scheduler_.now_ns() < end_ns) {
    bool settled = !whole || AskAllSettled();
    if (!whole || !settled) RunFor(kPollMs);
    if (violated_) return false;
    calm = settled && CalmNow() ? calm + 1 : 0;
    // Without a question to everybody, news on its way through a third one shows a little later.
    if (calm == (whole ? 2 : 5)) return true;
  }
  Violate("not settled after " + std::to_string(max_s) + " simulated seconds\n" + Describe());
  return false;
}

void SimCluster::Quiesce() {
  auto state = [&] {
    std::vector<Sequence> sequences;
    for (auto& [name, node] : nodes_) sequences.push_back(node->index().last_sequence());
    return sequences;
  };
  std::vector<Sequence> before;
  for (int i = 0; i < 60; ++i) {
    before = state();
    RunFor(10'000);
    if (violated_) return;
    if (state() == before && i >= 4) return;  // late writes are looked for after half a minute
  }
  Violate("versions are made without end\n" + Describe());
}

std::string SimCluster::Describe() {
  std::ostringstream out;
  out << "at " << scheduler_.now_ns() / kMs << " ms\n";
  for (auto& [name, node] : nodes_) out << node->Describe();
  return out.str();
}

uint64_t SimCluster::content_bytes_received() {
  uint64_t bytes = 0;
  for (auto& [name, node] : nodes_) {
    if (!node->running()) continue;
    for (const PeerReport& peer : node->replica().Report().peers) bytes += peer.received_bytes;
  }
  return bytes;
}

}  // namespace atozsync
