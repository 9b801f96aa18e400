#include "tests/sim/sim_file_system.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "sync/base/exchange_by_renames.h"
#include "sync/base/windows_name.h"

namespace atozsync {

SimFileSystem::SimFileSystem(const Clock& clock, SimRandom random, SimFileSystemOptions options)
    : clock_(clock), random_(random), options_(options) {
  root_ = NewInode(NodeKind::kDir);
  volume_root_ = root_;
}

SimFileSystem::~SimFileSystem() {
  // The durable tree can hold a directory below one that the current tree holds below it: a ring of
  // shared pointers. With everything durable the two are the same tree.
  SyncAll();
}

Result<FileStat> SimFileSystem::Stat(const RelPath& path) {
  TRY(Enter(FsCall::kStat, path));
  ASSIGN_OR_RETURN(const SimInodePtr node, Find(FsCall::kStat, path, Actor::kAgent));
  return StatOf(*node);
}

Result<std::vector<DirEntry>> SimFileSystem::List(const RelPath& dir) {
  TRY(Enter(FsCall::kList, dir));
  ASSIGN_OR_RETURN(const SimInodePtr node, FindDir(FsCall::kList, dir, dir));
  if (node->os_errno != 0) return ErrnoError(node->os_errno, "list " + Printable(dir));
  std::vector<DirEntry> entries;
  for (const auto& [name, child] : node->entries) entries.push_back({name, StatOf(*child)});
  if (options_.random_list_order) random_.Shuffle(entries);
  return entries;
}

Result<std::unique_ptr<File>> SimFileSystem::OpenRead(const RelPath& path) {
  TRY(Enter(FsCall::kOpenRead, path));
  ASSIGN_OR_RETURN(const SimInodePtr node, Find(FsCall::kOpenRead, path, Actor::kAgent));
  if (node->kind != NodeKind::kFile) {
    return Status(Errc::kInvalid, "open " + Printable(path) + ": not a regular file");
  }
  return OpenHandle(node, path, false, Actor::kAgent);
}

Writers SimFileSystem::WritersOf(const RelPath& path) {
  if (!options_.knows_writers || !Enter(FsCall::kOpenRead, path).ok()) return Writers::kUnknown;
  const Result<SimInodePtr> node = Find(FsCall::kOpenRead, path, Actor::kAgent);
  if (!node.ok() || (*node)->kind != NodeKind::kFile) return Writers::kUnknown;
  if ((*node)->number % 2 == 0) return Writers::kUnknown;
  return (*node)->writers > 0 ? Writers::kSome : Writers::kNone;
}

Result<std::unique_ptr<File>> SimFileSystem::Create(const RelPath& path) {
  TRY(Enter(FsCall::kCreate, path));
  ASSIGN_OR_RETURN(const SimInodePtr node,
                   Make(FsCall::kCreate, path, NodeKind::kFile, Actor::kAgent));
  return OpenHandle(node, path, true, Actor::kAgent);
}

Result<std::unique_ptr<File>> SimFileSystem::OpenWrite(const RelPath& path) {
  TRY(Enter(FsCall::kOpenWrite, path));
  ASSIGN_OR_RETURN(const SimInodePtr node, Find(FsCall::kOpenWrite, path, Actor::kAgent));
  if (node->kind != NodeKind::kFile) {
    return Status(Errc::kInvalid, "open " + Printable(path) + ": not a regular file");
  }
  return OpenHandle(node, path, true, Actor::kAgent);
}

Status SimFileSystem::MakeDir(const RelPath& path) {
  TRY(Enter(FsCall::kMakeDir, path));
  return Make(FsCall::kMakeDir, path, NodeKind::kDir, Actor::kAgent).status();
}

Status SimFileSystem::RemoveFile(const RelPath& path) {
  TRY(Enter(FsCall::kRemoveFile, path));
  return RemoveNode(FsCall::kRemoveFile, path, Actor::kAgent);
}

Status SimFileSystem::RemoveDir(const RelPath& path) {
  TRY(Enter(FsCall::kRemoveDir, path));
  return RemoveNode(FsCall::kRemoveDir, path, Actor::kAgent);
}

Status SimFileSystem::RenameNoReplace(const RelPath& from, const RelPath& to) {
  TRY(Enter(FsCall::kRename, from, to));
  return Move(from, to, false, Actor::kAgent);
}

Status SimFileSystem::Exchange(const RelPath& a, const RelPath& b) {
  TRY(Enter(FsCall::kExchange, a, b));
  if (options_.windows) return ExchangeByRenames(*this, a, b);
  ASSIGN_OR_RETURN(const SimInodePtr node_a, Find(FsCall::kExchange, a, Actor::kAgent));
  ASSIGN_OR_RETURN(const SimInodePtr node_b, Find(FsCall::kExchange, b, Actor::kAgent));
  if (a == b) return Status::Ok();
  if (a.is_root() || b.is_root() || a.IsBelow(b) || b.IsBelow(a)) {
    return ErrnoError(EINVAL, "exchange " + Printable(a) + " with " + Printable(b));
  }
  const SimInodePtr dir_a = FindOrNull(a.parent());
  const SimInodePtr dir_b = FindOrNull(b.parent());
  const std::string name_a(a.name());
  const std::string name_b(b.name());
  SetSlot(dir_a, name_a, nullptr);
  SetSlot(dir_b, name_b, node_a);
  SetSlot(dir_a, name_a, node_b);
  Record({{{dir_a, name_a, node_a, node_b, 0}, {dir_b, name_b, node_b, node_a, 0}}}, Actor::kAgent);
  Report(FsChange::Kind::kMovedTo, a, node_b->kind == NodeKind::kDir, Actor::kAgent);
  Report(FsChange::Kind::kMovedTo, b, node_a->kind == NodeKind::kDir, Actor::kAgent);
  return Status::Ok();
}

Result<Settled> SimFileSystem::SettleExchange(const RelPath& a, const RelPath& b,
                                              const RelPath& aside) {
  return options_.windows ? SettleByRenames(*this, a, b, aside) : Settled::kNothing;
}

std::optional<std::string> SimFileSystem::NameProblem(std::string_view name) const {
  return options_.windows ? WindowsNameProblem(name) : std::nullopt;
}

Status SimFileSystem::SetMtime(const RelPath& path, int64_t mtime_ns) {
  TRY(Enter(FsCall::kSetMtime, path));
  ASSIGN_OR_RETURN(const SimInodePtr node, Find(FsCall::kSetMtime, path, Actor::kAgent));
  SetTimes(*node, mtime_ns, Actor::kAgent);
  return Status::Ok();
}

Status SimFileSystem::SyncDir(const RelPath& dir) {
  TRY(Enter(FsCall::kSyncDir, dir));
  ASSIGN_OR_RETURN(const SimInodePtr node, FindDir(FsCall::kSyncDir, dir, dir));
  journal_.SyncDir(*node);
  return Status::Ok();
}

Status SimFileSystem::SyncFiles(const std::vector<RelPath>& files) {
  TRY(Enter(FsCall::kSyncFiles, files.empty() ? RelPath() : files.front()));
  for (const RelPath& path : files) {
    ASSIGN_OR_RETURN(const SimInodePtr node, Find(FsCall::kSyncFiles, path, Actor::kAgent));
    if (node->kind == NodeKind::kFile) node->MakeContentDurable();
  }
  return Status::Ok();
}

Result<VolumeSpace> SimFileSystem::Space() {
  TRY(Enter(FsCall::kSpace, RelPath()));
  return VolumeSpace{options_.capacity_bytes, FreeBytes()};
}

}  // namespace atozsync
