// The power goes before each call of each change, with whatever a disk may then have written; and
// again during recovery, and while a user was saving. Afterwards the folder shows the old or the
// new state, whole, and the other one is where it belongs.
#include <gtest/gtest.h>

#include "tests/unit/engine/swap_scenes.h"

namespace atozsync {
namespace {

constexpr uint64_t kSeeds = 40;

// Runs `work` and cuts the power before the nth call. False when there were not so many calls.
template <typename Work>
bool CutPowerBefore(TestFolder& folder, int nth, Work work) {
  int calls = 0;
  folder.files.SetHook([&](FsCall, const RelPath&, const RelPath&) {
    if (++calls == nth) folder.files.PowerOff();
  });
  work();
  folder.files.SetHook(nullptr);
  return calls >= nth;
}

void SwapAndSync(SwapScene& scene) {
  if (!scene.Run().status.ok()) return;
  // As the applier does for a whole batch.
  if (scene.order.op == SwapOp::kTouch)
    scene.folder.files.SyncFiles({scene.order.path}).IgnoreError();
  scene.folder.files.SyncDir(scene.order.path.parent()).IgnoreError();
  if (!scene.order.kept_at.is_root()) {
    scene.folder.files.SyncDir(scene.order.kept_at.parent()).IgnoreError();
  }
}

void CheckRecovered(SceneKind kind, SwapScene& scene, const std::string& before,
                    const Result<Recovered>& recovered) {
  ASSERT_TRUE(recovered.ok()) << recovered.status().ToString();
  bool done = *recovered == Recovered::kDone;
  EXPECT_EQ(Shown(scene), done ? WantedAfter(kind) : before) << (done ? "done" : "undone");
  if (scene.has_old) {
    if (kind == SceneKind::kTouch || !done) {
      EXPECT_EQ(scene.AtPath(), kOldContent);
    } else {
      EXPECT_EQ(scene.AtKept(), kOldContent);
    }
  }
  EXPECT_TRUE(scene.StagingHoldsOnlyOurs()) << "staging is emptied next";
  EXPECT_EQ(scene.folder.Read("A/keep.jpg"), "keep");
}

TEST(SwapCrash, APowerLossAtEveryCall) {
  for (SceneKind kind : AllScenes()) {
    std::set<Recovered> seen;
    for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
      bool more = true;
      for (int nth = 1; more; ++nth) {
        SCOPED_TRACE(std::string(SceneName(kind)) + ", before call " + std::to_string(nth) +
                     ", seed " + std::to_string(seed));
        auto scene = MakeScene(kind);
        std::string before = Shown(*scene);
        more = CutPowerBefore(scene->folder, nth, [&] { SwapAndSync(*scene); });
        SimRandom random(seed * 100 + static_cast<uint64_t>(nth));
        scene->folder.files.Crash(random);
        Result<Recovered> recovered = scene->Recover();
        CheckRecovered(kind, *scene, before, recovered);
        if (HasFailure()) return;
        seen.insert(*recovered);
        if (!more) {
          EXPECT_EQ(*recovered, Recovered::kDone) << "all was done and synced";
        }
        // Forgotten now: what recovery did has to survive the next power loss.
        Tree after = scene->folder.files.UserTree();
        std::set<std::string> contents = scene->folder.Contents();
        scene->folder.files.Crash(random);
        EXPECT_EQ(scene->folder.files.UserTree(), after);
        EXPECT_EQ(scene->folder.Contents(), contents);
        if (HasFailure()) return;
      }
    }
    bool retried_anyway = kind == SceneKind::kPlaceNew || kind == SceneKind::kDirNew;
    EXPECT_EQ(seen.size(), retried_anyway ? 1u : 2u) << SceneName(kind);
  }
}

TEST(SwapCrash, APowerLossDuringRecoveryToo) {
  for (SceneKind kind : AllScenes()) {
    for (uint64_t seed = 1; seed <= 3; ++seed) {
      bool more = true;
      for (int nth = 1; more; ++nth) {
        bool more_in_recovery = true;
        for (int second = 1; more_in_recovery; ++second) {
          SCOPED_TRACE(std::string(SceneName(kind)) + ", before call " + std::to_string(nth) +
                       " and recovery's call " + std::to_string(second));
          auto scene = MakeScene(kind);
          std::string before = Shown(*scene);
          more = CutPowerBefore(scene->folder, nth, [&] { SwapAndSync(*scene); });
          SimRandom random(seed);
          scene->folder.files.Crash(random);
          more_in_recovery = CutPowerBefore(scene->folder, second,
                                            [&] { static_cast<void>(scene->Recover().ok()); });
          scene->folder.files.Crash(random);
          CheckRecovered(kind, *scene, before, scene->Recover());
          if (HasFailure()) return;
        }
      }
    }
  }
}

// A user saves in the instant of the swap, then the power goes at any later call.
TEST(SwapCrash, AUserWhoSavedJustBeforeThePowerWentLosesNothing) {
  for (SceneKind kind : AllScenes()) {
    for (bool in_place : {true, false}) {
      for (uint64_t seed = 1; seed <= 8; ++seed) {
        for (int saved = 1; saved <= 12; ++saved) {
          for (int cut = saved; cut <= saved + 6; ++cut) {
            SCOPED_TRACE(std::string(SceneName(kind)) + ", saved before call " +
                         std::to_string(saved) + (in_place ? " in place" : " as a new file") +
                         ", power cut before call " + std::to_string(cut));
            auto scene = MakeScene(kind);
            TestFolder& folder = scene->folder;
            std::set<std::string> must_remain = folder.Contents();
            bool user_saved = false;
            int calls = 0;
            folder.files.SetHook([&](FsCall, const RelPath&, const RelPath&) {
              if (++calls == saved) {
                folder.Tick();
                Status status = in_place ? folder.files.WriteFile(kPath, "user's text")
                                         : folder.files.ReplaceFile(kPath, "user's text");
                user_saved = status.ok();
                must_remain = folder.Contents();
              }
              if (calls == cut) folder.files.PowerOff();
            });
            SwapAndSync(*scene);
            folder.files.SetHook(nullptr);
            SimRandom random(seed);
            folder.files.Crash(random);
            Result<Recovered> recovered = scene->Recover();
            ASSERT_TRUE(recovered.ok()) << recovered.status().ToString();
            std::set<std::string> contents = folder.Contents();
            for (const std::string& content : must_remain) {
              EXPECT_EQ(contents.count(content), 1u) << content << " is gone";
            }
            EXPECT_TRUE(scene->StagingHoldsOnlyOurs());
            if (user_saved) {
              EXPECT_EQ(scene->AtPath(), "user's text") << "replaced unseen";
            }
            if (HasFailure()) return;
          }
        }
      }
    }
  }
}

// Staged content that somebody took away, before anything was swapped: the old file is not taken
// for ours.
TEST(SwapCrash, AnOldFileIsNotTakenForTheNewOne) {
  auto scene = MakeScene(SceneKind::kPlaceOverFile);
  ASSERT_TRUE(scene->folder.files.Remove(scene->order.staged.str()).ok());
  Result<Recovered> recovered = scene->Recover();
  ASSERT_TRUE(recovered.ok());
  EXPECT_EQ(*recovered, Recovered::kUndone);
}

// A program changed the file after it was placed, before the row was committed.
TEST(SwapCrash, AChangeOfThePlacedFileComesAfterIt) {
  auto scene = MakeScene(SceneKind::kPlaceOverFile);
  ASSERT_TRUE(scene->Run().status.ok());
  scene->folder.User(kPath, "edited already");
  Result<Recovered> recovered = scene->Recover();
  ASSERT_TRUE(recovered.ok());
  EXPECT_EQ(*recovered, Recovered::kDone);
  EXPECT_EQ(scene->AtPath(), "edited already");
  EXPECT_EQ(scene->AtKept(), kOldContent);
}

// What came out was written to, so the exchange is taken back; the process dies before it tells.
TEST(SwapCrash, WhatRecoveryTookOutStaysOutAfterAnotherOne) {
  auto scene = MakeScene(SceneKind::kPlaceOverFile);
  ASSERT_TRUE(scene->files().Exchange(scene->order.staged, P(kPath)).ok());
  scene->folder.User(scene->order.staged.str(), "written to what came out");
  for (int times = 0; times < 2; ++times) {
    Result<Recovered> recovered = scene->Recover();
    ASSERT_TRUE(recovered.ok());
    EXPECT_EQ(*recovered, Recovered::kUndone);
    EXPECT_EQ(scene->AtPath(), "written to what came out");
    EXPECT_EQ(scene->At(layout::UsersBytes(scene->order.staged)), kNewContent);
  }
}

TEST(SwapCrash, AVanishedFolderDoesNotStopTheStart) {
  for (SceneKind kind : AllScenes()) {
    auto scene = MakeScene(kind);
    ASSERT_TRUE(scene->folder.files.Remove("A").ok());
    EXPECT_TRUE(scene->Recover().ok()) << SceneName(kind);
  }
}

// With coarse times, and as many bytes: the stamp tells nothing.
TEST(SwapCrash, WhatAProgramSavedIsFoundByItsBytes) {
  auto scene = MakeScene(SceneKind::kPlaceNew);
  const std::string staged = scene->order.staged.str();
  ASSERT_TRUE(scene->folder.files.WriteFile(staged, "NEW CONTENT").ok());
  ASSERT_TRUE(scene->folder.files.SetUserMtime(staged, scene->order.mtime_ns).ok());
  Result<Recovered> recovered = scene->Recover();
  ASSERT_TRUE(recovered.ok());
  EXPECT_EQ(scene->AtPath(), "NEW CONTENT");
}

// Another file stands at the path by now: recovery puts them aside, and then the power goes again.
TEST(SwapCrash, WhatAProgramSavedIsPutAsideForGood) {
  TestFolder folder;
  folder.User("A/x.jpg", "made anew");
  Intent intent;
  intent.path = P("A/x.jpg");
  intent.staged = layout::Staging().Child("1-1");
  folder.User(intent.staged.str(), "placed");
  intent.staged_stamp = folder.Stamp(intent.staged.str());
  folder.User(intent.staged.str(), "saved by a program");
  intent.row.version.kind = VersionKind::kFile;
  folder.files.SyncAll();
  Result<Recovered> recovered = RecoverSwap(folder.files, SceneSecret(), intent);
  ASSERT_TRUE(recovered.ok()) << recovered.status().ToString();
  EXPECT_EQ(*recovered, Recovered::kUndone);
  folder.files.CrashKeepingNothing();
  EXPECT_EQ(folder.Read(layout::UsersBytes(intent.staged).str()), "saved by a program");
  EXPECT_EQ(folder.Read("A/x.jpg"), "made anew");
}

}  // namespace
}  // namespace atozsync
