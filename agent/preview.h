// Preview of joining: what is equal, only here, only there or different between the own folder and
// the list that the inviter sent. Reads the folder, changes nothing; hashes only files that have
// the same size on both sides. Blocking.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "protocol/messages.h"
#include "sync/base/file_system.h"

namespace atozsync {

struct PreviewReport {
  uint64_t equal = 0;              // files
  std::vector<RelPath> only_here;  // files and directories, ordered
  std::vector<RelPath> only_there;
  std::vector<RelPath> different;
  std::vector<std::string> unreadable;  // "path: why", ordered by path
};

// `progress` gets the number of files looked at, now and then.
Result<PreviewReport> ComparePreview(FileSystem& files, const std::vector<std::string>& ignore,
                                     ByteSpan cluster_secret,
                                     const std::vector<protocol::UpdateRow>& theirs,
                                     const std::function<void(uint64_t)>& progress);

}  // namespace atozsync
