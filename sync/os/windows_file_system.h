// WindowsFileSystem: the FileSystem of sync/base on a directory of a Windows machine
// (docs/windows.md says how each promise is kept, and what Windows cannot keep).
//
// The path of the root itself may hold links (a person chose it); below it none is followed: names
// are opened one component after the other, each relative to the handle before. Names that differ
// in letter case only are one name to Windows. So that the engine never takes one for the other, a
// name is there only when its letters are the very ones (kNotFound else), and is taken whatever
// their case (kExists).
//
// A root that goes away is no empty folder: as PosixFileSystem. Thread-safe.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "sync/base/file_system.h"
#include "sync/os/windows_node.h"

namespace atozsync {

struct WindowsFileSystemOptions {
  // Asking for it takes over a root that was replaced.
  RelPath marker = RelPath::Trusted(".atozsync/root-id");
};

class WindowsFileSystem final : public FileSystem {
 public:
  // kNotFound when `root_directory` is not there or not a directory.
  static Result<std::unique_ptr<WindowsFileSystem>> Open(
      const std::string& root_directory, const WindowsFileSystemOptions& options = {});

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
  Result<Settled> SettleExchange(const RelPath& a, const RelPath& b, const RelPath& aside) override;
  Status SetMtime(const RelPath& path, int64_t mtime_ns) override;
  Status SyncDir(const RelPath& dir) override;
  Status SyncFiles(const std::vector<RelPath>& files) override;
  Result<VolumeSpace> Space() override;
  int64_t TimeGranularityNs() const override { return 100; }
  std::optional<std::string> NameProblem(std::string_view name) const override;
  bool case_insensitive() const override { return true; }

 private:
  struct Root;   // an open root directory
  struct Place;  // a name in an open directory
  struct Node;   // what stands at a name, open
  enum class Renewal { kRefuse, kTakeOver };

  WindowsFileSystem(std::string root_directory, WindowsFileSystemOptions options);
  Result<std::shared_ptr<Root>> OpenRoot() const;
  Result<std::shared_ptr<const Root>> CurrentRoot(Renewal renewal);
  Renewal RenewalFor(const RelPath& path) const;
  Result<Place> Locate(const RelPath& path, const char* doing, Renewal renewal = Renewal::kRefuse);
  // Like Locate(), for calls that change the name itself: the root has none.
  Result<Place> LocateName(const RelPath& path, const char* doing);
  // Opens what is there; kNotFound where only the letters' case is the same.
  static Result<Node> OpenAt(const Place& place, Opening opening, const char* doing);
  Result<std::unique_ptr<File>> OpenFile(const RelPath& path, Opening opening, const char* doing,
                                         Renewal renewal = Renewal::kRefuse);
  Status Remove(const RelPath& path, NodeKind kind, const char* doing);

  const std::string root_directory_;
  const WindowsFileSystemOptions options_;
  std::mutex mutex_;                  // guards root_
  std::shared_ptr<const Root> root_;  // never null after Open()
};

}  // namespace atozsync
