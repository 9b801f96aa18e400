// SmallWorld: three replicas, one path, and nothing but sync/model – every order of local steps and
// of exchanges, each state visited once, no randomness.
//
// An exchange "i hears j" shows j's row as it is now to i. A world is quiet when no steps are left
// and no exchange changes anything. In every quiet world the checks below must hold; a circle of
// exchanges that never becomes quiet is a failure too. Single-threaded; one Explore() at a time.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <unordered_set>
#include <vector>

#include "sync/model/reconcile.h"

namespace atozsync {

inline constexpr size_t kReplicas = 3;

// Contents are numbers below 32, so that sets of them are bits: 8 per replica, one that everybody
// may write, one that stood there at the beginning.
inline constexpr uint32_t kSharedContent = 30;
inline constexpr uint32_t kBaseContent = 31;

enum class Step : uint8_t { kWrite, kWriteShared, kDelete, kMakeDir, kTouch };

struct World {
  struct Replica {
    FileVersion row;
    bool has_row = false;
    uint64_t counter = 0;
    uint64_t clock = 0;  // last hybrid logical time
    uint32_t steps_left = 0;
    uint32_t heard = 0;  // bit j: has processed j's row as it is now (gossip only)
    bool operator==(const Replica&) const = default;
  };
  std::array<Replica, kReplicas> replicas;
  uint32_t written = 0;    // contents that a person wrote
  uint32_t replaced = 0;   // … that a person replaced or deleted, having them before their eyes
  uint32_t overtaken = 0;  // … whose change was known where somebody changed the path later
  uint32_t lost = 0;       // … that a conflict record names as the loser
  bool disputed = false;   // a conflict was logged, be it over a deletion
  // After a step that was made where all agreed: what it made; the world must end with that.
  bool decided = false;
  VersionKind decided_kind = VersionKind::kTombstone;
  uint32_t decided_content = 0;
  bool disputed_when_decided = false;
};

struct WorldOptions {
  std::array<uint32_t, kReplicas> steps = {1, 1, 1};
  std::array<uint64_t, kReplicas> clocks = {10, 10, 10};  // clocks may be far apart
  std::vector<Step> step_kinds = {Step::kWrite, Step::kDelete};
  bool base = false;           // a file that all have, to begin with
  bool offline_first = false;  // exchanges begin when all steps are made
  bool gossip = false;         // deletions are acknowledged and forgotten
  size_t states_max = 2'000'000;
};

struct WorldReport {
  size_t states = 0;
  size_t quiet = 0;                   // quiet worlds reached
  size_t with_conflicts = 0;          // … in which a conflict was logged
  size_t forgotten = 0;               // deletions forgotten on the way
  std::vector<std::string> failures;  // each with the steps that led there; at most a few
};

class SmallWorld {
 public:
  explicit SmallWorld(WorldOptions options);
  WorldReport Explore();

 private:
  static constexpr size_t kFailuresMax = 3;

  void Visit(const World& world);
  static bool Possible(const World::Replica& replica, Step step);
  void MakeStep(World& world, size_t at, Step step);
  // False when it would change nothing.
  bool Exchange(World& world, size_t listener, size_t speaker);
  bool CanForget(const World& world, size_t at) const;
  void SetRow(World& world, size_t at, FileVersion row);
  void CheckQuiet(const World& world);
  void Fail(const World& world, const std::string& what);
  void Go(const World& next, std::string action);

  const WorldOptions options_;
  WorldReport report_;
  std::unordered_set<std::string> done_;
  std::unordered_set<std::string> on_the_way_;
  std::vector<std::string> trail_;
};

}  // namespace atozsync
