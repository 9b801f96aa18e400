#include "sync/os/posix_file_system.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <optional>

#include "sync/os/dir_handles.h"
#include "sync/os/dir_walk.h"
#include "sync/os/open_file_system.h"
#include "sync/os/posix_error.h"
#include "sync/os/posix_file.h"
#include "sync/os/posix_file_times.h"
#include "sync/os/posix_list.h"
#include "sync/os/posix_move.h"
#include "sync/os/posix_volume.h"
#include "sync/os/posix_writers.h"

namespace atozsync {
namespace {

constexpr mode_t kDirMode = 0777;  // less the umask
// Up to here one fsync() per file; above, one syncfs() for all.
constexpr size_t kSingleSyncsMax = 8;

}  // namespace

struct PosixFileSystem::Root {
  UniqueFd fd;
  dev_t device = 0;
  ino_t inode = 0;  // cannot be given to another directory while `fd` is open
  bool has_openat2 = false;
  bool is_network = false;
  bool trusted = true;  // false: taken over, and no marker in it
};

struct PosixFileSystem::Place {
  std::shared_ptr<const Root> root;      // keeps a borrowed `at.dir_fd` open
  std::shared_ptr<const DirHandle> dir;  // of a parent below the root
  NameAt at;
};

PosixFileSystem::PosixFileSystem(std::string root_directory, PosixFileSystemOptions options)
    : root_directory_(std::move(root_directory)), options_(std::move(options)) {}

Result<std::unique_ptr<PosixFileSystem>> PosixFileSystem::Open(const std::string& root_directory) {
  return Open(root_directory, PosixFileSystemOptions{});
}

Result<std::unique_ptr<PosixFileSystem>> PosixFileSystem::Open(
    const std::string& root_directory, const PosixFileSystemOptions& options) {
  std::unique_ptr<PosixFileSystem> fs(new PosixFileSystem(root_directory, options));
  ASSIGN_OR_RETURN(fs->root_, fs->OpenRoot());
  fs->time_granularity_ns_ = ProbeTimeGranularityNs(fs->root_->fd.get());
  return fs;
}

Result<std::unique_ptr<FileSystem>> OpenFileSystem(const std::string& root_directory) {
  ASSIGN_OR_RETURN(std::unique_ptr<PosixFileSystem> fs, PosixFileSystem::Open(root_directory));
  return std::unique_ptr<FileSystem>(std::move(fs));
}

// --- Root and names ---

Result<std::shared_ptr<PosixFileSystem::Root>> PosixFileSystem::OpenRoot() const {
  auto root = std::make_shared<Root>();
  root->fd = UniqueFd(RetryInterrupted(
      [&] { return ::open(root_directory_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
  struct stat system {};
  if (!root->fd.valid() || ::fstat(root->fd.get(), &system) != 0) {
    Error error = ErrnoError(errno, "opening the root folder '" + Printable(root_directory_) + "'");
    error.context += "; mount its volume or correct 'root' in the configuration";
    return error;
  }
  root->device = system.st_dev;
  root->inode = system.st_ino;
  root->has_openat2 = options_.use_openat2 && HasOpenat2(root->fd.get());
  root->is_network = IsNetworkFileSystem(root->fd.get());
  return root;
}

Result<std::shared_ptr<const PosixFileSystem::Root>> PosixFileSystem::CurrentRoot(Renewal renewal) {
  struct stat system {};
  const bool is_dir = ::stat(root_directory_.c_str(), &system) == 0 && S_ISDIR(system.st_mode);
  std::lock_guard<std::mutex> lock(mutex_);
  const bool same = is_dir && system.st_dev == root_->device && system.st_ino == root_->inode;
  if (same && root_->trusted) return root_;
  if (renewal == Renewal::kRefuse) {
    return Status(Errc::kIo, "the root folder '" + Printable(root_directory_) +
                                 (is_dir ? "' is another one than before" : "' is not there") +
                                 ": is its volume mounted?");
  }
  ASSIGN_OR_RETURN(auto root, OpenRoot());
  // Jobs that began on the volume would go on here, and leave things where it will hide them.
  root->trusted = ::faccessat(root->fd.get(), options_.marker.str().c_str(), F_OK, 0) == 0;
  root_ = std::move(root);
  return root_;
}

PosixFileSystem::Renewal PosixFileSystem::RenewalFor(const RelPath& path) const {
  return path.is_root() || path == options_.marker ? Renewal::kTakeOver : Renewal::kRefuse;
}

Result<PosixFileSystem::Place> PosixFileSystem::Locate(const RelPath& path, const char* doing,
                                                       Renewal renewal) {
  // Of the marker it is asked whether the root is still the same.
  if (renewal == Renewal::kRefuse) {
    if (auto open = DirHandles::Find(this, path.parent())) return PlaceIn(std::move(open), path);
  }
  ASSIGN_OR_RETURN(auto root, CurrentRoot(renewal));
  return LocateIn(std::move(root), path, doing);
}

PosixFileSystem::Place PosixFileSystem::PlaceIn(std::shared_ptr<const DirHandle> dir,
                                                const RelPath& path) {
  Place place;
  place.root = std::static_pointer_cast<const Root>(dir->root);
  place.at = {dir->fd.get(), std::string(path.name()), path};
  place.dir = std::move(dir);
  return place;
}

Result<PosixFileSystem::Place> PosixFileSystem::LocateIn(std::shared_ptr<const Root> root,
                                                         const RelPath& path, const char* doing) {
  const RelPath parent = path.parent();
  if (!parent.is_root()) {
    Result<UniqueFd> dir =
        OpenDirBelow(root->fd.get(), parent, DirUse::kPass, root->has_openat2, doing);
    if (!dir.ok()) return dir.status().WithContext("'" + Printable(path) + "'");
    auto handle =
        std::make_shared<const DirHandle>(DirHandle{std::move(root), std::move(dir).value()});
    DirHandles::Keep(this, parent, handle);
    return PlaceIn(std::move(handle), path);
  }
  Place place;
  place.root = std::move(root);
  place.at.dir_fd = place.root->fd.get();
  place.at.name = path.is_root() ? "." : std::string(path.name());
  place.at.path = path;
  return place;
}

namespace {

Status RefuseRoot(const RelPath& path, const char* doing) {
  if (!path.is_root()) return Status::Ok();
  return {Errc::kInvalid, std::string(doing) + ": not possible for the root itself"};
}

}  // namespace

Result<PosixFileSystem::Place> PosixFileSystem::LocateName(const RelPath& path, const char* doing) {
  TRY(RefuseRoot(path, doing));
  return Locate(path, doing);
}

Result<std::pair<PosixFileSystem::Place, PosixFileSystem::Place>> PosixFileSystem::LocateNames(
    const RelPath& a, const RelPath& b, const char* doing) {
  TRY(RefuseRoot(a, doing));
  TRY(RefuseRoot(b, doing));
  ASSIGN_OR_RETURN(Place first, Locate(a, doing));
  if (auto open = DirHandles::Find(this, b.parent()); open && open->root == first.root) {
    return std::make_pair(std::move(first), PlaceIn(std::move(open), b));
  }
  ASSIGN_OR_RETURN(Place second, LocateIn(first.root, b, doing));
  return std::make_pair(std::move(first), std::move(second));
}

// --- Looking ---

Result<FileStat> PosixFileSystem::Stat(const RelPath& path) {
  ASSIGN_OR_RETURN(Place place, Locate(path, "looking at", RenewalFor(path)));
  struct stat system {};
  if (::fstatat(place.at.dir_fd, place.at.name.c_str(), &system, AT_SYMLINK_NOFOLLOW) != 0) {
    return PathError(errno, "looking at", path);
  }
  return FromSystemStat(system);
}

Result<UniqueFd> PosixFileSystem::OpenDirForReading(const RelPath& dir, const char* doing) {
  ASSIGN_OR_RETURN(auto root, CurrentRoot(Renewal::kRefuse));
  return OpenDirBelow(root->fd.get(), dir, DirUse::kRead, root->has_openat2, doing);
}

Result<std::vector<DirEntry>> PosixFileSystem::List(const RelPath& dir) {
  ASSIGN_OR_RETURN(UniqueFd fd, OpenDirForReading(dir, "listing"));
  return ListOpenDir(fd.get(), dir);
}

Result<VolumeSpace> PosixFileSystem::Space() {
  ASSIGN_OR_RETURN(auto root, CurrentRoot(Renewal::kRefuse));
  struct statvfs system {};
  if (::fstatvfs(root->fd.get(), &system) != 0) {
    return PathError(errno, "asking for the free space of", RelPath());
  }
  const uint64_t block_bytes = system.f_frsize;
  return VolumeSpace{system.f_blocks * block_bytes, system.f_bavail * block_bytes};
}

// --- Files ---

Result<std::unique_ptr<File>> PosixFileSystem::OpenRead(const RelPath& path) {
  ASSIGN_OR_RETURN(Place place, Locate(path, "opening", RenewalFor(path)));
  return OpenRegularFile(place.at.dir_fd, place.at.name.c_str(), O_RDONLY, path, "opening");
}

Result<std::unique_ptr<File>> PosixFileSystem::OpenWrite(const RelPath& path) {
  ASSIGN_OR_RETURN(Place place, Locate(path, "opening for writing"));
  return OpenRegularFile(place.at.dir_fd, place.at.name.c_str(), O_RDWR, path,
                         "opening for writing");
}

Result<std::unique_ptr<File>> PosixFileSystem::Create(const RelPath& path) {
  if (path.is_root()) return PathError(EEXIST, "making", path);  // the system says EISDIR
  ASSIGN_OR_RETURN(Place place, Locate(path, "making"));
  return OpenRegularFile(place.at.dir_fd, place.at.name.c_str(), O_RDWR | O_CREAT | O_EXCL, path,
                         "making");
}

Writers PosixFileSystem::WritersOf(const RelPath& path) {
  const Result<Place> place = Locate(path, "opening", RenewalFor(path));
  if (!place.ok()) return Writers::kUnknown;
  constexpr int kFlags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  const UniqueFd fd(
      RetryInterrupted([&] { return ::openat(place->at.dir_fd, place->at.name.c_str(), kFlags); }));
  return fd.valid() ? WritersOfOpenFile(fd.get()) : Writers::kUnknown;
}

Status PosixFileSystem::SetMtime(const RelPath& path, int64_t mtime_ns) {
  constexpr char kDoing[] = "setting the time of";
  ASSIGN_OR_RETURN(Place place, Locate(path, kDoing));
  const timespec times[2] = {{0, UTIME_OMIT}, ToTimespec(mtime_ns)};
  if (::utimensat(place.at.dir_fd, place.at.name.c_str(), times, AT_SYMLINK_NOFOLLOW) != 0) {
    return PathError(errno, kDoing, path);
  }
  return Status::Ok();
}

// --- Names ---

Status PosixFileSystem::MakeDir(const RelPath& path) {
  DirHandles::ForgetAll();  // somebody may have removed what is open, or it would not be made
  ASSIGN_OR_RETURN(Place place, Locate(path, "making the directory"));
  if (::mkdirat(place.at.dir_fd, place.at.name.c_str(), kDirMode) != 0) {
    return PathError(errno, "making the directory", path);
  }
  return Status::Ok();
}

Status PosixFileSystem::RemoveFile(const RelPath& path) {
  ASSIGN_OR_RETURN(Place place, LocateName(path, "removing"));
  if (::unlinkat(place.at.dir_fd, place.at.name.c_str(), 0) != 0) {
    return PathError(errno, "removing", path);
  }
  return Status::Ok();
}

Status PosixFileSystem::RemoveDir(const RelPath& path) {
  constexpr char kDoing[] = "removing the directory";
  DirHandles::ForgetFrom(path);
  ASSIGN_OR_RETURN(Place place, LocateName(path, kDoing));
  if (::unlinkat(place.at.dir_fd, place.at.name.c_str(), AT_REMOVEDIR) != 0) {
    return PathError(errno, kDoing, path);
  }
  return Status::Ok();
}

Status PosixFileSystem::RenameNoReplace(const RelPath& from, const RelPath& to) {
  if (to.IsBelow(from)) return PathError(EINVAL, "moving below itself:", from);
  DirHandles::ForgetFrom(from);
  ASSIGN_OR_RETURN(const auto names, LocateNames(from, to, "moving"));
  return MoveNoReplace(names.first.at, names.second.at, options_.use_renameat2);
}

Status PosixFileSystem::Exchange(const RelPath& a, const RelPath& b) {
  if (a.IsBelow(b) || b.IsBelow(a)) return PathError(EINVAL, "exchanging with its parent:", a);
  DirHandles::ForgetFrom(a);
  DirHandles::ForgetFrom(b);
  ASSIGN_OR_RETURN(const auto names, LocateNames(a, b, "exchanging"));
  return SwapNames(names.first.at, names.second.at);
}

// --- Durability ---

Status PosixFileSystem::SyncDir(const RelPath& dir) {
  ASSIGN_OR_RETURN(UniqueFd fd, OpenDirForReading(dir, "syncing"));
  const int failed = RetryInterrupted([&] { return ::fsync(fd.get()); });
  return failed ? Status(PathError(errno, "syncing", dir)) : Status::Ok();
}

Status PosixFileSystem::SyncFile(const RelPath& path) {
  ASSIGN_OR_RETURN(auto file, OpenRead(path));
  return file->Sync();
}

// One that is missing is no reason to sync the others one by one; `missing` says that there is one.
Result<bool> PosixFileSystem::AreOnRootVolume(const Root& root, const std::vector<RelPath>& paths,
                                              Status* missing) {
  std::optional<Place> place;  // of the one before: most lie side by side
  for (const RelPath& path : paths) {
    if (!place || place->at.path.parent() != path.parent()) {
      Result<Place> located = Locate(path, "syncing");
      if (located.Is(Errc::kNotFound)) {
        *missing = located.status();
        continue;
      }
      TRY(located.status());
      place = std::move(located).value();
    }
    const std::string name = path.is_root() ? "." : std::string(path.name());
    struct stat system {};
    if (::fstatat(place->at.dir_fd, name.c_str(), &system, AT_SYMLINK_NOFOLLOW) == 0) {
      if (system.st_dev != root.device) return false;
    } else if (errno == ENOENT) {
      *missing = PathError(errno, "syncing", path);
    } else {
      return PathError(errno, "syncing", path);
    }
  }
  return true;
}

// Each fsync() waits for a commit of the journal and a flush of the disk's cache: a batch of
// hundreds of small files takes seconds that way and one such wait with syncfs(). The price: other
// programs' unwritten bytes on the volume are written out, too. Linux reports write errors through
// syncfs() since 5.8. Not across a network, where the far side may take it for nothing.
Result<bool> PosixFileSystem::SyncTogether(const std::vector<RelPath>& paths, Status* missing) {
  if (paths.size() <= kSingleSyncsMax) return false;
  ASSIGN_OR_RETURN(auto root, CurrentRoot(Renewal::kRefuse));
  if (root->is_network) return false;
  ASSIGN_OR_RETURN(const bool together, AreOnRootVolume(*root, paths, missing));
  if (!together) return false;
  const int failed = RetryInterrupted([&] { return ::syncfs(root->fd.get()); });
  if (failed) return PathError(errno, "syncing the volume of", RelPath());
  return true;
}

Status PosixFileSystem::SyncFiles(const std::vector<RelPath>& files) {
  Status missing;
  ASSIGN_OR_RETURN(const bool synced, SyncTogether(files, &missing));
  if (synced) return missing;
  for (const RelPath& path : files) TRY(SyncFile(path));
  return Status::Ok();
}

Status PosixFileSystem::SyncDirs(const std::vector<RelPath>& dirs) {
  Status missing;  // has no entries
  const Result<bool> synced = SyncTogether(dirs, &missing);
  return synced.ok() && *synced ? Status::Ok() : FileSystem::SyncDirs(dirs);
}

}  // namespace atozsync
