#include "tests/sim/checkers.h"

#include <set>

#include "sync/engine/hasher.h"

namespace atozsync {

namespace {

std::string Difference(const Tree& a, const Tree& b) {
  std::string text;
  auto show = [](const TreeNode& node) {
    return node.kind == NodeKind::kDir
               ? std::string("directory")
               : "'" + node.content.substr(0, 40) + "' at " + std::to_string(node.mtime_ns);
  };
  for (const auto& [path, node] : a) {
    auto other = b.find(path);
    if (other == b.end()) text += "\n  only in the first: " + path + " " + show(node);
    if (other != b.end() && !(node == other->second)) {
      text += "\n  " + path + ": " + show(node) + " / " + show(other->second);
    }
  }
  for (const auto& [path, node] : b) {
    if (!a.contains(path)) text += "\n  only in the second: " + path + " " + show(node);
  }
  return text;
}

}  // namespace

namespace {

// With times as the coarsest volume of the cluster keeps them.
Tree ComparableTree(SimCluster& cluster, SimNode& node) {
  Tree tree = node.files().UserTree();
  for (auto& [path, entry] : tree) {
    for (auto& [name, other] : cluster.nodes()) {
      entry.mtime_ns = other->files().TimeAsKept(entry.mtime_ns);
    }
  }
  return tree;
}

}  // namespace

void ExpectEqualTrees(SimCluster& cluster) {
  SimNode& first = *cluster.nodes().begin()->second;
  Tree expected = ComparableTree(cluster, first);
  for (auto& [name, node] : cluster.nodes()) {
    Tree tree = ComparableTree(cluster, *node);
    if (tree == expected) continue;
    cluster.Violate("trees: " + first.name() + " and " + name +
                    " differ:" + Difference(expected, tree));
  }
}

namespace {

// All that stands in the folders and is kept for people.
std::set<std::string> AllContents(SimCluster& cluster) {
  std::set<std::string> found;
  for (auto& [name, node] : cluster.nodes()) {
    for (const auto& [path, entry] : node->files().UserTree()) {
      if (entry.kind == NodeKind::kFile) found.insert(entry.content);
    }
    for (const char* dir : {".atozsync/versions", ".atozsync/conflicts"}) {
      if (!node->files().Exists(dir)) continue;
      for (const auto& [path, entry] : node->files().ListKept(dir)) {
        if (entry.kind == NodeKind::kFile) found.insert(entry.content);
      }
    }
  }
  return found;
}

std::string WhereIs(SimCluster& cluster, const ContentHash& hash) {
  std::string places;
  for (auto& [name, node] : cluster.nodes()) {
    Tree all = node->files().UserTree();
    for (const auto& [path, entry] : node->files().ListKept()) all[".atozsync/" + path] = entry;
    for (const auto& [path, entry] : all) {
      bool here = entry.kind == NodeKind::kFile &&
                  HashOf(SimClusterSecret(), AsBytes(entry.content)) == hash;
      if (here) places += " " + name + ":" + path;
    }
  }
  return places;
}

}  // namespace

void ExpectEqualConflicts(SimCluster& cluster) {
  auto describe = [](const std::vector<ConflictRecord>& records) {
    std::string text;
    for (const ConflictRecord& record : records) {
      text += "\n  " + record.id.ToHex() + " " + record.path.str() + " " +
              ConflictKindName(record.kind) + " " + ConflictStateName(record.state) + " " +
              record.rule + " winner " + record.winner.vector.ToString() + " loser " +
              record.loser.vector.ToString() + " at " + std::to_string(record.detected_ms);
    }
    return text;
  };
  // A user may have replaced the loser where it was made before anybody else had its bytes.
  std::set<ContentHash> existing;
  for (const std::string& content : AllContents(cluster)) {
    existing.insert(HashOf(SimClusterSecret(), AsBytes(content)));
  }
  SimNode& first = *cluster.nodes().begin()->second;
  std::vector<ConflictRecord> expected = first.index().Conflicts();
  for (auto& [name, node] : cluster.nodes()) {
    std::vector<ConflictRecord> records = node->index().Conflicts();
    if (records != expected) {
      cluster.Violate("conflicts: " + first.name() + describe(expected) + "\n" + name +
                      describe(records));
    }
    for (const ConflictRecord& record : records) {
      bool has_bytes = record.loser.kind == VersionKind::kFile &&
                       record.kind != ConflictKind::kCase && record.state == ConflictState::kOpen &&
                       existing.contains(record.loser.hash);
      if (!has_bytes || !node->running()) continue;
      std::optional<RelPath> kept = node->replica().ConflictKeptAt(record);
      if (!kept) {
        cluster.Violate("conflict copy: " + name + " does not have the losing bytes of " +
                        record.path.str() + " " + record.loser.hash.ToHex() + ", which are at " +
                        WhereIs(cluster, record.loser.hash));
        continue;
      }
      std::string bytes = node->files().ReadFile(kept->str()).value_or("(nothing)");
      bool right = HashOf(SimClusterSecret(), AsBytes(bytes)) == record.loser.hash;
      if (right || cluster.IsRotten(bytes)) continue;
      cluster.Violate("conflict copy: " + name + ": " + record.path.str() + ": " + kept->str() +
                      " holds '" + bytes.substr(0, 40) + "', the right ones are at" +
                      WhereIs(cluster, record.loser.hash));
    }
  }
}

void ExpectNothingLost(SimCluster& cluster) {
  std::set<std::string> found = AllContents(cluster);
  for (const std::string& content : cluster.written()) {
    if (found.contains(content) || cluster.released().contains(content)) continue;
    cluster.Violate("lost: '" + content.substr(0, 60) + "'");
  }
}

void ExpectNothingOfOurs(SimCluster& cluster) {
  for (auto& [name, node] : cluster.nodes()) {
    for (const auto& [path, entry] : node->files().UserTree()) {
      if (cluster.MayStand(path)) continue;
      cluster.Violate("ours: " + name + ": nobody made " + path);
    }
  }
}

void ExpectIndexEqualsDisk(SimCluster& cluster) {
  for (auto& [name, node] : cluster.nodes()) {
    Tree tree = node->files().UserTree();
    std::set<std::string> rows;
    auto wrong = [&, who = name](const std::string& path, const std::string& what) {
      cluster.Violate("index: " + who + ": " + path + " " + what);
    };
    for (const IndexRow& row : node->index().RowsAfter(0, 1'000'000)) {
      if (!row.version.exists()) continue;
      const std::string& path = row.path.str();
      rows.insert(path);
      auto at = tree.find(path);
      if (at == tree.end()) {
        wrong(path, "is in the index, not in the folder");
        continue;
      }
      bool is_dir = row.version.kind == VersionKind::kDir;
      if ((at->second.kind == NodeKind::kDir) != is_dir) wrong(path, "is of another kind");
      if (row.unversioned) wrong(path, "has no version");
      if (is_dir) continue;
      if (HashOf(SimClusterSecret(), AsBytes(at->second.content)) != row.version.hash) {
        wrong(path, "holds '" + at->second.content.substr(0, 40) + "', which the index denies");
      }
      if (at->second.mtime_ns != node->files().TimeAsKept(row.version.mtime_ns)) {
        wrong(path, "has another time");
      }
    }
    for (const auto& [path, entry] : tree) {
      if (!rows.contains(path)) wrong(path, "is in the folder, not in the index");
    }
    if (!node->index().Intents().empty()) wrong("", "intents are left");
  }
}

void ExpectSecondLookDoesNothing(SimCluster& cluster) {
  std::map<std::string, Sequence> sequences;
  for (auto& [name, node] : cluster.nodes()) sequences[name] = node->index().last_sequence();
  uint64_t bytes = cluster.content_bytes_received();
  auto done = std::make_shared<size_t>(0);
  for (auto& [name, node] : cluster.nodes()) {
    std::string who = name;
    ResyncOptions everything;
    everything.verify = true;
    node->replica().Resync(everything, nullptr, [done, who, &cluster](const ResyncReport& report) {
      ++*done;
      if (!report.problem.empty()) cluster.Violate("second look: " + who + " " + report.problem);
      for (const ResyncDifference& difference : report.differences) {
        cluster.Violate("second look: " + who + " finds at " + difference.where + ": " +
                        difference.path.str() + " " + difference.what);
      }
    });
  }
  for (int i = 0; i < 600 && *done < cluster.nodes().size(); ++i) cluster.RunFor(100);
  if (*done != cluster.nodes().size()) cluster.Violate("second look: a resync does not end");
  cluster.Settle();
  for (auto& [name, node] : cluster.nodes()) {
    if (node->index().last_sequence() == sequences[name]) continue;
    cluster.Violate("second look: " + name + " made versions");
  }
  if (cluster.content_bytes_received() != bytes) cluster.Violate("second look: content travelled");
}

namespace {

// A file that cannot be read or replaced for the time being.
bool AnyProblems(SimCluster& cluster) {
  for (auto& [name, node] : cluster.nodes()) {
    if (!node->replica().Report().problems.empty()) return true;
  }
  return false;
}

}  // namespace

void ExpectConverged(SimCluster& cluster) {
  if (!cluster.Settle()) return;
  // Settled means that all changes were seen: now, not at the next regular scan.
  if (!AnyProblems(cluster)) {
    ExpectEqualTrees(cluster);
    ExpectIndexEqualsDisk(cluster);
  }
  cluster.Quiesce();
  ExpectEqualTrees(cluster);
  ExpectEqualConflicts(cluster);
  ExpectNothingLost(cluster);
  ExpectNothingOfOurs(cluster);
  ExpectIndexEqualsDisk(cluster);
  ExpectKeptListed(cluster);
  ExpectCaseClashesLogged(cluster);
  ExpectSecondLookDoesNothing(cluster);
  if (cluster.violated()) cluster.Violate(cluster.Describe());
}

}  // namespace atozsync
