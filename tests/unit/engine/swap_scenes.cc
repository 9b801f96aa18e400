#include "tests/unit/engine/swap_scenes.h"

#include "sync/engine/hasher.h"

namespace atozsync {

namespace {

constexpr int64_t kNewTime = 1'000'000'000 * kSecond;

void Stage(SwapScene& scene) {
  scene.order.op = SwapOp::kPlace;
  scene.order.staged = layout::Staged(1, ContentHash{5, 5});
  std::string staged = scene.order.staged.str();
  EXPECT_TRUE(scene.folder.files.WriteFile(staged, kNewContent).ok());
  EXPECT_TRUE(scene.folder.files.SetUserMtime(staged, kNewTime).ok());
}

void PutOldFile(SwapScene& scene) {
  scene.folder.User(kPath, kOldContent);
  scene.has_old = true;
  scene.order.expected_kind = VersionKind::kFile;
  scene.order.expected = scene.folder.Stamp(kPath);
}

void PutOldDir(SwapScene& scene) {
  EXPECT_TRUE(scene.folder.files.MakeDirs(kPath).ok());
  scene.order.expected_kind = VersionKind::kDir;
}

// As Applier::OnSynced() makes it.
void MakeIntent(SwapScene& scene, VersionKind target) {
  Intent& intent = scene.intent;
  intent.id = 1;
  intent.path = scene.order.path;
  intent.staged = scene.order.staged;
  if (!intent.staged.is_root()) {
    intent.staged_stamp = scene.folder.Stamp(intent.staged.str());
    intent.row.version.hash = HashOf(SceneSecret(), AsBytes(kNewContent));
  }
  intent.old_stamp = scene.order.expected;
  intent.kept_at = scene.order.kept_at;
  intent.row.path = intent.path;
  intent.row.version.kind = target;
  intent.row.version.mtime_ns = scene.order.mtime_ns;
}

}  // namespace

bool SwapScene::StagingHoldsOnlyOurs() const {
  for (const auto& [path, node] : folder.files.ListKept(layout::Staging().str())) {
    if (node.content != kNewContent) return false;
  }
  return true;
}

const std::vector<SceneKind>& AllScenes() {
  static const std::vector<SceneKind> all = {
      SceneKind::kPlaceNew,     SceneKind::kPlaceOverFile, SceneKind::kPlaceOverFileOnWindows,
      SceneKind::kPlaceOverDir, SceneKind::kDirNew,        SceneKind::kDirOverFile,
      SceneKind::kRemoveFile,   SceneKind::kRemoveDir,     SceneKind::kTouch};
  return all;
}

const char* SceneName(SceneKind kind) {
  switch (kind) {
    case SceneKind::kPlaceNew: return "place over nothing";
    case SceneKind::kPlaceOverFile: return "place over a file";
    case SceneKind::kPlaceOverFileOnWindows: return "place over a file on Windows";
    case SceneKind::kPlaceOverDir: return "place over a directory";
    case SceneKind::kDirNew: return "directory over nothing";
    case SceneKind::kDirOverFile: return "directory over a file";
    case SceneKind::kRemoveFile: return "remove a file";
    case SceneKind::kRemoveDir: return "remove a directory";
    case SceneKind::kTouch: return "set the time";
  }
  return "unknown";
}

std::unique_ptr<SwapScene> MakeScene(SceneKind kind) {
  SimFileSystemOptions options;
  options.windows = kind == SceneKind::kPlaceOverFileOnWindows;
  auto scene = std::make_unique<SwapScene>(options);
  SwapOrder& order = scene->order;
  order.path = P(kPath);
  order.kept_at = layout::KeptVersion(P(kPath), 1'000, ContentHash{6, 6}, 1);
  order.mtime_ns = kNewTime;
  VersionKind target = VersionKind::kFile;
  switch (kind) {
    case SceneKind::kPlaceNew: Stage(*scene); break;
    case SceneKind::kPlaceOverFile:
    case SceneKind::kPlaceOverFileOnWindows:
      PutOldFile(*scene);
      Stage(*scene);
      break;
    case SceneKind::kPlaceOverDir:
      PutOldDir(*scene);
      Stage(*scene);
      break;
    case SceneKind::kDirOverFile: PutOldFile(*scene); [[fallthrough]];
    case SceneKind::kDirNew:
      order.op = SwapOp::kDir;
      target = VersionKind::kDir;
      break;
    case SceneKind::kRemoveFile:
    case SceneKind::kRemoveDir:
      if (kind == SceneKind::kRemoveFile) PutOldFile(*scene);
      if (kind == SceneKind::kRemoveDir) PutOldDir(*scene);
      order.op = SwapOp::kRemove;
      target = VersionKind::kTombstone;
      break;
    case SceneKind::kTouch:
      PutOldFile(*scene);
      order.op = SwapOp::kTouch;
      break;
  }
  // The planner keeps nothing where nothing stood, and nothing of a file whose time is set.
  if (order.expected_kind == VersionKind::kTombstone || order.op == SwapOp::kTouch) {
    order.kept_at = RelPath();
  }
  scene->folder.Tick();
  scene->folder.files.SyncAll();
  MakeIntent(*scene, target);
  return scene;
}

std::string WantedAfter(SceneKind kind) {
  switch (kind) {
    case SceneKind::kPlaceNew:
    case SceneKind::kPlaceOverFile:
    case SceneKind::kPlaceOverFileOnWindows:
    case SceneKind::kPlaceOverDir: return kNewContent;
    case SceneKind::kDirNew:
    case SceneKind::kDirOverFile: return "<dir>";
    case SceneKind::kRemoveFile:
    case SceneKind::kRemoveDir: return "<none>";
    case SceneKind::kTouch: return kOldContent;
  }
  return "";
}

std::string Shown(const SwapScene& scene) {
  Tree tree = scene.folder.files.UserTree();
  auto at = tree.find(kPath);
  if (at == tree.end()) return "<none>";
  return at->second.kind == NodeKind::kDir ? "<dir>" : at->second.content;
}

}  // namespace atozsync
