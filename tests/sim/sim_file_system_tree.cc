// Names and nodes: looking up, making, moving and removing, for the agent's calls and the user's.
#include <algorithm>
#include <cerrno>
#include <utility>

#include "tests/sim/sim_file_system.h"

namespace atozsync {
namespace {

Error Failed(FsCall call, const RelPath& path, int os_errno) {
  return ErrnoError(os_errno, std::string(FsCallName(call)) + " " + Printable(path));
}

std::string FoldCase(std::string name) {
  for (char& c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return name;
}

}  // namespace

Result<SimInodePtr> SimFileSystem::Find(FsCall call, const RelPath& path, Actor actor) const {
  SimInodePtr node = root_;
  for (std::string_view component : path.components()) {
    if (node->kind != NodeKind::kDir) return Failed(call, path, ENOTDIR);
    const auto entry = node->entries.find(std::string(component));
    if (entry == node->entries.end()) return Failed(call, path, ENOENT);
    node = entry->second;
  }
  if (actor == Actor::kAgent && node->os_errno != 0 && call != FsCall::kStat) {
    return Failed(call, path, node->os_errno);
  }
  return node;
}

Result<SimInodePtr> SimFileSystem::FindDir(FsCall call, const RelPath& dir,
                                           const RelPath& subject) const {
  const SimInodePtr node = FindOrNull(dir);
  if (node == nullptr) return Failed(call, subject, ENOENT);
  if (node->kind != NodeKind::kDir) return Failed(call, subject, ENOTDIR);
  return node;
}

SimInodePtr SimFileSystem::FindOrNull(const RelPath& path) const {
  Result<SimInodePtr> node = Find(FsCall::kStat, path, Actor::kUser);
  return node.ok() ? *node : nullptr;
}

Result<SimInodePtr> SimFileSystem::Make(FsCall call, const RelPath& path, NodeKind kind,
                                        Actor actor) {
  if (path.is_root()) return Failed(call, path, EEXIST);
  ASSIGN_OR_RETURN(const SimInodePtr dir, FindDir(call, path.parent(), path));
  const std::string name(path.name());
  if (IsTaken(*dir, name)) return Failed(call, path, EEXIST);
  TRY(CheckName(call, path));
  SimInodePtr node = NewInode(kind);
  SetSlot(dir, name, node);
  Record({{{dir, name, nullptr, node, 0}}}, actor);
  Report(FsChange::Kind::kMade, path, kind == NodeKind::kDir, actor);
  return node;
}

Status SimFileSystem::RemoveNode(FsCall call, const RelPath& path, Actor actor) {
  ASSIGN_OR_RETURN(const SimInodePtr node, Find(call, path, actor));
  if (path.is_root()) return Failed(call, path, EBUSY);
  const bool is_dir = node->kind == NodeKind::kDir;
  if (call == FsCall::kRemoveFile && is_dir) return Failed(call, path, EISDIR);
  if (call == FsCall::kRemoveDir && !is_dir) return Failed(call, path, ENOTDIR);
  if (is_dir && !node->entries.empty()) return Failed(call, path, ENOTEMPTY);
  const SimInodePtr dir = FindOrNull(path.parent());
  const std::string name(path.name());
  SetSlot(dir, name, nullptr);
  Record({{{dir, name, node, nullptr, 0}}}, actor);
  Report(FsChange::Kind::kRemoved, path, is_dir, actor);
  ReleaseIfUnused(*node);
  return Status::Ok();
}

Status SimFileSystem::Move(const RelPath& from, const RelPath& to, bool replace, Actor actor) {
  ASSIGN_OR_RETURN(const SimInodePtr node, Find(FsCall::kRename, from, actor));
  ASSIGN_OR_RETURN(const SimInodePtr to_dir, FindDir(FsCall::kRename, to.parent(), to));
  if (from.is_root() || to.is_root() || to.IsBelow(from)) {
    return Failed(FsCall::kRename, from, EINVAL);
  }
  TRY(CheckName(FsCall::kRename, to));
  const SimInodePtr old = FindOrNull(to);
  // A file may take its own name in other letters.
  const SimInodePtr twin = old == nullptr ? TwinOf(*to_dir, std::string(to.name())) : nullptr;
  if (twin != nullptr && twin != node) return Failed(FsCall::kRename, to, EEXIST);
  if (old != nullptr && !replace) return Failed(FsCall::kRename, to, EEXIST);
  if (old == node) return Status::Ok();
  if (old != nullptr && (old->kind == NodeKind::kDir || node->kind == NodeKind::kDir)) {
    return Failed(FsCall::kRename, to, EISDIR);
  }
  const SimInodePtr from_dir = FindOrNull(from.parent());
  const std::string from_name(from.name());
  const std::string to_name(to.name());
  SetSlot(from_dir, from_name, nullptr);
  SetSlot(to_dir, to_name, node);
  Record({{{from_dir, from_name, node, nullptr, 0}, {to_dir, to_name, old, node, 0}}}, actor);
  const bool is_dir = node->kind == NodeKind::kDir;
  Report(FsChange::Kind::kMovedFrom, from, is_dir, actor);
  Report(FsChange::Kind::kMovedTo, to, is_dir, actor);
  if (old != nullptr) ReleaseIfUnused(*old);
  return Status::Ok();
}

// On Windows: what is called the same but for the case of its letters.
SimInodePtr SimFileSystem::TwinOf(const SimInode& dir, const std::string& name) const {
  if (!options_.windows) return nullptr;
  const std::string folded = FoldCase(name);
  for (const auto& [other, node] : dir.entries) {
    if (other != name && FoldCase(other) == folded) return node;
  }
  return nullptr;
}

bool SimFileSystem::IsTaken(const SimInode& dir, const std::string& name) const {
  return dir.entries.count(name) != 0 || TwinOf(dir, name) != nullptr;
}

Status SimFileSystem::CheckName(FsCall call, const RelPath& path) const {
  const std::optional<std::string> problem = NameProblem(path.name());
  if (!problem) return Status::Ok();
  return {Errc::kUnsupported,
          std::string(FsCallName(call)) + " " + Printable(path) + ": " + *problem};
}

void SimFileSystem::SetSlot(const SimInodePtr& dir, const std::string& name,
                            const SimInodePtr& node) {
  const auto entry = dir->entries.find(name);
  if (entry != dir->entries.end()) {
    entry->second->parent = nullptr;
    dir->entries.erase(entry);
  }
  if (node != nullptr) {
    node->parent = dir.get();
    node->name = name;
    dir->entries.emplace(name, node);
  }
  dir->mtime_ns = dir->ctime_ns = FileTimeNs();
}

void SimFileSystem::Record(SimJournalOp op, Actor actor) {
  for (SimJournalOp::Slot& slot : op.slots) {
    if (slot.after == nullptr) continue;
    slot.after->ctime_ns = FileTimeNs();
    slot.ctime_ns = slot.after->ctime_ns;
  }
  journal_.Add(std::move(op));
  if (actor == Actor::kUser && options_.user_writes_durable) journal_.SyncNewest();
}

SimInodePtr SimFileSystem::NewInode(NodeKind kind) {
  auto node = std::make_shared<SimInode>();
  node->kind = kind;
  if (options_.reuse_inodes && !free_numbers_.empty()) {
    node->number = *free_numbers_.begin();
    free_numbers_.erase(free_numbers_.begin());
  } else {
    node->number = next_number_++;
  }
  node->mtime_ns = node->ctime_ns = FileTimeNs();
  node->MakeContentDurable();
  return node;
}

void SimFileSystem::ReleaseIfUnused(SimInode& node) {
  if (node.parent != nullptr || node.open_handles > 0) return;
  used_bytes_ -= node.data.size();
  free_numbers_.insert(node.number);
}

FileStat SimFileSystem::StatOf(const SimInode& node) const {
  return {node.kind, node.data.size(), node.mtime_ns, node.ctime_ns, node.number};
}

std::optional<RelPath> SimFileSystem::PathOf(const SimInode& node) const {
  std::string path;
  const SimInode* at = &node;
  while (at->parent != nullptr) {
    path = path.empty() ? at->name : at->name + "/" + path;
    at = at->parent;
  }
  if (at != root_.get()) return std::nullopt;  // removed, or on a volume that is not mounted
  return RelPath::Trusted(path);
}

int64_t SimFileSystem::FileTimeNs() const {
  return TimeAsKept(clock_.WallNs());
}

void SimFileSystem::ContentChanged(SimInode& node, Actor actor) {
  SetTimes(node, clock_.WallNs(), actor);
}

void SimFileSystem::SetTimes(SimInode& node, int64_t mtime_ns, Actor actor) {
  node.mtime_ns = TimeAsKept(mtime_ns);
  node.ctime_ns = FileTimeNs();
  if (node.kind != NodeKind::kFile) return;
  node.dirty = true;
  if (actor == Actor::kUser && options_.user_writes_durable) node.MakeContentDurable();
}

void SimFileSystem::Report(FsChange::Kind kind, const RelPath& path, bool is_dir, Actor actor) {
  for (const auto& [id, listener] : listeners_) {
    listener(FsChange{kind, path, is_dir, actor == Actor::kUser});
  }
}

}  // namespace atozsync
