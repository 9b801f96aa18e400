#include "tests/sim/swarm/watch.h"

namespace atozsync::swarm {

namespace {

std::string VersionText(const FileVersion& version) {
  std::string text = std::string(VersionKindName(version.kind)) + " " +
                     version.hash.ToHex().substr(0, 6) + " " + version.vector.ToString();
  for (uint32_t member : version.known_by) text += " known-by " + std::to_string(member >> 24);
  for (uint32_t member : version.complete_by) text += " complete " + std::to_string(member >> 24);
  return text;
}

std::string IndexText(SimNode& node, const RelPath& path) {
  std::optional<IndexRow> row = node.index().Get(path);
  std::string text = "nothing";
  if (row) {
    text = VersionText(row->version) + (row->unversioned ? " unversioned" : "") +
           (row->stamp.trusted() ? "" : " untrusted") + " – " + row->reason;
  }
  for (const Need& need : node.index().NeedsOf(path)) {
    text += "\n        need " + VersionText(need.version);
  }
  for (const Intent& intent : node.index().Intents()) {
    if (intent.path == path) text += "\n        intent " + VersionText(intent.row.version);
  }
  return text;
}

const char* ChangeText(FsChange::Kind kind) {
  switch (kind) {
    case FsChange::Kind::kMade: return "made";
    case FsChange::Kind::kWritten: return "written";
    case FsChange::Kind::kClosed: return "closed";
    case FsChange::Kind::kRemoved: return "removed";
    case FsChange::Kind::kMovedFrom: return "moved away";
    case FsChange::Kind::kMovedTo: return "moved here";
  }
  return "changed";
}

}  // namespace

void WatchPath(SimCluster& cluster, const std::string& path, std::ostream& out) {
  for (auto& [name, node] : cluster.nodes()) {
    node->files().AddListener([&cluster, &out, who = name, path](const FsChange& change) {
      const std::string& at = change.path.str();
      if (at != path && !path.starts_with(at + "/")) return;
      out << cluster.scheduler().now_ns() / kMs << " " << who << " folder: " << at << " "
          << ChangeText(change.kind) << (change.by_user ? " by a user\n" : "\n");
    });
  }
  auto shown = std::make_shared<std::map<std::string, std::string>>();
  cluster.scheduler().SetTraceSink(
      [&cluster, &out, path, shown](int64_t now_ns, std::string_view, uint64_t) {
        for (auto& [name, node] : cluster.nodes()) {
          std::string text = IndexText(*node, RelPath::Trusted(path));
          if ((*shown)[name] == text) continue;
          (*shown)[name] = text;
          out << now_ns / kMs << " " << name << " index: " << text << "\n";
        }
      });
}

}  // namespace atozsync::swarm
