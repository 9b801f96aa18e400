// A user who changes the file in the very instant of the swap: before each single call that the
// swap makes, in every way, and twice in a row. No bytes may go, and none that nobody has seen may
// be replaced.
#include <gtest/gtest.h>

#include "tests/unit/engine/swap_scenes.h"

namespace atozsync {
namespace {

struct Interference {
  const char* name;
  std::function<void(TestFolder&, const std::string& content)> act;
  bool leaves_content;  // the content stands somewhere in the folder afterwards
};

// Where the name is in use for something else at that moment, the user's program just fails.
const std::vector<Interference>& Interferences() {
  static const std::vector<Interference> all = {
      {"writes into the file",
       [](TestFolder& f, const std::string& content) {
         f.files.WriteFile(kPath, content).IgnoreError();
       },
       true},
      {"replaces the file",
       [](TestFolder& f, const std::string& content) {
         f.files.ReplaceFile(kPath, content).IgnoreError();
       },
       true},
      {"replaces it by one with an old time",
       [](TestFolder& f, const std::string& content) {
         f.files.ReplaceFile(kPath, content).IgnoreError();
         f.files.SetUserMtime(kPath, 900'000'000 * kSecond).IgnoreError();
       },
       true},
      {"moves it away",
       [](TestFolder& f, const std::string& content) {
         f.files.Rename(kPath, "A/moved " + content).IgnoreError();
       },
       false},
      {"removes it", [](TestFolder& f, const std::string&) { f.files.Remove(kPath).IgnoreError(); },
       false},
      {"makes a directory of it",
       [](TestFolder& f, const std::string&) {
         f.files.Remove(kPath).IgnoreError();
         f.files.MakeDirs(kPath).IgnoreError();
       },
       false}};
  return all;
}

bool IsIn(const Tree& tree, const std::string& content) {
  for (const auto& [path, node] : tree) {
    if (node.kind == NodeKind::kFile && node.content == content) return true;
  }
  return false;
}

// A user acts before the calls with these numbers; what stood then has to stand afterwards.
struct Outcome {
  std::unique_ptr<SwapScene> scene;
  SwapResult result;
  std::set<std::string> must_remain;
  std::vector<std::string> user_contents;
  int calls = 0;
};

Outcome RunWith(SceneKind kind, const std::vector<std::pair<int, const Interference*>>& acts) {
  Outcome run;
  run.scene = MakeScene(kind);
  TestFolder& folder = run.scene->folder;
  folder.files.SetHook([&](FsCall, const RelPath&, const RelPath&) {
    ++run.calls;
    for (const auto& [nth, interference] : acts) {
      if (run.calls != nth) continue;
      // As long as the old content: only time or file id tell them apart.
      std::string content = "user text " + std::to_string(run.user_contents.size());
      folder.Tick();
      interference->act(folder, content);
      folder.Tick();
      run.must_remain = folder.Contents();
      if (interference->leaves_content && IsIn(folder.files.UserTree(), content)) {
        run.user_contents.push_back(content);
      }
    }
  });
  run.result = run.scene->Run();
  folder.files.SetHook(nullptr);
  return run;
}

void CheckNothingLost(const Outcome& run) {
  const TestFolder& folder = run.scene->folder;
  std::set<std::string> contents = folder.Contents();
  for (const std::string& content : run.must_remain) {
    EXPECT_EQ(contents.count(content), 1u) << content << " is gone";
  }
  EXPECT_FALSE(run.result.unsettled) << "nothing failed";
  EXPECT_TRUE(run.scene->StagingHoldsOnlyOurs()) << "the rest of staging is removed later";
}

// The newest thing a user wrote stands in the folder, or it came out and is reported.
void CheckNotReplacedUnseen(const Outcome& run) {
  if (run.user_contents.empty()) return;
  const TestFolder& folder = run.scene->folder;
  const std::string& newest = run.user_contents.back();
  if (run.must_remain.count(newest) == 0) return;  // another user removed it
  bool in_folder = IsIn(folder.files.UserTree(), newest);
  bool reported = !run.result.late.is_root() && run.scene->At(run.result.late) == newest;
  EXPECT_TRUE(in_folder || reported) << newest << " was replaced unseen";
}

// The row that would be committed must not hide what a user left at the path.
void CheckStampHidesNothing(Outcome& run) {
  if (!run.result.status.ok() || !FileStamp::Of(run.result.after).trusted()) return;
  Result<FileStat> there = run.scene->folder.files.Stat(P(kPath));
  bool looks_unchanged = there.ok() && FileStamp::Of(*there) == FileStamp::Of(run.result.after);
  if (looks_unchanged) {
    EXPECT_EQ(run.scene->AtPath(), kNewContent);
  }
}

void CheckAll(Outcome& run) {
  CheckNothingLost(run);
  CheckNotReplacedUnseen(run);
  CheckStampHidesNothing(run);
}

TEST(SwapInstant, AUserAtEveryCall) {
  for (SceneKind kind : AllScenes()) {
    int calls = RunWith(kind, {}).calls;
    ASSERT_GT(calls, 0);
    for (const Interference& interference : Interferences()) {
      // Some act makes further calls necessary: go on as long as there are new ones.
      for (int nth = 1; nth <= calls + 5; ++nth) {
        SCOPED_TRACE(std::string(SceneName(kind)) + ": a user " + interference.name +
                     " before call " + std::to_string(nth));
        Outcome run = RunWith(kind, {{nth, &interference}});
        CheckAll(run);
        if (HasFailure()) return;
      }
    }
  }
}

TEST(SwapInstant, TwoUsersAtEveryPairOfCalls) {
  for (SceneKind kind : {SceneKind::kPlaceOverFile, SceneKind::kRemoveFile, SceneKind::kDirOverFile,
                         SceneKind::kPlaceNew}) {
    int calls = RunWith(kind, {}).calls + 5;
    for (const Interference& first : Interferences()) {
      for (const Interference& second : Interferences()) {
        for (int a = 1; a <= calls; ++a) {
          for (int b = a + 1; b <= calls; ++b) {
            SCOPED_TRACE(std::string(SceneName(kind)) + ": one " + first.name + " before call " +
                         std::to_string(a) + ", one " + second.name + " before call " +
                         std::to_string(b));
            Outcome run = RunWith(kind, {{a, &first}, {b, &second}});
            CheckAll(run);
            if (HasFailure()) return;
          }
        }
      }
    }
  }
}

// The instant is really hit: a write between the look and the exchange comes back.
TEST(SwapInstant, AWriteBetweenLookAndExchangeIsPutBack) {
  auto scene = MakeScene(SceneKind::kPlaceOverFile);
  scene->folder.files.SetHook([&](FsCall call, const RelPath&, const RelPath&) {
    if (call != FsCall::kExchange || scene->AtPath() != kOldContent) return;
    scene->folder.User(kPath, "just saved");
  });
  SwapResult result = scene->Run();
  EXPECT_TRUE(result.status.Is(Errc::kChangedUnderneath));
  EXPECT_EQ(scene->AtPath(), "just saved");
  EXPECT_EQ(scene->At(scene->order.staged), kNewContent);
  EXPECT_TRUE(result.late.is_root());
  EXPECT_EQ(scene->folder.files.calls(FsCall::kExchange), 2u);
}

TEST(SwapInstant, AThirdWriterGetsTheNameAndTheSecondIsReported) {
  auto scene = MakeScene(SceneKind::kPlaceOverFile);
  int exchanges = 0;
  scene->folder.files.SetHook([&](FsCall call, const RelPath&, const RelPath&) {
    if (call != FsCall::kExchange) return;
    scene->folder.Tick();
    ASSERT_TRUE(
        scene->folder.files.ReplaceFile(kPath, "writer " + std::to_string(++exchanges)).ok());
  });
  SwapResult result = scene->Run();
  EXPECT_TRUE(result.status.Is(Errc::kChangedUnderneath));
  ASSERT_FALSE(result.late.is_root());
  std::set<std::string> contents = {scene->AtPath(), scene->At(result.late)};
  EXPECT_EQ(contents, (std::set<std::string>{"writer 1", "writer 2"}));
}

}  // namespace
}  // namespace atozsync
