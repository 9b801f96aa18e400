// What hardly ever happens: names that change their kind, programs that write round a swap, bits
// that rot. Drawn in the motifs of draw_rare.cc only.
#include "sync/engine/hasher.h"
#include "sync/engine/layout.h"
#include "tests/sim/swarm/stage.h"

namespace atozsync::swarm {

namespace {

constexpr int64_t kRepairPollMs = 500;
constexpr int kRepairPolls = 240;
constexpr size_t kLargeBytesMin = 300'000;  // of those that travel in chunks

bool IsUsersName(const RelPath& path) {
  return !path.is_root() && !path.str().starts_with(".atozsync");
}

// A swap has one step that moves something to or from a name of the user.
bool Moves(FsCall call) {
  return call == FsCall::kRename || call == FsCall::kExchange;
}

}  // namespace

void Stage::RareActs(SimNode& node, const Step& step) {
  if (!UserCanAct(node)) return;
  switch (step.kind) {
    case StepKind::kDeleteNamed: return DeleteNamed(node, step);
    case StepKind::kFileForFolder: return FileForFolder(node, step);
    case StepKind::kFolderForFile: return FolderForFile(node, step);
    case StepKind::kLeaveIgnored: return LeaveIgnored(node, step);
    case StepKind::kEditLarge: return EditLarge(node, step);
    case StepKind::kRotBit: return RotBit(node, step);
    case StepKind::kEditAndCrash: return EditAndCrash(node, step);
    case StepKind::kFileInTheWay: return FileInTheWay(node, step);
    default:  // kPause
      if (!node.running()) return;
      node.replica().SetPaused(!node.replica().paused());
      return Narrate(node.name() + (node.replica().paused() ? " is paused" : " goes on"));
  }
}

void Stage::DeleteNamed(SimNode& node, const Step& step) {
  std::string path = SomePath(step.x);
  if (!node.files().ReadFile(path)) return;
  cluster_.Delete(node.name(), path);
  Narrate(node.name() + " deletes " + path);
}

void Stage::FileForFolder(SimNode& node, const Step& step) {
  std::string path = SomeDir(step.x);
  if (node.files().Exists(path) && !node.files().ReadFile(path)) cluster_.Delete(node.name(), path);
  if (Possible(node, path, NodeKind::kFile)) Write(node, path, step, false);
}

void Stage::FolderForFile(SimNode& node, const Step& step) {
  std::string path = SomeDir(step.x);
  if (!node.files().ReadFile(path)) path = Standing(node, NodeKind::kFile, step.x);
  if (path.empty()) return;
  cluster_.Delete(node.name(), path);
  cluster_.MakeDir(node.name(), path);
  if (step.y % 3 > 0) Write(node, path + "/f0", step, false);
  Narrate(node.name() + " makes a folder of " + path);
}

void Stage::LeaveIgnored(SimNode& node, const Step& step) {
  std::string dir = Standing(node, NodeKind::kDir, step.x);
  if (dir.empty() || !node.files().WriteFile(dir + "/Thumbs.db", "cache").ok()) return;
  cluster_.NotePath(dir + "/Thumbs.db");
  Narrate(node.name() + " leaves a cache in " + dir);
}

void Stage::ClearIgnored() {
  for (auto& [name, node] : cluster_.nodes()) {
    for (const auto& [path, entry] : node->files().UserTree()) {
      if (IsCache(path)) node->files().Remove(path).IgnoreError();
    }
  }
}

void Stage::EditLarge(SimNode& node, const Step& step) {
  std::string path = SomeDir(step.x) + "/large";
  if (!Possible(node, path, NodeKind::kFile)) return;
  std::string content = node.files().ReadFile(path).value_or("");
  std::string mark = NewContent(node.name(), 1);
  if (content.size() < kLargeBytesMin) {
    SimRandom random(static_cast<uint64_t>(contents_));
    content.resize(kLargeBytesMin + step.y % 8 * 200'000);
    for (char& byte : content) byte = static_cast<char>('a' + random.Below(26));
  }
  content.replace(step.y * 997 % (content.size() - mark.size()), mark.size(), mark);
  cluster_.Write(node.name(), path, content);
  Narrate(node.name() + " writes '" + mark + "' into " + path + ", " +
          std::to_string(content.size()) + " bytes");
}

// In what is just being received; else in a file that another machine has, too, at the same name:
// bytes that stand nowhere else nobody can bring back.
void Stage::RotBit(SimNode& node, const Step& step) {
  if (!node.running()) return;
  const std::string staging = layout::Staging().str();
  if (node.files().Exists(staging)) {
    for (const auto& [path, entry] : node.files().ListKept(staging)) {
      if (!layout::IsPartial(path.substr(path.rfind('/') + 1)) || entry.content.empty()) continue;
      node.files().Corrupt(path, step.y % entry.content.size());
      return Narrate("a bit of what " + node.name() + " is receiving rots");
    }
  }
  std::string path = Standing(node, NodeKind::kFile, step.x);
  if (path.empty() || node.replica().Report().state != ReplicaState::kIdle) return;
  std::optional<TreeNode> file = node.files().Look(path);
  std::optional<IndexRow> row = node.index().Get(RelPath::Trusted(path));
  // As the index knows it: else nothing tells rot from an edit.
  bool known = file && row && row->stamp.trusted() && file->mtime_ns == row->stamp.mtime_ns &&
               HashOf(SimClusterSecret(), AsBytes(file->content)) == row->version.hash;
  // One that is just placing the same bytes may yet take them back, and then nobody has them.
  SimNode* other = Other(node, 0, [&](SimNode& each) {
    std::optional<IndexRow> theirs = each.index().Get(RelPath::Trusted(path));
    return UserCanAct(each) && known && theirs && theirs->version.SameContent(row->version) &&
           each.files().ReadFile(path) == file->content;
  });
  if (other == nullptr || !node.files().Corrupt(path, step.y % (file->content.size() + 1))) return;
  cluster_.NotePartial(*node.files().ReadFile(path));
  cluster_.NoteRotten(*node.files().ReadFile(path));
  rotten_.insert(node.name());
  ledger_.NoteRot(node);
  ResyncOptions everything;
  everything.verify = true;
  node.replica().Resync(everything, nullptr, [](const ResyncReport&) {});
  Narrate("a bit of " + path + " rots on " + node.name());
}

// That resync may not have come to its end.
void Stage::RepairRot() {
  if (rotten_.empty() || !cluster_.Settle()) return;
  for (const std::string& name : rotten_) {
    if (!cluster_.nodes().contains(name)) continue;
    auto done = std::make_shared<bool>(false);
    ResyncOptions everything;
    everything.verify = true;
    cluster_.node(name).replica().Resync(everything, nullptr,
                                         [done](const ResyncReport&) { *done = true; });
    for (int i = 0; i < kRepairPolls && !*done && !cluster_.violated(); ++i) {
      cluster_.RunFor(kRepairPollMs);
    }
  }
}

// x: which swap, and when the user writes – before it into what stands there, after it into what
// stands there then, or after it into what stood there before and is still open in a program – and
// how many calls after it.
// y: how many of the agent's changes later what dies.
void Stage::EditAndCrash(SimNode& node, const Step& step) {
  struct State {
    uint32_t swaps;
    uint32_t delay;  // calls between the swap and the edit
    uint32_t calls;
    std::string path;
    int open = 0;
    bool edited = false;
    bool over = false;
  };
  State state{step.x / 3 % 3, step.x / 9 % 4, step.y % 4, ""};
  uint32_t when = step.x % 3;
  bool power = step.y / 4 % 3 != 0;
  node.files().SetHook([this, &node, step, state, when, power](FsCall call, const RelPath& a,
                                                               const RelPath& b) mutable {
    if (state.over || !UserCanAct(node)) return;
    if (state.path.empty()) {
      if (!Moves(call) || (!IsUsersName(a) && !IsUsersName(b)) || state.swaps-- > 0) return;
      state.path = (IsUsersName(a) ? a : b).str();
      if (when == 2) state.open = OpenForLater(node, state.path, step.y);
      if (when != 0) return;
    }
    if (!state.edited) {
      if (when != 0 && state.delay-- > 0) return;
      state.edited = true;
      if (state.open != 0) {
        SaveAtLast(state.open);
      } else if (node.files().ReadFile(state.path)) {
        cluster_.Write(node.name(), state.path, NewContent(node.name(), step.y % 200));
      }
      if (when == 0) return;
    }
    if (!IsMutating(call) || state.calls-- > 0) return;
    state.over = true;
    power ? node.LosePowerInJob() : node.KillInJob();
  });
  Narrate("a user will write to what " + node.name() + " swaps, then it dies");
}

// Where the agent is about to make a name that was free.
void Stage::FileInTheWay(SimNode& node, const Step& step) {
  node.files().SetHook([this, &node, step, left = step.x % 3, done = false](
                           FsCall call, const RelPath& a, const RelPath& b) mutable {
    const RelPath& made = call == FsCall::kRename ? b : a;
    bool makes = call == FsCall::kRename || call == FsCall::kMakeDir;
    if (done || !makes || !UserCanAct(node) || !IsUsersName(made)) return;
    if (node.files().Exists(made.str()) || left-- > 0) return;
    if (!Possible(node, made.str(), NodeKind::kFile)) return;
    done = true;
    cluster_.Write(node.name(), made.str(), NewContent(node.name(), step.y % 40));
  });
  Narrate("a user will take a name that " + node.name() + " is about to make");
}

}  // namespace atozsync::swarm
