// What people look for: conflicts and paths.
#include "sync/index/mem_index.h"
#include "sync/index/picking.h"

namespace atozsync {

ConflictPage MemIndex::FindConflicts(const ConflictFilter& filter) {
  ConflictPicker picker(filter);
  for (const auto& [id, row] : state_.conflicts) picker.Add(row.record);
  ConflictPage page;
  page.total = picker.total();
  for (const ContentHash& id : picker.TakePage()) {
    page.records.push_back(state_.conflicts.at(id).record);
  }
  return page;
}

// The cursor's name is the path that was looked at last.
FoundPaths MemIndex::FindPaths(const PathCursor& after, std::string_view text, size_t rows_max) {
  const FoldedText wanted(text);
  FoundPaths found;
  found.next = after;
  if (!after.live_done) {
    for (auto at = state_.entries.upper_bound(after.name); at != state_.entries.end(); ++at) {
      if (rows_max-- == 0) return found;
      found.next.name = at->first;
      const FileVersion& version = at->second.row.version;
      if (version.kind != VersionKind::kFile || !wanted.IsIn(at->first)) continue;
      const RelPath& path = at->second.row.path;
      found.paths.push_back({path, true, version.size, version.mtime_ns, KeptOf(path).size()});
    }
    found.next = {true, 0, ""};
    return found;
  }
  std::set<RelPath> kept_paths;
  for (const auto& [id, kept] : state_.kept) kept_paths.insert(kept.path);
  for (const RelPath& path : kept_paths) {
    if (path.str() <= after.name) continue;
    if (rows_max-- == 0) return found;
    found.next.name = path.str();
    auto entry = state_.entries.find(path.str());
    bool live =
        entry != state_.entries.end() && entry->second.row.version.kind == VersionKind::kFile;
    if (live || !wanted.IsIn(path.str())) continue;
    const std::vector<KeptVersion> kept = KeptOf(path);
    const FileVersion& newest = kept.front().version;
    found.paths.push_back({path, false, newest.size, newest.mtime_ns, kept.size()});
  }
  found.end = true;
  return found;
}

}  // namespace atozsync
