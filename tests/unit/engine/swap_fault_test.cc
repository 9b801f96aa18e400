// A disk that fails once, at each call of each change, and twice, at each pair of calls.
#include <gtest/gtest.h>

#include <cerrno>

#include "tests/unit/engine/swap_scenes.h"

namespace atozsync {
namespace {

// Runs the scene with the calls of these numbers failing. A call that fails has no effect.
SwapResult RunFailing(SwapScene& scene, const std::vector<int>& failing, int os_errno, int* calls) {
  *calls = 0;
  scene.folder.files.SetHook([&, calls](FsCall call, const RelPath&, const RelPath&) {
    ++*calls;
    for (int nth : failing) {
      if (*calls == nth) scene.folder.files.FailCall(call, 1, os_errno);
    }
  });
  SwapResult result = scene.Run();
  scene.folder.files.SetHook(nullptr);
  return result;
}

// Whatever happened: the old content is somewhere, and nobody will remove it.
void CheckSafe(SwapScene& scene, const SwapResult& result) {
  if (scene.has_old) {
    EXPECT_EQ(scene.folder.Contents().count(kOldContent), 1u);
  }
  if (!result.unsettled) {
    EXPECT_TRUE(scene.StagingHoldsOnlyOurs()) << "what is in staging is removed after a failure";
  }
}

TEST(SwapFault, OneFailureAnywhereLeavesTheFolderAsItWas) {
  for (SceneKind kind : AllScenes()) {
    auto counted = MakeScene(kind);
    int calls = 0;
    RunFailing(*counted, {}, EIO, &calls);
    for (int os_errno : {EIO, ENOSPC, EBUSY, EACCES}) {
      for (int nth = 1; nth <= calls; ++nth) {
        SCOPED_TRACE(std::string(SceneName(kind)) + ", call " + std::to_string(nth) +
                     " fails with " + std::to_string(os_errno));
        auto scene = MakeScene(kind);
        std::string before = Shown(*scene);
        int unused = 0;
        SwapResult result = RunFailing(*scene, {nth}, os_errno, &unused);
        CheckSafe(*scene, result);
        EXPECT_FALSE(result.unsettled);
        if (result.status.ok()) {
          EXPECT_EQ(Shown(*scene), WantedAfter(kind));
          if (result.kept_something) {
            EXPECT_EQ(scene->AtKept(), kOldContent);
          }
        } else {
          EXPECT_EQ(Shown(*scene), before);
          EXPECT_TRUE(result.late.is_root());
          // The scanner looks, then a second try goes well.
          if (scene->has_old) scene->order.expected = scene->folder.Stamp(kPath);
          EXPECT_TRUE(scene->Run().status.ok());
          EXPECT_EQ(Shown(*scene), WantedAfter(kind));
        }
        if (HasFailure()) return;
      }
    }
  }
}

TEST(SwapFault, TwoFailuresLoseNothing) {
  int unsettled = 0;
  for (SceneKind kind : AllScenes()) {
    constexpr int kCallsMax = 16;
    for (int a = 1; a <= kCallsMax; ++a) {
      for (int b = a + 1; b <= kCallsMax; ++b) {
        SCOPED_TRACE(std::string(SceneName(kind)) + ", calls " + std::to_string(a) + " and " +
                     std::to_string(b) + " fail");
        auto scene = MakeScene(kind);
        std::string before = Shown(*scene);
        int calls = 0;
        SwapResult result = RunFailing(*scene, {a, b}, EIO, &calls);
        CheckSafe(*scene, result);
        if (result.unsettled) ++unsettled;
        // No program was there: nothing that it wrote, and no change of the folder that is not told
        // of as ours. Either would be taken for a person's.
        EXPECT_TRUE(result.late.is_root());
        bool shows = before != WantedAfter(kind);  // a time does not
        if (shows) {
          EXPECT_EQ(Shown(*scene) == WantedAfter(kind), result.status.ok());
        }
        if (HasFailure()) return;
      }
    }
  }
  // Three calls in a row have to fail before the folder is left in between.
  EXPECT_EQ(unsettled, 0);
}

// What stands there then is ours: no row may call it a change made here.
TEST(SwapFault, AWriteInTheInstantOfASwapThatCannotBeTakenBackIsALateWrite) {
  auto scene = MakeScene(SceneKind::kPlaceOverFile);
  int exchanges = 0;
  scene->folder.files.SetHook([&](FsCall call, const RelPath&, const RelPath&) {
    if (call != FsCall::kExchange) return;
    ++exchanges;
    if (exchanges == 1) {
      ASSERT_TRUE(scene->folder.files.WriteFile(kPath, "saved in that very instant").ok());
    } else {
      scene->folder.files.FailCall(call, 1, EIO);
    }
  });
  SwapResult result = scene->Run();
  scene->folder.files.SetHook(nullptr);
  EXPECT_EQ(exchanges, 2);
  EXPECT_TRUE(result.status.ok()) << result.status.ToString();
  EXPECT_FALSE(result.kept_something);
  EXPECT_EQ(result.late, scene->order.kept_at);
  EXPECT_EQ(scene->AtKept(), "saved in that very instant");
  EXPECT_EQ(scene->AtPath(), kNewContent);
}

// The volume dies right after the exchange: the bytes lie in staging, and the intent that stays
// lets the next start put them where they belong.
TEST(SwapFault, ADeadVolumeIsFinishedByRecovery) {
  auto scene = MakeScene(SceneKind::kPlaceOverFile);
  bool exchanged = false;
  scene->folder.files.SetHook([&](FsCall call, const RelPath&, const RelPath&) {
    if (exchanged) scene->folder.files.FailCall(call, 1, EIO);
    exchanged = exchanged || call == FsCall::kExchange;
  });
  SwapResult result = scene->Run();
  scene->folder.files.SetHook(nullptr);
  EXPECT_TRUE(result.unsettled);
  EXPECT_EQ(scene->At(scene->order.staged), kOldContent);
  Result<Recovered> recovered = scene->Recover();
  ASSERT_TRUE(recovered.ok());
  EXPECT_EQ(*recovered, Recovered::kDone);
  EXPECT_EQ(scene->AtPath(), kNewContent);
  EXPECT_EQ(scene->AtKept(), kOldContent);
}

// The directory is gone, the file not yet there, and the disk fails: that is not undone, or the
// next look would find that a person deleted the directory.
TEST(SwapFault, ARecoveryThatCannotPlaceTheFileIsTriedAgain) {
  for (int os_errno : {EIO, ENOSPC, EACCES}) {
    auto scene = MakeScene(SceneKind::kPlaceOverDir);
    ASSERT_TRUE(scene->files().RemoveDir(scene->order.path).ok());
    scene->folder.files.FailCall(FsCall::kRename, 1, os_errno);
    EXPECT_FALSE(scene->Recover().ok());
    Result<Recovered> again = scene->Recover();
    ASSERT_TRUE(again.ok());
    EXPECT_EQ(*again, Recovered::kDone);
    EXPECT_EQ(scene->AtPath(), kNewContent);
  }
}

}  // namespace
}  // namespace atozsync
