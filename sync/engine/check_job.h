// CheckJob: looks at a list of names on a worker lane and says, for each, what stands there – and,
// where it may be a new content, its hash. Pure work on a FileSystem; touches no engine state.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sync/base/file_system.h"
#include "sync/base/unique_function.h"
#include "sync/engine/hasher.h"
#include "sync/engine/index.h"

namespace atozsync {

struct CheckItem {
  RelPath path;
  FileStamp known;       // trusted: an equal stamp means unchanged, nothing is read
  bool settled = false;  // a writer has closed it: no need to wait for quiet
  bool judge = false;    // say whether a new content is of the type that the name says
};

enum class CheckKind : uint8_t {
  kAbsent,
  kDir,
  kOther,      // link, device, …: not synchronized
  kUnchanged,  // stamp as known
  kHashed,
  kUnsettled,   // being written: look again later
  kLocked,      // cannot be opened or read now: look again later
  kNotReached,  // the job had read enough: give it again
};

struct CheckResult {
  RelPath path;
  CheckKind kind = CheckKind::kNotReached;
  FileStat stat;
  bool racy = false;  // changed so recently that an equal stamp later proves nothing
  HashedFile hashed;
  bool odd = false;      // the content is not of the type that the name says
  int64_t again_ms = 0;  // kUnsettled: how long to wait; 0 = as long as the options say
  std::string problem;   // kLocked: words
};

struct CheckAnswer {
  bool root_present = false;  // the marker stands: absence means something
  std::vector<CheckResult> results;
};

struct CheckLimits {
  int64_t wall_ns = 0;    // when the job was given
  int64_t settle_ms = 0;  // what nobody is known to have closed is still when it is so old
  int64_t racy_window_ms = 0;
  uint64_t bytes_max = 64u << 20;  // then the rest comes back as kNotReached
};

CheckAnswer RunCheckJob(FileSystem& files, const std::shared_ptr<const Bytes>& secret,
                        const std::vector<CheckItem>& items, const CheckLimits& limits);

// Reads `path` whole. kChangedUnderneath when it changed meanwhile. `stat` is of the bytes read.
Result<HashedFile> HashPath(FileSystem& files, const RelPath& path, ByteSpan secret,
                            FileStat* stat);

}  // namespace atozsync
