// Three replicas, users who do anything, links that break, processes and machines that die:
// whatever happened, once the links heal and everything runs, all must hold what checkers.h says.
//
// One seed is one history. A failure prints its seed; ATOZ_SWARM_SEED=n runs that one alone,
// ATOZ_SWARM_SEEDS=n that many.
#include <gtest/gtest.h>

#include <cerrno>
#include <cstdlib>
#include <iostream>

#include "tests/sim/checkers.h"
#include "tests/sim/sim_cluster.h"

namespace atozsync {
namespace {

constexpr int kActions = 60;

// kUsual: links, processes and power. kHarsh: also lost and old indexes, volumes that go away or
// are full, half-open links, users in the very instant of a change, file times that stand still for
// a second.
enum class Manners { kUsual, kHarsh };

class Swarm {
 public:
  Swarm(uint64_t seed, Manners manners)
      : manners_(manners),
        c_(seed, {"A", "B", "C"}, manners == Manners::kHarsh ? Harsh : Unruly),
        random_(seed ^ 0x5eed) {}

  // ATOZ_SWARM_PATH=name prints what becomes of one path, in the folders and in the indexes.
  void Watch(const std::string& path) {
    for (auto& [name, node] : c_.nodes()) {
      node->files().AddListener([this, who = name, path](const FsChange& change) {
        if (change.path.str() != path) return;
        std::cerr << c_.scheduler().now_ns() / kMs << " " << who << " folder: change "
                  << static_cast<int>(change.kind) << (change.is_dir ? " directory" : " file")
                  << (change.by_user ? " by a user" : "") << "\n";
      });
    }
    c_.scheduler().SetTraceSink([this, path](int64_t now_ns, std::string_view, uint64_t) {
      for (auto& [name, node] : c_.nodes()) {
        std::optional<IndexRow> row = node->index().Get(RelPath::Trusted(path));
        std::string text = "nothing";
        if (row) {
          text = std::string(VersionKindName(row->version.kind)) + " " +
                 row->version.hash.ToHex().substr(0, 6) + " " + row->version.vector.ToString() +
                 (row->unversioned ? " unversioned" : "") + " " + row->reason;
        }
        for (const Need& need : node->index().NeedsOf(RelPath::Trusted(path))) {
          text += "\n        need " + std::string(VersionKindName(need.version.kind)) + " " +
                  need.version.hash.ToHex().substr(0, 6) + " " + need.version.vector.ToString();
        }
        if (watched_[name] == text) continue;
        watched_[name] = text;
        std::cerr << now_ns / kMs << " " << name << " index: " << text << "\n";
      }
    });
  }

