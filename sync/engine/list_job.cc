#include "sync/engine/list_job.h"

#include <algorithm>

#include "sync/engine/layout.h"

namespace atozsync {

ListAnswer RunListJob(FileSystem& files, const std::vector<RelPath>& dirs) {
  ListAnswer answer;
  answer.listings.reserve(dirs.size());
  size_t seen = 0;
  for (const RelPath& dir : dirs) {
    if (seen >= kEntriesPerListJob) break;
    DirListing& listing = answer.listings.emplace_back();
    Result<std::vector<DirEntry>> entries = files.List(dir);
    listing.status = entries.status();
    if (!entries.ok()) continue;
    listing.entries = std::move(entries).value();
    seen += listing.entries.size();
    std::sort(listing.entries.begin(), listing.entries.end(),
              [](const DirEntry& a, const DirEntry& b) { return a.name < b.name; });
  }
  // After the look: a volume that went away in between must not look like deletions.
  answer.root_present = layout::RootPresent(files);
  return answer;
}

}  // namespace atozsync
