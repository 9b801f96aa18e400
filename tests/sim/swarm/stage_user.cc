// What users do in the folders.
#include <algorithm>

#include "tests/sim/swarm/stage.h"

namespace atozsync::swarm {

namespace {

// Three of these are less than the half minute for which the agent looks again at what it put
// aside. What is written to that even later, it finds at its next start or before it purges the
// file.
constexpr int64_t kPieceMaxMs = 9'000;

std::string Parent(const std::string& path) {
  size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

std::string BytesOf(File& file) {
  Result<FileStat> stat = file.Stat();
  Bytes bytes(stat.ok() ? stat->size : 0);
  if (!file.ReadAt(0, bytes).ok()) return "";
  return std::string(AsText(bytes));
}

}  // namespace

std::string Stage::SomeDir(uint32_t which) {
  static const char* const kDirs[] = {"S", "S/Smith12", "S/Smith12/old", "J/Jones7",
                                      "X", "S/Smith12", "S/smith12"};
  return kDirs[which % std::size(kDirs)];
}

std::string Stage::SomePath(uint32_t which) {
  uint32_t file = which / 7 % 6;
  return SomeDir(which) + (file == 5 ? std::string("/F0") : "/f" + std::to_string(file));
}

bool Stage::IsCache(const std::string& path) {
  return path.ends_with("/Thumbs.db");
}

std::string Stage::NewContent(const std::string& node, uint32_t size_class) {
  std::string content = node + "-" + std::to_string(++contents_) + " ";
  size_t size = size_class % 200;
  if (size_class % 41 == 0) size = 1'000 * (size_class % 400);  // some of many pieces, in chunks
  char letter = static_cast<char>('a' + contents_ % 26);
  content.reserve(content.size() + size);
  // Not all of one letter: chunks of a file should differ from each other.
  for (size_t i = 0; i < size; ++i) {
    content.push_back(i % 1'000 < 990 ? letter : static_cast<char>('A' + i / 1'000 % 26));
  }
  return content;
}

std::string Stage::Standing(SimNode& node, NodeKind kind, uint32_t which) {
  std::vector<std::string> paths;
  for (const auto& [path, entry] : node.files().UserTree()) {
    if (entry.kind == kind && !IsCache(path)) paths.push_back(path);
  }
  return paths.empty() ? std::string() : paths[which % paths.size()];
}

bool Stage::Possible(SimNode& node, const std::string& path, NodeKind kind) {
  for (std::string above = Parent(path); !above.empty(); above = Parent(above)) {
    if (node.files().ReadFile(above)) return false;
  }
  if (!node.files().Exists(path)) return true;
  return kind == NodeKind::kFile && node.files().ReadFile(path).has_value();
}

void Stage::UserActs(SimNode& node, const Step& step) {
  switch (step.kind) {
    case StepKind::kRename:
    case StepKind::kRenameFolder:
    case StepKind::kSwapNames:
    case StepKind::kChangeCase:
    case StepKind::kDeleteFolder:
    case StepKind::kMakeFolder: return MovesThings(node, step);
    case StepKind::kResolve: return Resolve(node, step);
    case StepKind::kUndo: return Undo(node, step);
    case StepKind::kRestore: return Restore(node, step);
    case StepKind::kResync: {
      if (!node.running()) return;
      ResyncOptions options;
      options.verify = step.x % 2 == 0;
      node.replica().Resync(options, nullptr, [](const ResyncReport&) {});
      return Narrate(node.name() + " is asked for a resync");
    }
    default: return ChangesOneFile(node, step);
  }
}

void Stage::ChangesOneFile(SimNode& node, const Step& step) {
  std::string path = SomePath(step.x);
  std::string standing = Standing(node, NodeKind::kFile, step.x);
  bool possible = Possible(node, path, NodeKind::kFile);
  switch (step.kind) {
    case StepKind::kWrite:
    case StepKind::kReplace:
      if (possible) Write(node, path, step, step.kind == StepKind::kReplace);
      return;
    case StepKind::kEdit:
      if (!standing.empty()) Write(node, standing, step, false);
      return;
    case StepKind::kCopyOld:
      if (possible) CopyOld(node, path, step);
      return;
    case StepKind::kSlowWrite:
      if (possible) SlowWrite(node, path, step);
      return;
    case StepKind::kHoldOpen:
      if (!standing.empty()) HoldOpen(node, standing, step);
      return;
    case StepKind::kDelete:
      if (standing.empty()) return;
      cluster_.Delete(node.name(), standing);
      return Narrate(node.name() + " deletes " + standing);
    default:  // kTouch
      if (standing.empty()) return;
      cluster_.Touch(node.name(), standing, int64_t{step.y + 1} * 2'000'000 * kSecond + step.x);
      return Narrate(node.name() + " sets the time of " + standing);
  }
}

void Stage::Write(SimNode& node, const std::string& path, const Step& step, bool replace) {
  std::string content = NewContent(node.name(), step.y);
  Narrate(node.name() + (replace ? " replaces " : " writes ") + path + " '" +
          content.substr(0, content.find(' ')) + "', " + std::to_string(content.size()) + " bytes");
  if (replace) {
    cluster_.Replace(node.name(), path, content);
  } else {
    cluster_.Write(node.name(), path, content);
  }
}

void Stage::CopyOld(SimNode& node, const std::string& path, const Step& step) {
  Write(node, path, step, false);
  if (!node.files().Exists(path)) return;  // the disk was full
  cluster_.Touch(node.name(), path, int64_t{1'000'000'000 + step.y} * kSecond);
}

// --- files that stay open ---

// The user's program opens, empties and fills the file while time goes on; what it had when it
// closed is what he believes to be saved.
void Stage::SlowWrite(SimNode& node, const std::string& path, const Step& step) {
  if (!node.files().Exists(path) && !node.files().WriteFile(path, "").ok()) return;
  cluster_.NotePath(path);
  cluster_.NotePartial("");
  Result<std::unique_ptr<File>> file = node.files().OpenAsUser(path);
  if (!file.ok()) return;
  std::optional<std::string> old = node.files().ReadFile(path);
  std::string content = NewContent(node.name(), step.y % 200 + 20);
  cluster_.Release(node.name(), path);
  if (!(*file)->Truncate(0).ok()) return;
  if (old) cluster_.NoteOverwrite(path, *old, content);
  ledger_.NoteMoved(path);
  Narrate(node.name() + " begins to write " + path + " slowly");
  int id = ++opened_;
  open_[id] = {node.name(), path, content, std::move(*file)};
  WritePiece(id, 0);
}

void Stage::WritePiece(int id, size_t at) {
  auto open = open_.find(id);
  if (open == open_.end()) return;  // its machine is no more
  const std::string& content = open->second.content;
  if (at >= content.size()) return Closed(id);
  std::string part = content.substr(at, content.size() / 3 + 1);
  cluster_.NoteReleased(BytesOf(*open->second.file));
  bool written = open->second.file->WriteAt(at, AsBytes(part)).ok();
  // Another program may have written to it, too; of a failed write a part is there.
  cluster_.NotePartial(BytesOf(*open->second.file));
  if (!written) {
    open_.erase(open);  // the user is told, and knows that it is not saved
    return;
  }
  int64_t pause_ms = std::min(kPieceMaxMs, static_cast<int64_t>(content.size()) * 3);
  cluster_.scheduler().After(pause_ms * kMs, "user goes on writing",
                             [this, id, next = at + part.size()] { WritePiece(id, next); });
}

void Stage::HoldOpen(SimNode& node, const std::string& path, const Step& step) {
  int id = OpenForLater(node, path, step.y);
  if (id == 0) return;
  const std::string& content = open_.at(id).content;
  Narrate(node.name() + " opens " + path + " and will save '" +
          content.substr(0, content.find(' ')) + "' into it");
  cluster_.scheduler().After(int64_t{step.y} * 5 * kMs, "user saves at last",
                             [this, id] { SaveAtLast(id); });
}

int Stage::OpenForLater(SimNode& node, const std::string& path, uint32_t size_class) {
  Result<std::unique_ptr<File>> file = node.files().OpenAsUser(path);
  if (!file.ok()) return 0;
  ledger_.NoteMoved(path);
  int id = ++opened_;
  open_[id] = {node.name(), path, NewContent(node.name(), size_class % 200), std::move(*file)};
  return id;
}

void Stage::SaveAtLast(int id) {
  auto open = open_.find(id);
  if (open == open_.end()) return;
  File& file = *open->second.file;
  cluster_.NotePartial("");
  cluster_.NotePartial(open->second.content);
  std::string old = BytesOf(file);
  bool emptied = file.Truncate(0).ok();
  if (emptied) cluster_.NoteReleased(old);
  bool saved = emptied && file.WriteAt(0, AsBytes(open->second.content)).ok();
  cluster_.NotePartial(BytesOf(file));
  if (saved) return Closed(id);
  open_.erase(open);
}

// The program is content. What it wrote must not be lost, wherever the file is by now – unless its
// name was deleted under it.
void Stage::Closed(int id) {
  OpenFile closed = std::move(open_.at(id));
  open_.erase(id);
  closed.file.reset();
  bool found = false;
  cluster_.node(closed.node).files().VisitVolume([&](std::string_view, ByteSpan bytes) {
    found = found || AsText(bytes) == closed.content;
  });
  if (!found) return;
  // The last piece stood there a while before the file was closed: who saved over it or deleted it
  // meanwhile, here or elsewhere, had the whole of it before him.
  bool passed_over = cluster_.released().contains(closed.content);
  cluster_.NoteWritten(closed.content);
  if (passed_over) cluster_.NoteReleased(closed.content);
}

// --- names ---

void Stage::MovesThings(SimNode& node, const Step& step) {
  bool folder = step.kind == StepKind::kRenameFolder || step.kind == StepKind::kDeleteFolder;
  std::string standing = Standing(node, folder ? NodeKind::kDir : NodeKind::kFile, step.x);
  switch (step.kind) {
    case StepKind::kRename:
      if (!standing.empty()) Rename(node, standing, SomePath(step.y));
      return;
    case StepKind::kRenameFolder:
      if (!standing.empty()) Rename(node, standing, SomeDir(step.y));
      return;
    case StepKind::kSwapNames: return SwapNames(node, step);
    case StepKind::kChangeCase: return ChangeCase(node, step);
    case StepKind::kDeleteFolder:
      if (standing.empty()) return;
      cluster_.Delete(node.name(), standing);
      return Narrate(node.name() + " deletes the folder " + standing);
    default: {
      std::string dir = SomeDir(step.x);
      if (!Possible(node, dir, NodeKind::kDir)) return;
      cluster_.MakeDir(node.name(), dir);
      return Narrate(node.name() + " makes the folder " + dir);
    }
  }
}

void Stage::Rename(SimNode& node, const std::string& from, const std::string& to) {
  bool is_dir = !node.files().ReadFile(from);
  if (to == from || to.starts_with(from + "/")) return;
  if (!Possible(node, to, is_dir ? NodeKind::kDir : NodeKind::kFile)) return;
  Narrate(node.name() + " renames " + from + " to " + to);
  cluster_.Rename(node.name(), from, to);
  ledger_.NoteMoved(to);
  for (const auto& [path, entry] : node.files().UserTree()) {
    if (path.starts_with(to + "/")) ledger_.NoteMoved(path);
  }
}

void Stage::SwapNames(SimNode& node, const Step& step) {
  std::string a = Standing(node, NodeKind::kFile, step.x);
  std::string b = Standing(node, NodeKind::kFile, step.y);
  if (a.empty() || a == b) return;
  std::string between = (Parent(a).empty() ? "" : Parent(a) + "/") + "between.tmp";
  if (node.files().Exists(between)) return;
  Rename(node, a, between);
  if (step.x % 3 == 0) cluster_.RunFor(step.y % 30);
  // Others may have been at work meanwhile.
  if (!node.files().ReadFile(between) || !UserCanAct(node)) return;
  if (node.files().ReadFile(b)) Rename(node, b, a);
  if (step.x % 3 == 0) cluster_.RunFor(step.y % 30);
  if (!UserCanAct(node) || !node.files().ReadFile(between)) return;
  Rename(node, between, b);
  Narrate(node.name() + " exchanges " + a + " and " + b);
}

void Stage::ChangeCase(SimNode& node, const Step& step) {
  std::string from = Standing(node, step.y % 4 == 0 ? NodeKind::kDir : NodeKind::kFile, step.x);
  if (from.empty()) return;
  size_t name = from.rfind('/') == std::string::npos ? 0 : from.rfind('/') + 1;
  std::string to = from;
  to[name] = static_cast<char>(to[name] ^ 0x20);
  Rename(node, from, to);
}

// --- decisions ---

}  // namespace atozsync::swarm
