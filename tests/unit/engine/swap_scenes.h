// SwapScene: one folder with one change about to be made in it, in every shape that the engine
// makes one. The tests run the same scenes with a user, a fault or a power loss at each call.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sync/engine/swap.h"
#include "tests/unit/engine/test_folder.h"

namespace atozsync {

inline constexpr char kPath[] = "A/x.jpg";
inline constexpr char kOldContent[] = "old content";
inline constexpr char kNewContent[] = "new content";  // as long as the old one

inline Bytes SceneSecret() {
  return Bytes(192, 7);
}

struct SwapScene {
  explicit SwapScene(SimFileSystemOptions options = {}) : folder(options) {}

  TestFolder folder;
  SwapOrder order;
  Intent intent;         // as the applier commits it before the swap
  bool has_old = false;  // a file stands there before
  IgnoreRules ignore;

  FileSystem& files() { return folder.files; }
  SwapResult Run() { return Swap(folder.files, ignore, order); }
  Result<Recovered> Recover() { return RecoverSwap(folder.files, SceneSecret(), intent); }
  std::string At(const RelPath& path) const { return folder.Read(path.str()); }
  std::string AtPath() const { return folder.Read(kPath); }
  std::string AtKept() const { return folder.Read(order.kept_at.str()); }
  // What lies in the staging folder is removed by the engine sooner or later: it must be ours.
  bool StagingHoldsOnlyOurs() const;
};

enum class SceneKind {
  kPlaceNew,
  kPlaceOverFile,
  kPlaceOverFileOnWindows,  // where exchanging takes three renames
  kPlaceOverDir,
  kDirNew,
  kDirOverFile,
  kRemoveFile,
  kRemoveDir,
  kTouch
};
const std::vector<SceneKind>& AllScenes();
const char* SceneName(SceneKind kind);
std::unique_ptr<SwapScene> MakeScene(SceneKind kind);

// What the folder shows once the change is made: the content at the path, "<none>" or "<dir>".
std::string WantedAfter(SceneKind kind);
std::string Shown(const SwapScene& scene);

}  // namespace atozsync
