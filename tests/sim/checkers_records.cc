// What the indexes tell people: kept versions and names that differ in letter case only.
#include <algorithm>
#include <set>

#include "sync/engine/hasher.h"
#include "sync/engine/layout.h"
#include "tests/sim/checkers.h"

namespace atozsync {

namespace {

constexpr size_t kKeptMax = 1'000'000;

char Folded(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter ^ 0x20) : letter;
}

// Pairs of names in one directory that are the same but for ASCII letter case, the smaller first.
std::set<std::pair<std::string, std::string>> CaseClashes(const Tree& tree) {
  std::map<std::string, std::vector<std::string>> groups;
  for (const auto& [path, entry] : tree) {
    size_t name = path.rfind('/') == std::string::npos ? 0 : path.rfind('/') + 1;
    std::string folded = path;
    std::transform(folded.begin() + static_cast<ptrdiff_t>(name), folded.end(),
                   folded.begin() + static_cast<ptrdiff_t>(name), Folded);
    groups[folded].push_back(path);
  }
  std::set<std::pair<std::string, std::string>> pairs;
  for (const auto& [folded, paths] : groups) {
    for (size_t a = 0; a < paths.size(); ++a) {
      for (size_t b = a + 1; b < paths.size(); ++b) pairs.emplace(paths[a], paths[b]);
    }
  }
  return pairs;
}

// As a whole, with the ignored things in it. Files that were kept have names of their own.
bool LiesInADirectorySetAside(const std::string& path) {
  std::string name = path.substr(path.rfind('/') + 1);
  return path.starts_with(".atozsync/versions/") && layout::ParseKeptName(name).name.empty();
}

}  // namespace

void ExpectKeptListed(SimCluster& cluster) {
  for (auto& [name, node] : cluster.nodes()) {
    Tree files;
    for (const char* dir : {".atozsync/versions", ".atozsync/conflicts"}) {
      if (!node->files().Exists(dir)) continue;
      for (const auto& [path, entry] : node->files().ListKept(dir)) {
        if (entry.kind == NodeKind::kFile) files[path] = entry;
      }
    }
    std::set<std::string> listed;
    std::set<std::string> contents;  // that the list leads to
    for (const KeptVersion& kept : node->index().NewestKept(kKeptMax)) {
      listed.insert(kept.kept_at.str());
      auto file = files.find(kept.kept_at.str());
      if (file != files.end()) contents.insert(file->second.content);
      // A late write of the same length within one tick of coarse times shows nowhere.
      bool looks_kept = file != files.end() && file->second.mtime_ns == kept.stamp.mtime_ns &&
                        file->second.content.size() == kept.stamp.size;
      if (file == files.end()) {
        cluster.Violate("kept: " + name + ": " + kept.kept_at.str() +
                        " is listed as a version of " + kept.path.str() + ", but is not there");
      } else if (!looks_kept &&
                 HashOf(SimClusterSecret(), AsBytes(file->second.content)) != kept.version.hash) {
        cluster.Violate("kept: " + name + ": " + kept.kept_at.str() + " holds '" +
                        file->second.content.substr(0, 40) + "', which the list denies");
      }
    }
    for (const auto& [path, entry] : files) {
      const std::string& content = entry.content;
      if (LiesInADirectorySetAside(path)) continue;
      if (listed.contains(path) || contents.contains(content)) continue;
      cluster.Violate("kept: " + name + ": nobody finds " + path + ", which holds '" +
                      content.substr(0, 40) + "'");
    }
  }
}

void ExpectCaseClashesLogged(SimCluster& cluster) {
  SimNode& first = *cluster.nodes().begin()->second;
  std::set<std::pair<std::string, std::string>> logged;
  for (const ConflictRecord& record : first.index().Conflicts()) {
    if (record.kind != ConflictKind::kCase) continue;
    if (record.state == ConflictState::kGone) continue;
    logged.emplace(record.path.str(), record.other_path.str());
  }
  for (const auto& [one, other] : CaseClashes(first.files().UserTree())) {
    if (logged.contains({one, other})) continue;
    cluster.Violate("letter case: " + one + " and " + other + " are nobody's conflict");
  }
}

}  // namespace atozsync
