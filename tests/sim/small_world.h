// SmallHistory: one history of a few users' steps on a few replicas with three names that are in
// each other's way – a directory, a file in it, a file beside it – run through real engines, and
// the loops that go through all histories of a length.
//
// The replicas do not see each other but in a step "X and Y meet". Single-threaded.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tests/sim/sim_cluster.h"

namespace atozsync {

enum class SmallStepKind : uint8_t {
  kWrite,
  kWriteShared,
  kDelete,
  kTouch,
  kMakeDir,
  kRename,
  kMeet
};

struct SmallStep {
  SmallStepKind kind = SmallStepKind::kWrite;
  std::string who;
  std::string path;  // kMeet: the other replica
  std::string to;    // kRename
};
std::string Describe(const SmallStep& step);

struct SmallWorldKind {
  size_t replicas = 2;
  size_t steps = 3;
  bool base = false;   // all have the directory with its file, and the file beside it
  bool hasty = false;  // the engines see only what stands there when replicas meet
};

// Everything that one user or one pair can do, in the order in which histories are counted.
std::vector<SmallStep> AllSmallSteps(size_t replicas);

class SmallHistory {
 public:
  SmallHistory(const SmallWorldKind& kind, std::vector<SmallStep> steps);
  // Runs and checks it. The number of the first step that nobody can make there (it was not run),
  // nothing when all were made.
  std::optional<size_t> Run();

 private:
  // What somebody did since these two met (or since the beginning).
  struct Epoch {
    Tree before;
    std::map<std::string, std::map<std::string, int>> touched;  // replica → path → how often
    std::map<std::string, std::map<std::string, std::set<std::string>>> had;  // … → contents
    bool shared = false;
  };

  bool Make(const SmallStep& step, size_t number);
  bool MakesSense(const SmallStep& step);
  void MeetAll();
  void Meet(const std::string& a, const std::string& b);
  bool Unrelated() const;
  void CheckMeeting(const std::map<std::string, Tree>& before, const std::set<ContentHash>& known);
  void CheckPath(const std::string& path, const Tree& a, const Tree& b, bool conflict);

  const SmallWorldKind kind_;
  const std::vector<SmallStep> steps_;
  SimCluster c_;
  Epoch epoch_;
};

struct SmallWorldCount {
  uint64_t histories = 0;
  uint64_t with_conflicts = 0;
};
// All histories of that kind, each `stride`-th of them; the first failure ends it and is printed.
SmallWorldCount RunAllHistories(const SmallWorldKind& kind, uint64_t stride);

}  // namespace atozsync
