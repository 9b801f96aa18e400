#include "tests/sim/every_call.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "sync/engine/hasher.h"
#include "sync/engine/meta_keys.h"
#include "tests/sim/checkers.h"

namespace atozsync {

namespace {

constexpr char kUsersContent[] = "of a fast user";

bool OfTheUser(const RelPath& path) {
  return !path.is_root() && !path.str().starts_with(".atozsync");
}

}  // namespace

const char* UserActName(UserAct act) {
  switch (act) {
    case UserAct::kEdit: return "edits it";
    case UserAct::kReplace: return "saves it anew";
    case UserAct::kDelete: return "deletes it";
    case UserAct::kRename: return "renames it";
    case UserAct::kDeleteAndMake: return "deletes it and makes it anew";
    case UserAct::kTouch: return "sets its time";
    case UserAct::kMakeDir: return "makes a directory of it";
  }
  return "unknown";
}

std::string Describe(const Interruption& what) {
  std::string at = " at point " + std::to_string(what.at);
  switch (what.kind) {
    case Interruption::Kind::kFail: return "failure (" + std::to_string(what.os_errno) + ")" + at;
    case Interruption::Kind::kKill: return "process killed" + at;
    case Interruption::Kind::kPower:
      return "power lost" + at + ", draw " + std::to_string(what.draw);
    case Interruption::Kind::kUser: return std::string("a user ") + UserActName(what.act) + at;
  }
  return "nothing";
}

bool Survey::IsCall(uint64_t n) const {
  return !points[n - 1].ends_with("commit");
}

EveryCallRun::EveryCallRun(const EveryCallScene& scene, std::string victim,
                           std::vector<Interruption> plan)
    : scene_(scene),
      victim_(std::move(victim)),
      plan_(std::move(plan)),
      c_(kSeed, {"A", "B"}, scene.adjust) {}

EveryCallRun::~EveryCallRun() {
  for (auto& [name, node] : c_.nodes()) {
    node->files().SetHook(nullptr);
    node->index().SetCommitHook(nullptr);
  }
}

Survey EveryCallRun::Look() {
  Begin();
  for (int64_t ran_ms = 0; ran_ms < kReachMaxMs; ran_ms += 100) {
    c_.RunFor(100);
    Mend();
  }
  EXPECT_EQ(next_, plan_.size()) << "an interruption was never reached";
  CheckEnd();
  return {points_, End()};
}

void EveryCallRun::Check(const SceneEnd* expected) {
  Begin();
  for (int64_t ran_ms = 0; ran_ms < kReachMaxMs && next_ < plan_.size(); ran_ms += 50) {
    c_.RunFor(50);
    Mend();
  }
  ASSERT_EQ(next_, plan_.size()) << "an interruption was never reached";
  for (int64_t ran_ms = 0; ran_ms < kAftermathMs; ran_ms += 100) {
    c_.RunFor(100);
    Mend();
  }
  CheckEnd();
  if (expected != nullptr && !testing::Test::HasFailure()) {
    SceneEnd end = End();
    EXPECT_EQ(end.tree, expected->tree) << c_.Describe();
    EXPECT_EQ(end.conflicts, expected->conflicts) << c_.Describe();
  }
  if (!testing::Test::HasFailure()) LifeGoesOn();
}

void EveryCallRun::LifeGoesOn() {
  for (const char* name : {"A", "B"}) {
    c_.Write(name, "J/Jones7/later.jpg", std::string("later, by ") + name);
    EXPECT_TRUE(c_.Settle());
  }
  EXPECT_EQ(c_.Read("A", "J/Jones7/later.jpg"), "later, by B") << c_.Describe();
}

void EveryCallRun::Begin() {
  scene_.prepare(c_);
  if (testing::Test::HasFailure()) return;
  for (auto& [name, node] : c_.nodes()) Watch(*node);
  counting_ = true;
  scene_.act(c_);
}

void EveryCallRun::CheckEnd() {
  counting_ = false;
  if (scene_.redo) scene_.redo(c_);
  ExpectConverged(c_);
  for (auto& [name, node] : c_.nodes()) {
    EXPECT_EQ(node->index_losses(), 0) << name;
    CheckCounter(*node);
  }
  // What a person asked for in the scene may rightly come after the user's change.
  if (!scene_.redo && c_.written().contains(kUsersContent)) CheckUserWasSeen();
}

// Nobody changed anything after the user did: to stand among the replaced versions is not enough.
void EveryCallRun::CheckUserWasSeen() {
  SimNode& node = c_.node(victim_);
  bool seen = false;
  for (const auto& [path, entry] : node.files().UserTree()) {
    seen = seen || entry.content == kUsersContent;
  }
  ContentHash hash = HashOf(SimClusterSecret(), AsBytes(kUsersContent));
  for (const ConflictRecord& record : node.index().Conflicts()) {
    seen = seen || (record.state == ConflictState::kOpen && record.loser.hash == hash);
  }
  EXPECT_TRUE(seen) << "what the user wrote is neither live nor in a conflict\n" << c_.Describe();
}

// A number that was given to a version is never given again.
void EveryCallRun::CheckCounter(SimNode& node) {
  MemIndex& index = node.index();
  auto number = [&](const char* key) {
    return std::strtoull(index.Meta(key).value_or("0").c_str(), nullptr, 10);
  };
  for (const IndexRow& row : index.RowsAfter(0, 1'000)) {
    EXPECT_LE(row.version.vector.CounterOf(number(meta::kAuthor)), number(meta::kCounter))
        << node.name() << ": " << row.path.str();
  }
}

SceneEnd EveryCallRun::End() {
  SceneEnd end;
  end.tree = c_.node("B").files().UserTree();
  for (const ConflictRecord& record : c_.node("B").index().Conflicts()) {
    // Two names that differ in case and stood there together for a moment.
    if (record.state != ConflictState::kGone) ++end.conflicts;
  }
  return end;
}

void EveryCallRun::Watch(SimNode& node) {
  bool is_victim = node.name() == victim_;
  node.files().SetHook(
      [this, &node, is_victim](FsCall call, const RelPath& path, const RelPath& other) {
        if (IsMutating(call)) CheckInstant(node);
        std::vector<std::string>& touched = touched_[node.name()];
        for (const RelPath& each : {path, other}) {
          if (IsMutating(call) && OfTheUser(each)) touched.push_back(each.str());
        }
        if (!is_victim || !counting_) return;
        std::string text = std::string(FsCallName(call)) + " " + Printable(path);
        if (!other.is_root()) text += " -> " + Printable(other);
        OnPoint(At::kCall, call, text).IgnoreError();
      });
  if (!is_victim) return;
  node.index().SetCommitHook([this](MemIndex::CommitStage stage, const IndexBatch&) {
    if (!counting_) return Status::Ok();
    bool before = stage == MemIndex::CommitStage::kBefore;
    return OnPoint(before ? At::kBeforeCommit : At::kAfterCommit, FsCall::kStat,
                   before ? "before commit" : "after commit");
  });
}

void EveryCallRun::CheckInstant(SimNode& node) {
  std::vector<std::string> touched = std::exchange(touched_[node.name()], {});
  if (!node.files().powered() || testing::Test::HasFailure()) return;
  for (const std::string& path : scene_.standing) {
    bool there = users_acted_ || node.files().Exists(path);
    EXPECT_TRUE(there) << node.name() << ": " << path << " is missing for a moment";
    touched.push_back(path);
  }
  for (const std::string& path : touched) {
    std::optional<std::string> content = node.files().ReadFile(path);
    if (!content) continue;
    EXPECT_TRUE(c_.written().contains(*content))
        << node.name() << ": " << path << " holds what nobody wrote: '" << content->substr(0, 40)
        << "', " << content->size() << " bytes";
  }
}

Status EveryCallRun::OnPoint(At where, FsCall call, const std::string& text) {
  ++count_;
  points_.push_back(text);
  if (next_ >= plan_.size() || count_ != plan_[next_].at) return Status::Ok();
  const Interruption& now = plan_[next_++];
  count_ = 0;
  points_.clear();
  return Interrupt(now, where, call);
}

Status EveryCallRun::Interrupt(const Interruption& now, At where, FsCall call) {
  SimNode& node = c_.node(victim_);
  switch (now.kind) {
    case Interruption::Kind::kFail:
      if (where == At::kCall) {
        node.files().FailCall(call, 1, now.os_errno);
        return Status::Ok();
      }
      commit_failed_ = true;
      return {Errc::kIo, "the index's disk failed"};
    case Interruption::Kind::kUser: ActAsUser(now.act); return Status::Ok();
    case Interruption::Kind::kKill:
    case Interruption::Kind::kPower: break;
  }
  // The job under way can do nothing more; the process is gone as soon as it is off the stack.
  counting_ = false;
  node.files().PowerOff();
  c_.scheduler().After(0, "every call: death", [this, now] { Die(now); });
  if (where == At::kBeforeCommit) return {Errc::kCancelled, "it never came to that"};
  return Status::Ok();
}

void EveryCallRun::Die(const Interruption& now) {
  SimNode& node = c_.node(victim_);
  bool power = now.kind == Interruption::Kind::kPower;
  if (power) c_.network().Kill(victim_, SimNetwork::Death::kPower);  // silence, no resets
  node.KillProcess();
  if (!power) {
    node.files().PowerOn();
  } else if (now.draw == Interruption::kNothingKept) {
    node.files().CrashKeepingNothing();
  } else {
    if (now.draw == Interruption::kAllKept) node.files().SyncAll();
    SimRandom lot = SimRandom(now.draw).Fork("every call/" + std::to_string(now.at));
    node.files().Crash(lot);
  }
  CheckInstant(node);
  c_.scheduler().After(kRestartMs * kMs, "every call: restart", [this, &node] {
    counting_ = true;
    if (!node.running()) node.Start();
  });
}

void EveryCallRun::ActAsUser(UserAct act) {
  users_acted_ = true;
  SimFileSystem& files = c_.node(victim_).files();
  const std::string& path = scene_.target;
  const std::string mine = kUsersContent;
  if (act == UserAct::kMakeDir) {
    if (files.Exists(path)) c_.Delete(victim_, path);
    c_.Write(victim_, path + "/inside.jpg", mine);
    return;
  }
  if (!files.ReadFile(path)) {
    if (files.Exists(path)) c_.Delete(victim_, path);  // a directory
    act == UserAct::kReplace ? c_.Replace(victim_, path, mine) : c_.Write(victim_, path, mine);
    return;
  }
  switch (act) {
    case UserAct::kEdit: c_.Write(victim_, path, mine); return;
    case UserAct::kReplace: c_.Replace(victim_, path, mine); return;
    case UserAct::kDelete: c_.Delete(victim_, path); return;
    case UserAct::kRename: c_.Rename(victim_, path, path + ".renamed"); return;
    case UserAct::kDeleteAndMake:
      c_.Delete(victim_, path);
      c_.Write(victim_, path, mine);
      return;
    case UserAct::kTouch: c_.Touch(victim_, path, 1'000'000'000 * kSecond); return;
    case UserAct::kMakeDir: return;
  }
}

void EveryCallRun::Mend() {
  SimNode& node = c_.node(victim_);
  if (!node.running()) return;  // it comes back by itself
  bool stopped = !node.replica().Report().last_error.empty();
  if (!commit_failed_ && !stopped) return;
  commit_failed_ = false;
  node.KillProcess();
  node.Start();
}

}  // namespace atozsync
