// PosixFileSystem: the FileSystem of sync/base on a directory of a Linux machine.
//
// The path of the root itself may hold symbolic links (a person chose it); below it none is
// followed. New files have mode 0666, directories 0777, less the umask.
//
// A root that goes away – unmounted, moved, deleted – must never look like an empty folder. So
// every call compares, with one stat(), what the root's path names now with the directory it has
// open:
// - It is missing or another one: the call fails with kIo. Never kNotFound, which would read like a
//   deletion.
// - Only Stat() of the root and Stat() or OpenRead() of the marker take the new directory over;
//   without any directory they say kNotFound. Whoever asks for the marker thus learns at once, and
//   first, that the folder behind it is another one.
// - All other calls follow only when the marker is in it. Until then they go on to fail with kIo:
//   an empty mount point is neither read as a folder nor written to.
//
// Within one job on a worker lane (sync/os/dir_handles.h) a parent that is open already is used
// again: for names in it, a root that went away shows with the next question for the marker.
//
// Thread-safe. A File keeps the directory's volume busy until it is destroyed.
#pragma once

#include <sys/types.h>

#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "sync/base/file_system.h"
#include "sync/os/unique_fd.h"

namespace atozsync {

struct DirHandle;

struct PosixFileSystemOptions {
  // See above: asking for it takes over a root that was replaced.
  RelPath marker = RelPath::Trusted(".atozsync/root-id");
  // Off: behave as on kernels and file systems without these calls (for tests).
  bool use_openat2 = true;
  bool use_renameat2 = true;
};

class PosixFileSystem final : public FileSystem {
 public:
  // kNotFound when `root_directory` is not there or not a directory.
  static Result<std::unique_ptr<PosixFileSystem>> Open(const std::string& root_directory);
  static Result<std::unique_ptr<PosixFileSystem>> Open(const std::string& root_directory,
                                                       const PosixFileSystemOptions& options);

  Result<FileStat> Stat(const RelPath& path) override;
  Result<std::vector<DirEntry>> List(const RelPath& dir) override;
  Result<std::unique_ptr<File>> OpenRead(const RelPath& path) override;
  Result<std::unique_ptr<File>> Create(const RelPath& path) override;
  Result<std::unique_ptr<File>> OpenWrite(const RelPath& path) override;
  Status MakeDir(const RelPath& path) override;
  Status RemoveFile(const RelPath& path) override;
  Status RemoveDir(const RelPath& path) override;
  Status RenameNoReplace(const RelPath& from, const RelPath& to) override;
  Status Exchange(const RelPath& a, const RelPath& b) override;
  Status SetMtime(const RelPath& path, int64_t mtime_ns) override;
  Status SyncDir(const RelPath& dir) override;
  Status SyncDirs(const std::vector<RelPath>& dirs) override;
  Status SyncFiles(const std::vector<RelPath>& files) override;
  Writers WritersOf(const RelPath& path) override;
  Result<VolumeSpace> Space() override;
  int64_t TimeGranularityNs() const override { return time_granularity_ns_; }

  const std::string& root_directory() const { return root_directory_; }

 private:
  struct Root;   // an open root directory
  struct Place;  // a name in an open directory
  enum class Renewal { kRefuse, kTakeOver };

  PosixFileSystem(std::string root_directory, PosixFileSystemOptions options);
  Result<std::shared_ptr<Root>> OpenRoot() const;
  Result<std::shared_ptr<const Root>> CurrentRoot(Renewal renewal);
  Result<Place> Locate(const RelPath& path, const char* doing, Renewal renewal = Renewal::kRefuse);
  Result<Place> LocateIn(std::shared_ptr<const Root> root, const RelPath& path, const char* doing);
  static Place PlaceIn(std::shared_ptr<const DirHandle> dir, const RelPath& path);
  // Like Locate(), for calls that change the name itself: the root has none.
  Result<Place> LocateName(const RelPath& path, const char* doing);
  // Both below one and the same root.
  Result<std::pair<Place, Place>> LocateNames(const RelPath& a, const RelPath& b,
                                              const char* doing);
  Result<UniqueFd> OpenDirForReading(const RelPath& dir, const char* doing);
  Renewal RenewalFor(const RelPath& path) const;
  Status SyncFile(const RelPath& path);
  // True when one call for the volume reaches all of them.
  Result<bool> AreOnRootVolume(const Root& root, const std::vector<RelPath>& paths,
                               Status* missing);
  // Syncs the volume where that is worth it and reaches all of `paths`. False: it was not done.
  Result<bool> SyncTogether(const std::vector<RelPath>& paths, Status* missing);

  const std::string root_directory_;
  const PosixFileSystemOptions options_;
  int64_t time_granularity_ns_ = 1;   // set by Open()
  std::mutex mutex_;                  // guards root_
  std::shared_ptr<const Root> root_;  // never null after Open()
};

}  // namespace atozsync
