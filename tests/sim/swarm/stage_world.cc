// What happens to links, processes, indexes, disks and machines.
#include <cerrno>

#include "tests/sim/swarm/stage.h"

namespace atozsync::swarm {

namespace {

constexpr int64_t kYear = int64_t{365} * 24 * 3600 * kSecond;
constexpr size_t kMachinesMax = 8;

}  // namespace

SimNode* Stage::Other(SimNode& node, uint32_t which, const std::function<bool(SimNode&)>& fits) {
  std::vector<SimNode*> found;
  for (auto& [name, other] : cluster_.nodes()) {
    if (other.get() != &node && fits(*other)) found.push_back(other.get());
  }
  return found.empty() ? nullptr : found[which % found.size()];
}

void Stage::WorldActs(SimNode& node, const Step& step) {
  switch (step.kind) {
    case StepKind::kPartition:
    case StepKind::kHeal:
    case StepKind::kHealAll:
    case StepKind::kReset:
    case StepKind::kReconnectStorm:
    case StepKind::kHalfOpen: return LinksChange(node, step);
    case StepKind::kKill:
    case StepKind::kPowerLoss:
    case StepKind::kPowerLossAtCall:
    case StepKind::kKillAtCall:
    case StepKind::kStart:
    case StepKind::kStartAll: return ProcessChanges(node, step);
    case StepKind::kLoseIndex:
    case StepKind::kSaveIndex:
    case StepKind::kRollIndexBack:
    case StepKind::kLoseCommits:
    case StepKind::kFailCommit: return IndexChanges(node, step);
    case StepKind::kAYearPasses:
    case StepKind::kReplaceReplica:
    case StepKind::kAddReplica:
    case StepKind::kJoinWithOther: return MachinesChange(node, step);
    case StepKind::kEditAtRead: return EditAtRead(node, step);
    case StepKind::kEditAtCalls: return EditAtCalls(node, step);
    case StepKind::kDeleteNamed:
    case StepKind::kFileForFolder:
    case StepKind::kFolderForFile:
    case StepKind::kLeaveIgnored:
    case StepKind::kEditLarge:
    case StepKind::kRotBit:
    case StepKind::kPause:
    case StepKind::kEditAndCrash:
    case StepKind::kFileInTheWay: return RareActs(node, step);
    case StepKind::kDecide: return Decide(node);
    case StepKind::kTakeBack: return TakeBack(node);
    default: return DiskChanges(node, step);
  }
}

void Stage::LinksChange(SimNode& node, const Step& step) {
  const std::string& a = node.name();
  SimNode* other = Other(node, step.x, [](SimNode&) { return true; });
  if (step.kind == StepKind::kHealAll) {
    cluster_.HealAll();
    return Narrate("all links are mended");
  }
  if (other == nullptr) return;
  const std::string& b = other->name();
  switch (step.kind) {
    case StepKind::kPartition:
      cluster_.Partition(a, b);
      return Narrate(a + " and " + b + " are cut off from each other");
    case StepKind::kHeal:
      cluster_.Heal(a, b);
      return Narrate(a + " and " + b + " reach each other again");
    case StepKind::kReset:
      cluster_.network().ResetConnections(a, b);
      return Narrate("connections of " + a + " and " + b + " are reset");
    case StepKind::kHalfOpen:
      cluster_.network().SetHalfOpen(a, b, true);
      return Narrate("what " + a + " sends to " + b + " is lost");
    default:
      Storm(a, static_cast<int>(step.y % 20));
      return Narrate("connections of " + a + " are reset, again and again");
  }
}

void Stage::Storm(const std::string& node, int times) {
  for (auto& [name, other] : cluster_.nodes()) {
    if (name != node) cluster_.network().ResetConnections(node, name);
  }
  if (times == 0) return;
  cluster_.scheduler().After(70 * kMs, "storm", [this, node, times] { Storm(node, times - 1); });
}

void Stage::ProcessChanges(SimNode& node, const Step& step) {
  const std::string& name = node.name();
  switch (step.kind) {
    case StepKind::kKill:
      node.KillProcess();
      return Narrate("the process of " + name + " is killed");
    case StepKind::kPowerLoss: node.LosePower(); return Narrate(name + " loses power");
    case StepKind::kPowerLossAtCall:
      AtCall(node, step.x % 40, [&node](const RelPath&) {
        node.LosePowerInJob();
        return true;
      });
      return Narrate(name + " will lose power before a change of the folder");
    case StepKind::kKillAtCall:
      AtCall(node, step.x % 40, [&node](const RelPath&) {
        node.KillInJob();
        return true;
      });
      return Narrate("the process of " + name + " will die before a change of the folder");
    case StepKind::kStart:
      if (node.running() || !node.files().powered()) return;
      node.Start();
      return Narrate(name + " is started");
    default:
      for (auto& [other_name, other] : cluster_.nodes()) {
        if (!other->running() && other->files().powered()) other->Start();
      }
      return Narrate("all that were down are started");
  }
}

// `act` is asked before each of the agent's changes of the folder, from the `calls`th on, until it
// says that it has done its work.
void Stage::AtCall(SimNode& node, uint32_t calls, std::function<bool(const RelPath&)> act) {
  SimFileSystem& files = node.files();
  uint64_t at = files.mutating_calls() + calls;
  files.SetHook([&files, at, act = std::move(act), done = false](FsCall, const RelPath& path,
                                                                 const RelPath& other) mutable {
    if (done || files.mutating_calls() < at) return;
    for (const RelPath& touched : {path, other}) {
      if (!done) done = act(touched);
    }
  });
}

void Stage::IndexChanges(SimNode& node, const Step& step) {
  const std::string& name = node.name();
  if (!node.files().powered()) return;
  switch (step.kind) {
    case StepKind::kSaveIndex:
      saved_[name] = node.index().Clone();
      return Narrate("the index of " + name + " is copied away");
    case StepKind::kLoseIndex:
      node.KillProcess();
      node.LoseIndex();
      ledger_.NoteHistoryLost();
      node.Start();
      return Narrate("the index of " + name + " is deleted, it starts anew");
    case StepKind::kRollIndexBack: {
      auto saved = saved_.find(name);
      if (saved == saved_.end()) return;
      ledger_.NoteIndexToBeSetBack(node);
      node.KillProcess();
      node.PutIndexBack(std::move(saved->second));
      saved_.erase(saved);
      ledger_.NoteIndexSetBack(node);
      node.Start();
      return Narrate("the copied index of " + name + " is put back, it starts anew");
    }
    case StepKind::kLoseCommits:
      LoseCommits(node, step.x % 4 + 1);
      return Narrate(name + " will lose power and its last commits");
    default:
      node.index().FailNextCommit(Status(Errc::kIo, "commit: the disk failed"));
      return Narrate("the next commit of " + name + " fails");
  }
}

// A disk that says "durable" and lies: after so many more commits the power goes, and the index is
// found as it was before them.
void Stage::LoseCommits(SimNode& node, uint32_t commits) {
  if (!node.running()) return;
  std::shared_ptr<MemIndex> before = node.index().Clone();
  Sequence last = node.index().last_sequence();
  ledger_.NoteIndexToBeSetBack(node);
  AtCall(node, 0, [this, &node, before, last, commits](const RelPath&) {
    if (node.index().last_sequence() < last + commits) return false;
    std::string name = node.name();
    node.LosePowerInJob();
    cluster_.scheduler().After(0, name + " commits lost", [this, name, before] {
      if (!cluster_.nodes().contains(name) || cluster_.node(name).running()) return;
      cluster_.node(name).PutIndexBack(before->Clone());
      ledger_.NoteIndexSetBack(cluster_.node(name));
    });
    return true;
  });
}

void Stage::DiskChanges(SimNode& node, const Step& step) {
  const std::string& name = node.name();
  SimFileSystem& files = node.files();
  static constexpr int kErrors[] = {EIO, ENOSPC, EACCES};
  int error = kErrors[step.y % 3];
  switch (step.kind) {
    case StepKind::kUnmount:
      if (!files.powered()) return;
      files.mounted() ? files.Unmount() : files.Mount();
      // As the watcher says when another directory stands where the root was (docs/watching.md).
      // What a handle of before does to the volume meanwhile, nobody hears.
      if (node.running()) node.hints().Overflow();
      ledger_.NoteAway(node);
      return Narrate("the volume of " + name + (files.mounted() ? " is back" : " goes away"));
    case StepKind::kFillDisk: {
      bool full = step.x % 2 == 0;
      files.SetCapacity(full ? files.used_bytes() + step.y % 600 : uint64_t{1} << 40);
      return Narrate("the disk of " + name + (full ? " is nearly full" : " has room"));
    }
    case StepKind::kFailCalls:
      files.FailRandomly(step.x % 2 == 0 ? 1 + step.x % 30 : 0, error);
      return Narrate(std::string("calls of ") + name + (step.x % 2 == 0 ? " fail" : " work again"));
    case StepKind::kFailCall:
      files.FailMutation(step.x % 30 + 1, error);
      return Narrate("one of the next changes of " + name + " fails");
    case StepKind::kLockFile: {
      std::string path = Standing(node, NodeKind::kFile, step.x);
      if (step.y % 3 == 0 || path.empty()) {
        files.ClearFailures();
        return Narrate("nothing is locked on " + name);
      }
      files.SetNodeError(path, EBUSY);
      return Narrate("a program locks " + path + " on " + name);
    }
    case StepKind::kEditAtCall:
    case StepKind::kDeleteAtCall:
      AtCall(node, step.x % 30, [this, &node, step](const RelPath& touched) {
        const std::string& path = touched.str();
        if (!UserCanAct(node) || touched.is_root() || path.starts_with(".atozsync")) return false;
        if (!node.files().ReadFile(path)) return false;
        if (step.kind == StepKind::kEditAtCall) {
          cluster_.Write(node.name(), path, NewContent(node.name(), step.y));
        } else {
          cluster_.Delete(node.name(), path);
        }
        return true;
      });
      return Narrate("a user will act in the instant of a change of " + name);
    case StepKind::kClockJump: {
      static constexpr int64_t kJumps[] = {-kYear * 6, -3'600 * kSecond, 2 * kSecond,
                                           86'400 * kSecond, kYear * 10};
      node.clock().JumpWall(kJumps[step.x % std::size(kJumps)]);
      return Narrate("the clock of " + name + " jumps");
    }
    case StepKind::kOverflow:
      if (node.running()) node.hints().Overflow();
      return Narrate("hints of " + name + " overflow");
    default: return;
  }
}

void Stage::MachinesChange(SimNode& node, const Step& step) {
  if (step.kind == StepKind::kAYearPasses) return YearPasses(node);
  auto runs = [](SimNode& other) { return other.running() && other.files().mounted(); };
  bool room = cluster_.nodes().size() < kMachinesMax && machines_ < 26;
  if (step.kind == StepKind::kAddReplica) {
    if (!room || !runs(node)) return;
    AddMachine(node.name(), node.name());
    return;
  }
  if (step.kind == StepKind::kJoinWithOther) {
    if (room && runs(node)) AddMachine(node.name(), node.name(), step.x % 3 + 1);
    return;
  }
  SimNode* helper =
      Other(node, step.x, [&](SimNode& other) { return runs(other) && Lists(other, node.id()); });
  // It has to have told the others what it has, or be the last to know it.
  if (helper == nullptr || !room || cluster_.nodes().size() < 2 || !HangTogether(node)) return;
  std::string name = node.name();
  ReplicaId id = node.id();
  std::erase_if(open_, [&name](const auto& open) { return open.second.node == name; });
  saved_.erase(name);
  ledger_.NoteHistoryLost();
  cluster_.Scrap(name);
  // What was reached through it only is reached directly from now on.
  cluster_.JoinSevered();
  if (!helper->replica().RemoveMember(id).ok()) {
    cluster_.Violate("members: " + helper->name() + " cannot remove " + name);
  }
  AddMachine("", helper->name());
  Narrate(name + " burns down, a new machine joins through " + helper->name());
}

void Stage::YearPasses(SimNode& node) {
  for (auto& [name, other] : cluster_.nodes()) {
    if (other.get() != &node) cluster_.Partition(node.name(), name);
  }
  cluster_.scheduler().Sleep(kYear);
  Narrate("a year passes without " + node.name());
}

// Its user knows no history: whoever saved what was there before may be anybody.
void Stage::SaveAnew(SimNode& newcomer, uint32_t which) {
  std::string path = Standing(newcomer, NodeKind::kFile, which);
  if (path.empty() || cluster_.Read(newcomer.name(), path).starts_with(newcomer.name())) return;
  std::string content = NewContent(newcomer.name(), which);
  ledger_.NoteMoved(path);
  if (newcomer.files().WriteFile(path, content).ok()) cluster_.NoteWritten(content);
}

// `changed`: so many of the copied files were saved anew before it joins.
bool Stage::AddMachine(const std::string& copy_from, const std::string& via, uint32_t changed) {
  std::string name(1, static_cast<char>('A' + machines_++));
  SimNode& newcomer = cluster_.AddNode(name);
  ledger_.Watch(newcomer);
  if (!copy_from.empty()) cluster_.CopyFolder(copy_from, name);
  for (const auto& [path, entry] : newcomer.files().UserTree()) ledger_.NoteCopied(path);
  bool joined = cluster_.Join(name, via);
  if (joined) {
    for (uint32_t i = 0; i < changed; ++i) SaveAnew(newcomer, i);
    newcomer.Start();
    Narrate(name + " joins through " + via);
  } else {
    cluster_.Scrap(name);  // nobody was there to let it in, or the answer was lost
  }
  return joined;
}

}  // namespace atozsync::swarm
