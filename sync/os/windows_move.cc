// The part of WindowsFileSystem that changes names.
#include "sync/base/exchange_by_renames.h"
#include "sync/os/windows_error.h"
#include "sync/os/windows_file_system.h"
#include "sync/os/windows_file_system_parts.h"

namespace atozsync {

Status WindowsFileSystem::MakeDir(const RelPath& path) {
  constexpr char kDoing[] = "making the directory";
  if (path.is_root()) return PathError(ERROR_FILE_EXISTS, kDoing, path);
  ASSIGN_OR_RETURN(const Place place, Locate(path, kDoing));
  uint32_t code = 0;
  const WindowsHandle made = OpenNode(place.directory(), place.name, Opening::kMakeDir, &code);
  if (code != 0) return PathError(code, kDoing, path);
  if (path == options_.marker.parent()) {
    // Nobody who looks at the folder needs to see it. Best effort.
    ::SetFileAttributesW(FinalNameOf(made.get()).c_str(), FILE_ATTRIBUTE_HIDDEN);
  }
  return Status::Ok();
}

Status WindowsFileSystem::Remove(const RelPath& path, NodeKind kind, const char* doing) {
  ASSIGN_OR_RETURN(const Place place, LocateName(path, doing));
  ASSIGN_OR_RETURN(const Node node, OpenAt(place, Opening::kMove, doing));
  const bool is_dir = node.stat.kind == NodeKind::kDir;
  if (is_dir != (kind == NodeKind::kDir)) {
    return {Errc::kInvalid, std::string(doing) + " '" + Printable(path) +
                                (is_dir ? "': a directory" : "': not a directory")};
  }
  const uint32_t code = RemoveNode(node.handle.get());
  return code == 0 ? Status::Ok() : Status(PathError(code, doing, path));
}

Status WindowsFileSystem::RemoveFile(const RelPath& path) {
  return Remove(path, NodeKind::kFile, "removing");
}

Status WindowsFileSystem::RemoveDir(const RelPath& path) {
  return Remove(path, NodeKind::kDir, "removing the directory");
}

namespace {

Error MoveError(uint32_t code, const RelPath& from, const RelPath& to) {
  Error error = PathError(code, "moving", from);
  error.context = "to '" + Printable(to) + "': " + error.context;
  return error;
}

}  // namespace

Status WindowsFileSystem::RenameNoReplace(const RelPath& from, const RelPath& to) {
  if (to.IsBelow(from)) {
    return PathError(ERROR_INVALID_PARAMETER, "moving below itself:", from);
  }
  ASSIGN_OR_RETURN(const Place source, LocateName(from, "moving"));
  ASSIGN_OR_RETURN(const Node node, OpenAt(source, Opening::kMove, "moving"));
  ASSIGN_OR_RETURN(const Place target, LocateName(to, "moving"));
  if (from == to) return MoveError(ERROR_ALREADY_EXISTS, from, to);
  const uint32_t code = RenameNode(node.handle.get(), target.directory(), target.name);
  return code == 0 ? Status::Ok() : Status(MoveError(code, from, to));
}

Status WindowsFileSystem::Exchange(const RelPath& a, const RelPath& b) {
  if (a.IsBelow(b) || b.IsBelow(a)) {
    return PathError(ERROR_INVALID_PARAMETER, "exchanging with its parent:", a);
  }
  return ExchangeByRenames(*this, a, b);
}

Result<Settled> WindowsFileSystem::SettleExchange(const RelPath& a, const RelPath& b,
                                                  const RelPath& aside) {
  return SettleByRenames(*this, a, b, aside);
}

}  // namespace atozsync
