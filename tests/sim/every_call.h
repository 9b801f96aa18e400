// EveryCall: one scene – one change on its way from A to B – with one thing that goes wrong at one
// exact point: before the n-th file system call of a machine's agent, or before or after its n-th
// index commit. Afterwards everything is mended as a person would, and all checks must hold.
//
// A first run without trouble counts the points ("survey"); a world from the same seed is the same
// up to the point, so that every point can be visited. Two interruptions in a row are counted
// anew: the second one falls into the recovery from the first. Single-threaded, one run at a time.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tests/sim/sim_cluster.h"

namespace atozsync {

// What one user does to a file in the instant before a point. Where the file is not there, all but
// kMakeDir write it.
enum class UserAct : uint8_t {
  kEdit,
  kReplace,
  kDelete,
  kRename,
  kDeleteAndMake,
  kTouch,
  kMakeDir
};
inline constexpr int kUserActCount = 7;
const char* UserActName(UserAct act);

struct Interruption {
  enum class Kind : uint8_t {
    kFail,   // the call fails with os_errno; a commit fails (before: without effect)
    kKill,   // the process ends, its bytes stay
    kPower,  // the machine loses its power; `draw` says what was on the disk
    kUser,
  };
  // Draws of a power loss: what was not synced is gone, is all there, or (from 2 on) by lot.
  static constexpr uint64_t kNothingKept = 0;
  static constexpr uint64_t kAllKept = 1;

  Kind kind = Kind::kFail;
  uint64_t at = 0;  // number of the point, from 1
  int os_errno = 0;
  uint64_t draw = 0;
  UserAct act = UserAct::kEdit;
};
std::string Describe(const Interruption& what);

struct EveryCallScene {
  std::string name;
  // Brings the cluster of A and B to the state before the change.
  std::function<void(SimCluster&)> prepare;
  std::function<void(SimCluster&)> act;
  // What a person does again who was told that it failed, or was told nothing. May be empty.
  std::function<void(SimCluster&)> redo;
  // Files that stand on both from the beginning: never missing, always whole.
  std::vector<std::string> standing;
  std::string target;  // the file that users disturb
  SimCluster::Adjust adjust;
};
const std::vector<EveryCallScene>& EveryCallScenes();
const EveryCallScene& FirstSyncOfTenFiles();

// How a scene ends; the same whatever happened on the way, as long as no user had a hand in it.
struct SceneEnd {
  Tree tree;
  size_t conflicts = 0;
  bool operator==(const SceneEnd&) const = default;
};

struct Survey {
  std::vector<std::string> points;  // "rename S/a -> S/b", "before commit"; [n - 1] is point n
  SceneEnd end;
  bool IsCall(uint64_t n) const;
};

class EveryCallRun {
 public:
  // `victim`: "A" makes the change, "B" receives it.
  EveryCallRun(const EveryCallScene& scene, std::string victim, std::vector<Interruption> plan);
  ~EveryCallRun();

  // The points that come after the last interruption of the plan, and how it ends.
  Survey Look();
  // All of the plan happens, everything is mended, everything is checked; `expected`: how it has
  // to end, nullptr where users had a hand in it.
  void Check(const SceneEnd* expected);

 private:
  static constexpr uint64_t kSeed = 11;
  static constexpr int64_t kReachMaxMs = 40'000;  // late looks are over
  static constexpr int64_t kRestartMs = 200;
  static constexpr int64_t kAftermathMs = 2'000;

  enum class At : uint8_t { kCall, kBeforeCommit, kAfterCommit };

  void Begin();
  void Mend();
  void CheckEnd();
  void CheckCounter(SimNode& node);
  void CheckUserWasSeen();
  // Both can still make changes, and get them.
  void LifeGoesOn();
  SceneEnd End();
  void Watch(SimNode& node);
  // Between two calls, which is when another program can look.
  void CheckInstant(SimNode& node);
  // The answer is that of a commit.
  Status OnPoint(At where, FsCall call, const std::string& text);
  Status Interrupt(const Interruption& now, At where, FsCall call);
  void Die(const Interruption& now);
  void ActAsUser(UserAct act);

  const EveryCallScene& scene_;
  const std::string victim_;
  const std::vector<Interruption> plan_;
  SimCluster c_;
  size_t next_ = 0;  // of the plan
  bool counting_ = false;
  uint64_t count_ = 0;
  std::vector<std::string> points_;  // since the last interruption
  bool commit_failed_ = false;
  bool users_acted_ = false;
  std::map<std::string, std::vector<std::string>> touched_;  // by the last call, per node
};

}  // namespace atozsync
