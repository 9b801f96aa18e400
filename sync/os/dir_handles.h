// DirHandles: the directories that one job on a worker has open below the root, so that ten files
// that lie side by side cost one way down and not ten. For PosixFileSystem only.
//
// A handle leads to the directory that its path named when it was opened, wherever it has been
// moved since. So none outlives its job: what a job sees and does is then as if it had been a
// little faster, and whoever changed the folder after the job began is told of it and looks again
// (sync/engine/looks.h). Without a Job on this thread nothing is kept. Each thread has its own.
#pragma once

#include <memory>

#include "sync/base/rel_path.h"
#include "sync/os/unique_fd.h"

namespace atozsync {

struct DirHandle {
  std::shared_ptr<const void> root;  // of PosixFileSystem: what it was opened below
  UniqueFd fd;
};

class DirHandles {
 public:
  // From the first to the last call of a job on this thread. Not nested.
  class Job {
   public:
    Job();
    ~Job();
    Job(const Job&) = delete;
    Job& operator=(const Job&) = delete;
  };

  // Null: it is not open. `owner` is who kept it.
  static std::shared_ptr<const DirHandle> Find(const void* owner, const RelPath& dir);
  static void Keep(const void* owner, const RelPath& dir, std::shared_ptr<const DirHandle> handle);
  // The job itself has moved or removed what is there.
  static void ForgetFrom(const RelPath& path);
  // Or made something, perhaps in place of what is open.
  static void ForgetAll();
};

}  // namespace atozsync
