#include "agent/index_files.h"

#include <utility>

namespace atozsync {

ListedFile StandingOf(Index& index, const PeerNames& names, const RelPath& path) {
  ListedFile file{path, FilePlace::kNowhere, "", false};
  std::optional<IndexRow> row = index.Get(path);
  if (row && row->version.kind == VersionKind::kFile) {
    file.place = FilePlace::kHere;
    return file;
  }
  for (const Need& need : index.NeedsOf(path)) {
    if (need.version.kind != VersionKind::kFile) continue;
    file.place = FilePlace::kComing;
    file.from = names(need.peer);
    break;
  }
  file.kept = !index.KeptOf(path).empty();
  return file;
}

std::vector<ListedFile> IndexWalk::Turn(Index& index, const PeerNames& names,
                                        const std::function<std::vector<HeldFile>()>& held) {
  std::vector<ListedFile> page;
  switch (part_) {
    case Part::kTree: Tree(index, page); break;
    case Part::kNeeds: Needs(index, names, page); break;
    case Part::kHeld:
      for (HeldFile& file : held()) {
        if (file.why == HeldWhy::kLocked) continue;  // an older version is here
        page.push_back({file.path, FilePlace::kHeld, std::move(file.text), false});
      }
      part_ = Part::kDone;
      break;
    case Part::kDone: break;
  }
  return page;
}

void IndexWalk::Tree(Index& index, std::vector<ListedFile>& page) {
  for (size_t listed = 0; !dirs_.empty() && listed < kDirsPerTurn && page.size() < kFilesPerTurn;
       ++listed) {
    RelPath dir = std::move(dirs_.back());
    dirs_.pop_back();
    for (IndexRow& row : index.Children(dir)) {
      if (row.version.kind == VersionKind::kDir) dirs_.push_back(std::move(row.path));
      if (row.version.kind == VersionKind::kFile) {
        page.push_back({std::move(row.path), FilePlace::kHere, "", false});
      }
    }
  }
  if (dirs_.empty()) part_ = Part::kNeeds;
}

void IndexWalk::Needs(Index& index, const PeerNames& names, std::vector<ListedFile>& page) {
  std::vector<Need> needs = index.Needs(arrival_, kFilesPerTurn);
  for (Need& need : needs) {
    arrival_ = need.arrival;
    if (need.version.kind != VersionKind::kFile) continue;
    page.push_back({std::move(need.path), FilePlace::kComing, names(need.peer), false});
  }
  if (needs.size() < kFilesPerTurn) part_ = Part::kHeld;
}

}  // namespace atozsync
