#include "tests/fuzz/hostile/provenance.h"

#include <algorithm>

#include "sync/engine/hasher.h"
#include "tests/sim/sim_node.h"

namespace atozsync {

namespace {

bool IsAtOrBelow(const std::string& path, const std::string& dir) {
  return path == dir || (path.starts_with(dir) && path[dir.size()] == '/');
}

std::string ParentOf(const std::string& path) {
  return RelPath::Trusted(path).parent().str();
}

ContentHash HashOfText(const std::string& content) {
  return HashOf(SimClusterSecret(), AsBytes(content));
}

}  // namespace

void Provenance::Wrote(const std::string& path, const std::string& content) {
  ++user_actions_;
  written_[path].insert(content);
  current_.insert(path);
}

void Provenance::Deleted(const std::string& path) {
  ++user_actions_;
  std::erase_if(current_, [&](const std::string& at) { return IsAtOrBelow(at, path); });
}

void Provenance::KeptBoth(const ConflictRecord& record) {
  ++user_actions_;
  kept_both_.insert(record.path.str());
}

void Provenance::SaidVersion(const RelPath& path, const FileVersion& version) {
  ++claims_;
  spoken_of_.insert(path.str());
  if (version.kind == VersionKind::kFile) announced_[path.str()].insert(version.hash);
}

void Provenance::Said(const protocol::Message& message) {
  const auto* update = std::get_if<protocol::IndexUpdate>(&message);
  if (update == nullptr) return;
  for (const protocol::UpdateRow& row : update->rows) SaidVersion(row.path, row.version);
  for (const ConflictRecord& record : update->conflicts) {
    for (const RelPath& path : {record.path, record.other_path}) {
      if (path.is_root()) continue;
      SaidVersion(path, record.winner);
      SaidVersion(path, record.loser);
    }
  }
}

bool Provenance::MayStandAt(const std::string& path, const std::string& content) const {
  auto written = written_.find(path);
  if (written != written_.end() && written->second.contains(content)) return true;
  auto announced = announced_.find(path);
  return announced != announced_.end() && announced->second.contains(HashOfText(content));
}

bool Provenance::SpokenOf(const std::string& path) const {
  return std::any_of(spoken_of_.begin(), spoken_of_.end(),
                     [&](const std::string& said) { return IsAtOrBelow(path, said); });
}

std::vector<std::string> Provenance::Judge(const Tree& tree) const {
  std::vector<std::string> problems;
  for (const auto& [path, node] : tree) {
    if (node.kind == NodeKind::kDir) {
      const auto leads_to = [&dir = path](const std::string& at) { return IsAtOrBelow(at, dir); };
      bool known = std::any_of(spoken_of_.begin(), spoken_of_.end(), leads_to);
      for (const auto& [at, contents] : written_) known = known || leads_to(at);
      if (!known) problems.push_back("a folder that nobody made: " + path);
      continue;
    }
    const auto beside = [&, &at = path, &content = node.content](const std::string& conflict) {
      return ParentOf(conflict) == ParentOf(at) && MayStandAt(conflict, content);
    };
    if (MayStandAt(path, node.content)) continue;
    if (std::any_of(kept_both_.begin(), kept_both_.end(), beside)) continue;
    problems.push_back("nobody put this there: " + path + ": " + node.content.substr(0, 40));
  }
  for (const std::string& path : current_) {
    if (!tree.contains(path) && !SpokenOf(path)) problems.push_back("gone by itself: " + path);
  }
  return problems;
}

}  // namespace atozsync
