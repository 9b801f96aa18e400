// What each change does when nobody interferes, and that it does nothing when the path does not
// look as expected.
#include "sync/engine/swap.h"

#include <gtest/gtest.h>

#include "tests/unit/engine/swap_scenes.h"

namespace atozsync {
namespace {

TEST(Swap, DoesWhatItIsAskedFor) {
  for (SceneKind kind : AllScenes()) {
    SCOPED_TRACE(SceneName(kind));
    auto scene = MakeScene(kind);
    SwapResult result = scene->Run();
    ASSERT_TRUE(result.status.ok()) << result.status.ToString();
    EXPECT_EQ(Shown(*scene), WantedAfter(kind));
    bool keeps = scene->has_old && kind != SceneKind::kTouch;
    EXPECT_EQ(result.kept_something, keeps);
    if (keeps) {
      EXPECT_EQ(scene->AtKept(), kOldContent);
      EXPECT_EQ(FileStamp::Of(result.kept).inode, scene->order.expected.inode);
    }
    EXPECT_TRUE(scene->folder.files.ListKept(layout::Staging().str()).empty());
    EXPECT_TRUE(result.late.is_root());
    EXPECT_FALSE(result.unsettled);
  }
}

TEST(Swap, ThePlacedFileIsTheStagedOneWithItsTime) {
  auto scene = MakeScene(SceneKind::kPlaceOverFile);
  FileStat staged = scene->folder.Stat(scene->order.staged.str());
  SwapResult result = scene->Run();
  FileStat there = scene->folder.Stat(kPath);
  EXPECT_EQ(there.inode, staged.inode);
  EXPECT_EQ(there.mtime_ns, staged.mtime_ns);
  EXPECT_EQ(result.after, there);
}

TEST(Swap, OnlyTheTimeChangesAndTheStampProvesNothing) {
  auto scene = MakeScene(SceneKind::kTouch);
  SwapResult result = scene->Run();
  EXPECT_EQ(scene->folder.Stat(kPath).mtime_ns, scene->order.mtime_ns);
  EXPECT_FALSE(FileStamp::Of(result.after).trusted());
}

TEST(Swap, MissingParentsAreMade) {
  auto scene = MakeScene(SceneKind::kPlaceNew);
  scene->order.path = P("B/new/deep/x.jpg");
  ASSERT_TRUE(scene->Run().status.ok());
  EXPECT_EQ(scene->folder.Read("B/new/deep/x.jpg"), kNewContent);
  scene = MakeScene(SceneKind::kDirNew);
  scene->order.path = P("B/new/dir");
  ASSERT_TRUE(scene->Run().status.ok());
  EXPECT_TRUE(scene->folder.files.Exists("B/new/dir"));
}

TEST(Swap, AFileWhereADirectoryBelongsIsLeftAlone) {
  auto scene = MakeScene(SceneKind::kPlaceNew);
  scene->order.path = P("A/keep.jpg/x.jpg");
  EXPECT_TRUE(scene->Run().status.Is(Errc::kChangedUnderneath));
  EXPECT_EQ(scene->folder.Read("A/keep.jpg"), "keep");
  EXPECT_TRUE(scene->folder.files.Exists(scene->order.staged.str()));
}

TEST(Swap, ADirectoryWithOnlyIgnoredThingsIsSetAsideWhole) {
  for (SceneKind kind : {SceneKind::kRemoveDir, SceneKind::kPlaceOverDir}) {
    auto scene = MakeScene(kind);
    scene->folder.User("A/x.jpg/Thumbs.db", "cache");
    ASSERT_TRUE(scene->Run().status.ok());
    EXPECT_EQ(Shown(*scene), WantedAfter(kind));
    EXPECT_EQ(scene->At(scene->order.kept_at.Child("Thumbs.db")), "cache");
  }
}

TEST(Swap, ADirectoryThatStillHoldsSomethingStays) {
  for (SceneKind kind : {SceneKind::kRemoveDir, SceneKind::kPlaceOverDir}) {
    auto scene = MakeScene(kind);
    scene->folder.User("A/x.jpg/Thumbs.db", "cache");
    scene->folder.User("A/x.jpg/new scan.jpg", "scan");
    EXPECT_TRUE(scene->Run().status.Is(Errc::kBusy));
    EXPECT_EQ(scene->folder.Read("A/x.jpg/new scan.jpg"), "scan");
    EXPECT_EQ(scene->folder.Read("A/x.jpg/Thumbs.db"), "cache");
    EXPECT_TRUE(scene->StagingHoldsOnlyOurs());
  }
}

TEST(Swap, WhatIsAlreadySoIsDone) {
  auto scene = MakeScene(SceneKind::kRemoveDir);
  ASSERT_TRUE(scene->folder.files.Remove(kPath).ok());
  EXPECT_TRUE(scene->Run().status.ok());
  scene = MakeScene(SceneKind::kDirNew);
  ASSERT_TRUE(scene->folder.files.MakeDirs(kPath).ok());
  EXPECT_TRUE(scene->Run().status.ok());
}

// Everything but what was expected.
struct Surprise {
  const char* name;
  std::function<void(TestFolder&)> make;
};

const std::vector<Surprise>& Surprises() {
  static const std::vector<Surprise> all = {
      {"longer", [](TestFolder& f) { f.User(kPath, "something longer than it was"); }},
      {"as long", [](TestFolder& f) { f.User(kPath, "OLD CONTENT"); }},
      {"another file",
       [](TestFolder& f) {
         f.Tick();
         EXPECT_TRUE(f.files.ReplaceFile(kPath, "OLD CONTENT").ok());
       }},
      {"another file with the old time",
       [](TestFolder& f) {
         int64_t mtime_ns = f.Stat(kPath).mtime_ns;
         f.Tick();
         EXPECT_TRUE(f.files.ReplaceFile(kPath, "OLD CONTENT").ok());
         EXPECT_TRUE(f.files.SetUserMtime(kPath, mtime_ns).ok());
       }},
      {"the old time restored",
       [](TestFolder& f) {
         int64_t mtime_ns = f.Stat(kPath).mtime_ns;
         f.User(kPath, "OLD CONTENT");
         EXPECT_TRUE(f.files.SetUserMtime(kPath, mtime_ns).ok());
       }},
      {"another time", [](TestFolder& f) { EXPECT_TRUE(f.files.SetUserMtime(kPath, 5).ok()); }},
      {"gone", [](TestFolder& f) { EXPECT_TRUE(f.files.Remove(kPath).ok()); }},
      {"a directory",
       [](TestFolder& f) {
         EXPECT_TRUE(f.files.Remove(kPath).ok());
         EXPECT_TRUE(f.files.MakeDirs(kPath).ok());
       }},
      {"a link", [](TestFolder& f) {
         EXPECT_TRUE(f.files.Remove(kPath).ok());
         EXPECT_TRUE(f.files.MakeOther(kPath).ok());
       }}};
  return all;
}

TEST(Swap, AFileThatIsNotAsExpectedIsLeftAlone) {
  for (SceneKind kind : {SceneKind::kPlaceOverFile, SceneKind::kDirOverFile, SceneKind::kRemoveFile,
                         SceneKind::kTouch}) {
    for (const Surprise& surprise : Surprises()) {
      SCOPED_TRACE(std::string(SceneName(kind)) + ", " + surprise.name);
      auto scene = MakeScene(kind);
      surprise.make(scene->folder);
      Tree before = scene->folder.files.UserTree();
      Tree kept_before = scene->folder.files.ListKept();
      SwapResult result = scene->Run();
      EXPECT_TRUE(result.status.Is(Errc::kChangedUnderneath)) << result.status.ToString();
      EXPECT_EQ(scene->folder.files.UserTree(), before);
      EXPECT_EQ(scene->folder.files.ListKept(), kept_before);
      EXPECT_FALSE(result.kept_something);
    }
  }
}

TEST(Swap, SomethingWhereNothingWasExpectedIsLeftAlone) {
  for (SceneKind kind : {SceneKind::kPlaceNew, SceneKind::kDirNew}) {
    auto scene = MakeScene(kind);
    scene->folder.User(kPath, "a user's new file");
    SwapResult result = scene->Run();
    EXPECT_TRUE(result.status.Is(Errc::kChangedUnderneath)) << SceneName(kind);
    EXPECT_EQ(scene->AtPath(), "a user's new file");
  }
  auto scene = MakeScene(SceneKind::kPlaceNew);
  ASSERT_TRUE(scene->folder.files.MakeDirs(kPath).ok());
  EXPECT_TRUE(scene->Run().status.Is(Errc::kChangedUnderneath));
}

TEST(Swap, WithoutStagedContentNothingHappens) {
  for (SceneKind kind :
       {SceneKind::kPlaceNew, SceneKind::kPlaceOverFile, SceneKind::kPlaceOverDir}) {
    auto scene = MakeScene(kind);
    ASSERT_TRUE(scene->folder.files.Remove(scene->order.staged.str()).ok());
    Tree before = scene->folder.files.UserTree();
    EXPECT_TRUE(scene->Run().status.Is(Errc::kNotFound)) << SceneName(kind);
    EXPECT_EQ(scene->folder.files.UserTree(), before) << SceneName(kind);
  }
}

TEST(MakeDirs, MakesWhatIsMissingAndAcceptsWhatIsThere) {
  TestFolder folder;
  EXPECT_TRUE(MakeDirs(folder.files, RelPath()).ok());
  EXPECT_TRUE(MakeDirs(folder.files, P("A")).ok());
  EXPECT_TRUE(MakeDirs(folder.files, P("A/b/c/d")).ok());
  EXPECT_TRUE(folder.files.Exists("A/b/c/d"));
  EXPECT_TRUE(MakeDirs(folder.files, P("A/keep.jpg")).Is(Errc::kChangedUnderneath));
  EXPECT_TRUE(MakeDirs(folder.files, P("A/keep.jpg/x")).Is(Errc::kChangedUnderneath));
}

}  // namespace
}  // namespace atozsync
