#include "sync/os/windows_file_system.h"

#include <algorithm>

#include "sync/base/windows_name.h"
#include "sync/os/open_file_system.h"
#include "sync/os/windows_error.h"
#include "sync/os/windows_file.h"
#include "sync/os/windows_file_system_parts.h"
#include "sync/os/windows_list.h"
#include "sync/os/windows_names.h"

namespace atozsync {
namespace {

Status RefuseRoot(const RelPath& path, const char* doing) {
  if (!path.is_root()) return Status::Ok();
  return {Errc::kInvalid, std::string(doing) + ": not possible for the root itself"};
}

// Names that Windows would read something else into never reach it.
Status CheckNames(const RelPath& path, const char* doing) {
  for (std::string_view name : path.components()) {
    if (std::optional<std::string> problem = WindowsNameProblem(name)) {
      return {Errc::kUnsupported, std::string(doing) + " '" + Printable(path) + "': " + *problem +
                                      ": give the file another name at an office that has it"};
    }
  }
  return Status::Ok();
}

}  // namespace

WindowsFileSystem::WindowsFileSystem(std::string root_directory, WindowsFileSystemOptions options)
    : root_directory_(std::move(root_directory)), options_(std::move(options)) {}

Result<std::unique_ptr<WindowsFileSystem>> WindowsFileSystem::Open(
    const std::string& root_directory, const WindowsFileSystemOptions& options) {
  std::unique_ptr<WindowsFileSystem> fs(new WindowsFileSystem(root_directory, options));
  ASSIGN_OR_RETURN(fs->root_, fs->OpenRoot());
  return fs;
}

Result<std::unique_ptr<FileSystem>> OpenFileSystem(const std::string& root_directory) {
  ASSIGN_OR_RETURN(std::unique_ptr<WindowsFileSystem> fs, WindowsFileSystem::Open(root_directory));
  return std::unique_ptr<FileSystem>(std::move(fs));
}

std::optional<std::string> WindowsFileSystem::NameProblem(std::string_view name) const {
  return WindowsNameProblem(name);
}

std::wstring FinalNameOf(HANDLE node) {
  std::wstring name(MAX_PATH, L'\0');
  while (true) {
    const DWORD size = ::GetFinalPathNameByHandleW(
        node, name.data(), static_cast<DWORD>(name.size()), FILE_NAME_NORMALIZED | VOLUME_NAME_DOS);
    if (size == 0) return {};
    const bool fits = size < name.size();
    name.resize(size);
    if (fits) return name;
  }
}

// --- Root and names ---

Result<std::shared_ptr<WindowsFileSystem::Root>> WindowsFileSystem::OpenRoot() const {
  auto root = std::make_shared<Root>();
  root->handle = WindowsHandle(
      ::CreateFileW(NativeName(root_directory_).c_str(),
                    FILE_READ_ATTRIBUTES | FILE_TRAVERSE | FILE_LIST_DIRECTORY | SYNCHRONIZE,
                    FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, nullptr, OPEN_EXISTING,
                    FILE_FLAG_BACKUP_SEMANTICS, nullptr));
  BY_HANDLE_FILE_INFORMATION info{};
  DWORD code = 0;
  if (!root->handle.valid() || !::GetFileInformationByHandle(root->handle.get(), &info)) {
    code = ::GetLastError();
  } else if ((info.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) == 0) {
    code = ERROR_PATH_NOT_FOUND;
  } else if (root->name = FinalNameOf(root->handle.get()); root->name.empty()) {
    code = ::GetLastError();
  }
  if (code != 0) {
    Error error =
        WindowsError(code, "opening the root folder '" + Printable(root_directory_) + "'");
    error.context += "; connect its volume or correct 'root' in the configuration";
    return error;
  }
  if (root->name.back() != L'\\') root->name += L'\\';
  root->volume = info.dwVolumeSerialNumber;
  root->inode = uint64_t{info.nFileIndexHigh} << 32 | info.nFileIndexLow;
  return root;
}

Result<std::shared_ptr<const WindowsFileSystem::Root>> WindowsFileSystem::CurrentRoot(
    Renewal renewal) {
  Result<std::shared_ptr<Root>> now = OpenRoot();
  std::lock_guard<std::mutex> lock(mutex_);
  const bool same = now.ok() && (*now)->volume == root_->volume && (*now)->inode == root_->inode;
  if (same && root_->trusted) return root_;
  if (renewal == Renewal::kRefuse) {
    return Status(Errc::kIo, "the root folder '" + Printable(root_directory_) +
                                 (now.ok() ? "' is another one than before" : "' is not there") +
                                 ": is its volume connected?");
  }
  if (!now.ok()) return now.status();
  // Jobs that began on the volume would go on here, and leave things where it will hide them.
  HANDLE at = (*now)->handle.get();
  WindowsHandle node;
  uint32_t code = 0;
  for (std::string_view name : options_.marker.components()) {
    node = OpenNode(at, ToWide(name), Opening::kLook, &code);
    if (!node.valid()) break;
    at = node.get();
  }
  (*now)->trusted = code == 0;
  root_ = std::move(now).value();
  return root_;
}

WindowsFileSystem::Renewal WindowsFileSystem::RenewalFor(const RelPath& path) const {
  return path.is_root() || path == options_.marker ? Renewal::kTakeOver : Renewal::kRefuse;
}

Result<WindowsFileSystem::Place> WindowsFileSystem::Locate(const RelPath& path, const char* doing,
                                                           Renewal renewal) {
  TRY(CheckNames(path, doing));
  Place place;
  ASSIGN_OR_RETURN(place.root, CurrentRoot(renewal));
  place.path = path;
  if (path.is_root()) return place;
  place.name = ToWide(path.name());
  const RelPath parent = path.parent();  // the components are views into it
  for (std::string_view name : parent.components()) {
    uint32_t code = 0;
    WindowsHandle next = OpenNode(place.directory(), ToWide(name), Opening::kPass, &code);
    FileStat stat;
    if (next.valid() && StatNode(next.get(), &stat, &code) && stat.kind != NodeKind::kDir) {
      code = ERROR_PATH_NOT_FOUND;  // a link
    }
    if (code == ERROR_DIRECTORY) code = ERROR_PATH_NOT_FOUND;  // a file
    if (code != 0) return PathError(code, doing, path);
    place.dir = std::move(next);
  }
  return place;
}

Result<WindowsFileSystem::Place> WindowsFileSystem::LocateName(const RelPath& path,
                                                               const char* doing) {
  TRY(RefuseRoot(path, doing));
  return Locate(path, doing);
}

Result<WindowsFileSystem::Node> WindowsFileSystem::OpenAt(const Place& place, Opening opening,
                                                          const char* doing) {
  Node node;
  uint32_t code = 0;
  node.handle = opening == Opening::kMove
                    ? OpenNodePatiently(place.directory(), place.name, opening, &code)
                    : OpenNode(place.directory(), place.name, opening, &code);
  const bool lists = opening == Opening::kList || opening == Opening::kFlush;
  if (lists && code == ERROR_DIRECTORY) code = ERROR_PATH_NOT_FOUND;  // a file
  if (code == 0) static_cast<void>(StatNode(node.handle.get(), &node.stat, &code));
  if (code != 0) return PathError(code, doing, place.path);
  if (place.path.is_root()) return node;
  std::wstring expected = place.root->name + ToWide(place.path.str());
  std::replace(expected.begin(), expected.end(), L'/', L'\\');
  // Other letters (or another spelling, such as a short name) on the way or at its end.
  if (const std::wstring name = FinalNameOf(node.handle.get()); name != expected && !name.empty()) {
    return PathError(ERROR_FILE_NOT_FOUND, doing, place.path);
  }
  return node;
}

// --- Looking ---

Result<FileStat> WindowsFileSystem::Stat(const RelPath& path) {
  ASSIGN_OR_RETURN(const Place place, Locate(path, "looking at", RenewalFor(path)));
  ASSIGN_OR_RETURN(const Node node, OpenAt(place, Opening::kLook, "looking at"));
  return node.stat;
}

Result<std::vector<DirEntry>> WindowsFileSystem::List(const RelPath& dir) {
  ASSIGN_OR_RETURN(const Place place, Locate(dir, "listing"));
  ASSIGN_OR_RETURN(const Node node, OpenAt(place, Opening::kList, "listing"));
  if (node.stat.kind != NodeKind::kDir) return PathError(ERROR_PATH_NOT_FOUND, "listing", dir);
  return ListOpenDirectory(node.handle.get(), dir);
}

Result<VolumeSpace> WindowsFileSystem::Space() {
  ASSIGN_OR_RETURN(auto root, CurrentRoot(Renewal::kRefuse));
  ULARGE_INTEGER free{};
  ULARGE_INTEGER total{};
  if (!::GetDiskFreeSpaceExW(root->name.c_str(), &free, &total, nullptr)) {
    return PathError(::GetLastError(), "asking for the free space of", RelPath());
  }
  return VolumeSpace{total.QuadPart, std::min(free.QuadPart, total.QuadPart)};
}

// --- Files ---

Result<std::unique_ptr<File>> WindowsFileSystem::OpenFile(const RelPath& path, Opening opening,
                                                          const char* doing, Renewal renewal) {
  ASSIGN_OR_RETURN(const Place place, Locate(path, doing, renewal));
  Result<Node> node = OpenAt(place, opening, doing);
  if (!node.ok() && node.error().os_errno != ERROR_ACCESS_DENIED) return node.status();
  if (!node.ok()) {
    // A directory is refused like a file without rights.
    const Result<Node> there = OpenAt(place, Opening::kLook, doing);
    if (!there.ok() || there->stat.kind == NodeKind::kFile) return node.status();
  }
  if (!node.ok() || node->stat.kind != NodeKind::kFile) {
    return Status(Errc::kInvalid,
                  std::string(doing) + " '" + Printable(path) + "': not a regular file");
  }
  return std::unique_ptr<File>(std::make_unique<WindowsFile>(std::move(node->handle), path));
}

Result<std::unique_ptr<File>> WindowsFileSystem::OpenRead(const RelPath& path) {
  if (path.is_root()) return Status(Errc::kInvalid, "opening '.': not a regular file");
  return OpenFile(path, Opening::kRead, "opening", RenewalFor(path));
}

Result<std::unique_ptr<File>> WindowsFileSystem::OpenWrite(const RelPath& path) {
  if (path.is_root()) return Status(Errc::kInvalid, "opening '.': not a regular file");
  return OpenFile(path, Opening::kWrite, "opening for writing");
}

Result<std::unique_ptr<File>> WindowsFileSystem::Create(const RelPath& path) {
  if (path.is_root()) return PathError(ERROR_FILE_EXISTS, "making", path);
  return OpenFile(path, Opening::kCreate, "making");
}

Status WindowsFileSystem::SetMtime(const RelPath& path, int64_t mtime_ns) {
  constexpr char kDoing[] = "setting the time of";
  ASSIGN_OR_RETURN(const Place place, Locate(path, kDoing));
  ASSIGN_OR_RETURN(const Node node, OpenAt(place, Opening::kTime, kDoing));
  const uint32_t code = SetNodeMtime(node.handle.get(), mtime_ns);
  return code == 0 ? Status::Ok() : Status(PathError(code, kDoing, path));
}

// --- Durability ---

Status WindowsFileSystem::SyncFiles(const std::vector<RelPath>& files) {
  for (const RelPath& path : files) {
    const Result<std::unique_ptr<File>> file = OpenWrite(path);
    // Only who may write may flush. A file that refuses (read-only, or held by a program) is not
    // one that we wrote: of it we set the time at most, which NTFS writes through its journal.
    if (file.Is(Errc::kPermission) || file.Is(Errc::kBusy)) continue;
    TRY(file.status());
    TRY((*file)->Sync());
  }
  return Status::Ok();
}

Status WindowsFileSystem::SyncDir(const RelPath& dir) {
  ASSIGN_OR_RETURN(const Place place, Locate(dir, "syncing"));
  ASSIGN_OR_RETURN(const Node node, OpenAt(place, Opening::kFlush, "syncing"));
  if (::FlushFileBuffers(node.handle.get())) return Status::Ok();
  const DWORD code = ::GetLastError();
  // Not every file system flushes directories; those that do not write their names in the order in
  // which they were changed (docs/windows.md, "Durability").
  const bool cannot = code == ERROR_ACCESS_DENIED || code == ERROR_INVALID_FUNCTION ||
                      code == ERROR_INVALID_HANDLE || code == ERROR_NOT_SUPPORTED;
  return cannot ? Status::Ok() : Status(PathError(code, "syncing", dir));
}

}  // namespace atozsync
