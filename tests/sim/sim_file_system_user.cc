// What other programs on the machine do in the folder, and what they see.
#include <cerrno>
#include <ostream>
#include <utility>

#include "tests/sim/sim_file_system.h"

namespace atozsync {
namespace {

constexpr std::string_view kAgentsDir = ".atozsync";

std::string TextOf(const SimInode& node) {
  return std::string(AsText(node.data));
}

}  // namespace

void PrintTo(const TreeNode& node, std::ostream* out) {
  if (node.kind == NodeKind::kDir) {
    *out << "directory";
  } else if (node.kind == NodeKind::kOther) {
    *out << "special file";
  } else {
    *out << '"' << Printable(node.content.substr(0, 80)) << "\" (" << node.content.size()
         << " bytes) mtime " << node.mtime_ns;
  }
}

Status SimFileSystem::MakeParents(const RelPath& path) {
  TRY(CheckPower(path));
  RelPath at;
  const RelPath parent = path.parent();
  for (std::string_view component : parent.components()) {
    at = at.Child(component);
    const SimInodePtr node = FindOrNull(at);
    if (node == nullptr) {
      TRY(Make(FsCall::kMakeDir, at, NodeKind::kDir, Actor::kUser).status());
    } else if (node->kind != NodeKind::kDir) {
      return ErrnoError(ENOTDIR, "mkdir " + Printable(at));
    }
  }
  return Status::Ok();
}

Status SimFileSystem::WriteThrough(const RelPath& path, std::string_view content, bool append) {
  TRY(MakeParents(path));
  SimInodePtr node = FindOrNull(path);
  if (node == nullptr) {
    ASSIGN_OR_RETURN(node, Make(FsCall::kCreate, path, NodeKind::kFile, Actor::kUser));
  }
  if (node->kind != NodeKind::kFile) return ErrnoError(EISDIR, "write " + Printable(path));
  const std::unique_ptr<File> file = OpenHandle(node, path, true, Actor::kUser);
  if (!append) TRY(file->Truncate(0));
  return file->WriteAt(append ? node->data.size() : 0, AsBytes(content));
}

Status SimFileSystem::WriteFile(std::string_view path, std::string_view content) {
  return WriteThrough(RelPath::Trusted(path), content, false);
}

Status SimFileSystem::ReplaceFile(std::string_view path, std::string_view content) {
  const RelPath target = RelPath::Trusted(path);
  const RelPath temporary = target.parent().Child("~replace.tmp");
  TRY(WriteThrough(temporary, content, false));
  return Move(temporary, target, true, Actor::kUser);
}

Status SimFileSystem::Append(std::string_view path, std::string_view content) {
  return WriteThrough(RelPath::Trusted(path), content, true);
}

Result<std::unique_ptr<File>> SimFileSystem::OpenAsUser(std::string_view path) {
  const RelPath parsed = RelPath::Trusted(path);
  TRY(CheckPower(parsed));
  ASSIGN_OR_RETURN(const SimInodePtr node, Find(FsCall::kOpenWrite, parsed, Actor::kUser));
  if (node->kind != NodeKind::kFile) return ErrnoError(EISDIR, "open " + Printable(parsed));
  return OpenHandle(node, parsed, true, Actor::kUser);
}

Status SimFileSystem::Rename(std::string_view from, std::string_view to) {
  TRY(MakeParents(RelPath::Trusted(to)));
  return Move(RelPath::Trusted(from), RelPath::Trusted(to), true, Actor::kUser);
}

Status SimFileSystem::Remove(std::string_view path) {
  const RelPath parsed = RelPath::Trusted(path);
  TRY(CheckPower(parsed));
  ASSIGN_OR_RETURN(const SimInodePtr node, Find(FsCall::kRemoveFile, parsed, Actor::kUser));
  if (node->kind != NodeKind::kDir) return RemoveNode(FsCall::kRemoveFile, parsed, Actor::kUser);
  while (!node->entries.empty()) {
    TRY(Remove(parsed.Child(node->entries.begin()->first).str()));
  }
  return RemoveNode(FsCall::kRemoveDir, parsed, Actor::kUser);
}

Status SimFileSystem::MakeDirs(std::string_view path) {
  return MakeParents(RelPath::Trusted(path).Child("x"));
}

Status SimFileSystem::MakeOther(std::string_view path) {
  const RelPath parsed = RelPath::Trusted(path);
  TRY(MakeParents(parsed));
  return Make(FsCall::kCreate, parsed, NodeKind::kOther, Actor::kUser).status();
}

Status SimFileSystem::SetUserMtime(std::string_view path, int64_t mtime_ns) {
  const RelPath parsed = RelPath::Trusted(path);
  TRY(CheckPower(parsed));
  ASSIGN_OR_RETURN(const SimInodePtr node, Find(FsCall::kSetMtime, parsed, Actor::kUser));
  SetTimes(*node, mtime_ns, Actor::kUser);
  Report(FsChange::Kind::kWritten, parsed, node->kind == NodeKind::kDir, Actor::kUser);
  return Status::Ok();
}

std::optional<std::string> SimFileSystem::ReadFile(std::string_view path) const {
  const SimInodePtr node = FindOrNull(RelPath::Trusted(path));
  if (node == nullptr || node->kind != NodeKind::kFile) return std::nullopt;
  return TextOf(*node);
}

bool SimFileSystem::IsOpenForWriting(std::string_view path) const {
  const Result<SimInodePtr> node = Find(FsCall::kStat, RelPath::Trusted(path), Actor::kUser);
  return node.ok() && (*node)->writers > 0;
}

bool SimFileSystem::Exists(std::string_view path) const {
  return FindOrNull(RelPath::Trusted(path)) != nullptr;
}

std::optional<TreeNode> SimFileSystem::Look(std::string_view path) const {
  const SimInodePtr node = FindOrNull(RelPath::Trusted(path));
  if (node == nullptr) return std::nullopt;
  const bool is_file = node->kind == NodeKind::kFile;
  return TreeNode{node->kind, is_file ? TextOf(*node) : "", is_file ? node->mtime_ns : 0};
}

Tree SimFileSystem::UserTree() const {
  Tree tree;
  Collect(*root_, "", false, tree);
  return tree;
}

Tree SimFileSystem::ListKept(std::string_view dir) const {
  Tree tree;
  const SimInodePtr node = FindOrNull(RelPath::Trusted(dir));
  if (node != nullptr) Collect(*node, std::string(dir), true, tree);
  return tree;
}

void SimFileSystem::Collect(const SimInode& dir, const std::string& prefix, bool with_agents,
                            Tree& tree) const {
  for (const auto& [name, node] : dir.entries) {
    if (!with_agents && prefix.empty() && name == kAgentsDir) continue;
    const std::string path = prefix.empty() ? name : prefix + "/" + name;
    const bool is_file = node->kind == NodeKind::kFile;
    tree[path] = {node->kind, is_file ? TextOf(*node) : "", is_file ? node->mtime_ns : 0};
    Collect(*node, path, with_agents, tree);
  }
}

void SimFileSystem::VisitVolume(
    const std::function<void(std::string_view, ByteSpan)>& visit) const {
  std::string path;
  Visit(*volume_root_, path, visit);
}

void SimFileSystem::Visit(const SimInode& dir, std::string& path,
                          const std::function<void(std::string_view, ByteSpan)>& visit) {
  const size_t length = path.size();
  for (const auto& [name, node] : dir.entries) {
    if (length > 0) path += '/';
    path += name;
    if (node->kind == NodeKind::kFile) visit(path, node->data);
    if (node->kind == NodeKind::kDir) Visit(*node, path, visit);
    path.resize(length);
  }
}

uint64_t SimFileSystem::AddListener(Listener listener) {
  listeners_.emplace(next_listener_, std::move(listener));
  return next_listener_++;
}

}  // namespace atozsync