  void Run() {
    if (const char* path = std::getenv("ATOZ_SWARM_PATH")) Watch(path);
    for (int i = 0; i < 8; ++i) c_.Write("A", SomePath(), NewContent("A"));
    c_.StartAll();
    SimLinkOptions lossy;
    lossy.reset_permille = static_cast<uint32_t>(random_.Below(8));
    c_.network().SetAllLinkOptions(lossy);
    for (int i = 0; i < kActions && !::testing::Test::HasFailure(); ++i) {
      if (random_.Chance(600)) {
        UserActs();
      } else {
        WorldActs();
      }
      c_.RunFor(random_.Between(0, 3) == 0 ? random_.Between(0, 3'000) : random_.Between(0, 80));
    }
    c_.HealAll();
    c_.network().SetAllLinkOptions({});
    for (auto& [name, node] : c_.nodes()) {
      if (!node->files().powered()) node->LosePower();
      node->files().SetHook(nullptr);
      node->files().SetCapacity(uint64_t{1} << 40);
      node->files().Mount();
      node->files().FailRandomly(0, EIO);
      // What a person would do.
      if (node->running() && !node->replica().Report().last_error.empty()) node->KillProcess();
    }
    c_.StartAll();
    ExpectConverged(c_);
  }

  uint64_t trace_hash() { return c_.scheduler().trace_hash(); }

 private:
  static void Unruly(SimNodeOptions& options) {
    options.hints.overflow_permille = 3;
    options.files.reuse_inodes = options.name != "A";
  }
  static void Harsh(SimNodeOptions& options) {
    Unruly(options);
    options.files.time_granularity_ns = kSecond;
    options.adjust = [](ReplicaOptions& engine) { engine.racy_window_ms = 2'000; };
  }

  std::string SomeNode() { return std::string(1, static_cast<char>('A' + random_.Below(3))); }
  // Few names, so that everybody meets everybody.
  std::string SomeDir() {
    static const char* const kDirs[] = {"S", "S/Smith12", "S/Smith12/old", "J/Jones7", "X"};
    return kDirs[random_.Below(5)];
  }
  std::string SomePath() { return SomeDir() + "/f" + std::to_string(random_.Below(5)); }
  std::string NewContent(const std::string& node) {
    std::string content = node + "-" + std::to_string(++contents_);
    size_t size = random_.Chance(50) ? random_.Below(200'000) : random_.Below(300);
    return content + std::string(size, static_cast<char>('a' + contents_ % 26));
  }
  // A file or directory that stands there; empty when there is none.
  std::string SomeStanding(const std::string& node, bool dirs_too) {
    std::vector<std::string> paths;
    for (const auto& [path, entry] : c_.node(node).files().UserTree()) {
      if (dirs_too || entry.kind == NodeKind::kFile) paths.push_back(path);
    }
    return paths.empty() ? std::string() : paths[random_.Below(paths.size())];
  }
  // Can a user make this name: is everything above it a directory?
  bool Possible(const std::string& node, const std::string& path, bool as_dir) {
    Tree tree = c_.node(node).files().UserTree();
    for (size_t slash = path.find('/'); slash != std::string::npos;
         slash = path.find('/', slash + 1)) {
      auto at = tree.find(path.substr(0, slash));
      if (at != tree.end() && at->second.kind != NodeKind::kDir) return false;
    }
    auto at = tree.find(path);
    return at == tree.end() || (!as_dir && at->second.kind == NodeKind::kFile);
  }

  void UserActs() {
    std::string node = SomeNode();
    if (!c_.node(node).files().powered() || unmounted_.contains(node)) return;
    std::string path = SomePath();
    switch (random_.Below(10)) {
      case 0:
      case 1:
      case 2:
        if (Possible(node, path, false)) c_.Write(node, path, NewContent(node));
        return;
      case 3:
        if (Possible(node, path, false)) c_.Replace(node, path, NewContent(node));
        return;
      case 4:
      case 5: {
        std::string old = SomeStanding(node, false);
        if (!old.empty()) c_.Write(node, old, NewContent(node));
        return;
      }
      case 6: {
        std::string old = SomeStanding(node, random_.Chance(150));
        if (!old.empty()) c_.Delete(node, old);
        return;
      }
      case 7: {
        std::string old = SomeStanding(node, random_.Chance(200));
        bool inside = path == old || path.starts_with(old + "/");
        bool is_dir = !old.empty() && !c_.node(node).files().ReadFile(old);
        if (!old.empty() && !inside && Possible(node, path, is_dir)) c_.Rename(node, old, path);
        return;
      }
      case 8:
        if (Possible(node, path, true)) c_.MakeDir(node, path);
        return;
      default: {
        std::string old = SomeStanding(node, false);
        if (!old.empty()) c_.Touch(node, old, random_.Between(1, 2'000'000'000) * kSecond);
      }
    }
  }

  void WorldActs() {
    std::string a = SomeNode();
    std::string b = SomeNode();
    if (manners_ == Manners::kHarsh && random_.Chance(350)) {
      WorldActsHarshly(a, b);
      return;
    }
    switch (random_.Below(8)) {
      case 0:
      case 1:
        if (a != b) c_.Partition(a, b);
        return;
      case 2: c_.HealAll(); return;
      case 3:
        if (a != b) c_.network().ResetConnections(a, b);
        return;
      case 4: c_.node(a).KillProcess(); return;
      case 5: c_.node(a).LosePower(); return;
      case 6: PowerFailsAtCall(a, random_.Below(40)); return;
      default:
        for (auto& [name, node] : c_.nodes()) {
          if (!node->running() && node->files().powered()) node->Start();
        }
    }
  }

  void WorldActsHarshly(const std::string& a, const std::string& b) {
    SimNode& node = c_.node(a);
    switch (random_.Below(8)) {
      case 0:
        if (!node.files().powered()) return;
        node.KillProcess();
        if (older_[a] != nullptr && random_.Chance(500)) {
          node.PutIndexBack(std::move(older_[a]));
        } else {
          node.LoseIndex();
        }
        older_[a].reset();
        node.Start();
        return;
      case 6: older_[a] = node.index().Clone(); return;
      case 1:
        if (unmounted_.insert(a).second) {
          node.files().Unmount();
        } else {
          node.files().Mount();
          unmounted_.erase(a);
        }
        return;
      case 2:
        node.files().SetCapacity(random_.Chance(500) ? node.files().used_bytes() + 300
                                                     : uint64_t{1} << 40);
        return;
      case 3:
        if (a != b) c_.network().SetHalfOpen(a, b, true);
        return;
      case 4: node.files().FailRandomly(random_.Chance(500) ? 10 : 0, EIO); return;
      default: UserActsAtCall(a, random_.Below(30));
    }
  }

  // Somebody edits a file in the instant before one of the agent's changes.
  void UserActsAtCall(const std::string& name, uint64_t calls) {
    SimNode& node = c_.node(name);
    uint64_t at = node.files().mutating_calls() + calls;
    node.files().SetHook(
        [this, name, at, done = false](FsCall, const RelPath& path, const RelPath& other) mutable {
          SimFileSystem& files = c_.node(name).files();
          if (done || files.mutating_calls() < at || unmounted_.contains(name)) return;
          for (const RelPath& touched : {path, other}) {
            if (touched.is_root() || touched.str().starts_with(".atozsync")) continue;
            if (!files.ReadFile(touched.str())) continue;
            done = true;
            c_.Write(name, touched.str(), NewContent(name));
            return;
          }
        });
  }

  // Before that many more of the agent's changes of the folder.
  void PowerFailsAtCall(const std::string& name, uint64_t calls) {
    SimNode& node = c_.node(name);
    uint64_t at = node.files().mutating_calls() + calls;
    node.files().SetHook([&node, at, done = false](FsCall, const RelPath&, const RelPath&) mutable {
      if (done || node.files().mutating_calls() < at) return;
      done = true;
      node.LosePowerInJob();
    });
  }

  const Manners manners_;
  SimCluster c_;
  std::set<std::string> unmounted_;
  std::map<std::string, std::unique_ptr<MemIndex>> older_;  // backups of the index
  SimRandom random_;
  int contents_ = 0;
  std::map<std::string, std::string> watched_;
};

uint64_t NumberFrom(const char* variable, uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

void RunSeeds(Manners manners, uint64_t seeds) {
  uint64_t only = NumberFrom("ATOZ_SWARM_SEED", 0);
  uint64_t first = only != 0 ? only : 1;
  uint64_t last = only != 0 ? only : NumberFrom("ATOZ_SWARM_SEEDS", seeds);
  for (uint64_t seed = first; seed <= last && !::testing::Test::HasFailure(); ++seed) {
    Swarm(seed, manners).Run();
    if (::testing::Test::HasFailure()) {
      std::cerr << "again: ATOZ_SWARM_SEED=" << seed << " sim_swarm_test --gtest_filter="
                << (manners == Manners::kHarsh ? "'*Harsh*'" : "'*Usual*'") << "\n";
    }
  }
}

TEST(SimSwarm, UsualTroubleConvergesAndLosesNothing) {
  RunSeeds(Manners::kUsual, 150);
}

TEST(SimSwarm, HarshTroubleConvergesAndLosesNothing) {
  RunSeeds(Manners::kHarsh, 100);
}

TEST(SimSwarm, OneSeedOneHistory) {
  for (uint64_t seed : {7u, 8u}) {
    uint64_t hashes[2];
    for (uint64_t& hash : hashes) {
      Swarm swarm(seed, Manners::kHarsh);
      swarm.Run();
      hash = swarm.trace_hash();
    }
    EXPECT_EQ(hashes[0], hashes[1]) << "something depends on more than the seed " << seed;
  }
}

}  // namespace
}  // namespace atozsync
