// ListJob: lists directories on a worker lane. Several in one job, for most hold a handful of files
// that have not changed: to give each to a worker and back would cost more than to look at it. Pure
// work on a FileSystem; touches no engine state.
#pragma once

#include <cstddef>
#include <vector>

#include "sync/base/file_system.h"

namespace atozsync {

struct DirListing {
  Status status;                  // otherwise it says nothing of what is there
  std::vector<DirEntry> entries;  // ordered by name
};

struct ListAnswer {
  bool root_present = false;  // the marker stands: absence means something
  // One for each directory, in order. Fewer when the job had seen enough: give it the rest again.
  std::vector<DirListing> listings;
};

// After that many entries no further directory is begun: bounds what one answer holds, but for a
// single directory that has more.
inline constexpr size_t kEntriesPerListJob = 1'000;

ListAnswer RunListJob(FileSystem& files, const std::vector<RelPath>& dirs);

}  // namespace atozsync
