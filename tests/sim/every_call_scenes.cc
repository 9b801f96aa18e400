// The changes of which every call is interrupted (every_call.h).
#include <gtest/gtest.h>

#include <utility>

#include "sync/engine/meta_keys.h"
#include "tests/sim/every_call.h"

namespace atozsync {

namespace {

constexpr char kFile[] = "S/Smith12/x.jpg";
constexpr char kOther[] = "S/Smith12/y.jpg";
constexpr char kThing[] = "S/Smith12/thing";
constexpr int64_t kSomeTime = 1'500'000'000 * kSecond;

using Words = std::function<void(SimCluster&)>;

// Both have these files, and two that nobody touches.
Words Have(std::vector<std::pair<std::string, std::string>> files) {
  return [files = std::move(files)](SimCluster& c) {
    c.Write("A", "S/Smith12/keep.jpg", "keep");
    c.Write("A", "J/Jones7/keep.jpg", "keep too");
    for (const auto& [path, content] : files) c.Write("A", path, content);
    c.StartAll();
    EXPECT_TRUE(c.Settle());
    c.RunFor(500);  // beyond the time in which stamps are not trusted
  };
}

// Bytes that are cut into several chunks; `changed` gives every second stretch another content.
std::string Large(bool changed) {
  std::string bytes;
  SimRandom shared(1);
  SimRandom own(changed ? 2 : 3);
  for (int stretch = 0; stretch < 4; ++stretch) {
    Bytes some = (stretch % 2 == 0 ? own : shared).SomeBytes(150'000);
    bytes.append(some.begin(), some.end());
  }
  return bytes;
}

// Two versions of one file that have not met.
Words HaveConcurrent(Words at_a, Words at_b) {
  return [at_a = std::move(at_a), at_b = std::move(at_b)](SimCluster& c) {
    Have({{kFile, "base"}})(c);
    c.Partition("A", "B");
    at_a(c);
    c.RunFor(2'000);
    at_b(c);
    EXPECT_TRUE(c.Settle());
  };
}
void Meet(SimCluster& c) {
  c.HealAll();
}

// Asks until the answer is good, as a person does who wants it.
void ResolveForTheLoser(SimCluster& c) {
  Replica& replica = c.node("B").replica();
  std::vector<ConflictRecord> conflicts = c.node("B").index().Conflicts();
  if (conflicts.size() != 1 || conflicts[0].state != ConflictState::kOpen) return;
  replica.ResolveConflict(conflicts[0].id, Keep::kLoser, [](const Status&) {});
}

void Restore(SimCluster& c) {
  if (c.node("B").files().Exists(kFile)) return;
  RelPath path = RelPath::Trusted(kFile);
  for (const HistoryEntry& entry : c.node("B").replica().History(path)) {
    if (entry.version.kind != VersionKind::kFile) continue;
    c.node("B").replica().Restore(path, entry.id, [](const Status&) {});
    return;
  }
  ADD_FAILURE() << "there is nothing to restore";
}

Words Again(Words words) {
  return [words = std::move(words)](SimCluster& c) {
    if (!c.Settle()) return;
    words(c);
    c.RunFor(2'000);
  };
}

// B has half of a large file when its process ends.
void HaveHalf(SimCluster& c) {
  Have({{kFile, Large(false)}})(c);
  SimNode& b = c.node("B");
  uint64_t writes = b.files().calls(FsCall::kWrite);
  c.Write("A", kFile, Large(true));
  EXPECT_TRUE(c.scheduler().RunUntil([&] { return b.files().calls(FsCall::kWrite) >= writes + 2; },
                                     200'000));
  b.KillProcess();
  EXPECT_FALSE(b.files().ListKept(".atozsync/staging").empty());
}

void HaveOldVersions(SimCluster& c) {
  Have({{kFile, "first"}, {kOther, "first of the other"}})(c);
  c.Write("A", kFile, "second");
  c.Delete("A", kOther);
  EXPECT_TRUE(c.Settle());
  c.RunFor(40'000);
  EXPECT_TRUE(c.node("B").files().Exists(".atozsync/versions/S/Smith12"));
}

void StartBLater(SimCluster& c) {
  c.node("B").KillProcess();
  IndexBatch later;  // what is kept grows old by a clock of its own (RetentionClock)
  later.meta[meta::kRetention] = std::to_string(c.node("B").clock().WallMs() + 7'200'000);
  c.node("B").index().Commit(later).IgnoreError();
  c.node("B").Start();
}

void KeepAnHour(SimNodeOptions& options) {
  options.adjust = [](ReplicaOptions& engine) { engine.keep_versions_ms = 3'600'000; };
}

std::vector<EveryCallScene> MakeScenes() {
  std::vector<EveryCallScene> scenes;
  auto add = [&](std::string name, Words prepare, Words act, std::vector<std::string> standing,
                 std::string target) {
    standing.push_back("J/Jones7/keep.jpg");
    scenes.push_back({std::move(name), std::move(prepare), std::move(act), nullptr,
                      std::move(standing), std::move(target), nullptr});
  };
  add(
      "NewFile", Have({}), [](SimCluster& c) { c.Write("A", kFile, "new"); }, {}, kFile);
  add(
      "ReplacedFile", Have({{kFile, "old"}}), [](SimCluster& c) { c.Replace("A", kFile, "new"); },
      {kFile}, kFile);
  add(
      "DeletedFile", Have({{kFile, "old"}}), [](SimCluster& c) { c.Delete("A", kFile); }, {},
      kFile);
  add(
      "TouchedTime", Have({{kFile, "old"}}), [](SimCluster& c) { c.Touch("A", kFile, kSomeTime); },
      {kFile}, kFile);
  add(
      "NewDirectory", Have({}), [](SimCluster& c) { c.MakeDir("A", "S/Smith12/thing/deep"); }, {},
      kThing);
  add(
      "RemovedDirectory",
      [](SimCluster& c) {
        c.MakeDir("A", "S/Smith12/thing/deep");
        Have({{"S/Smith12/thing/a.jpg", "in it"}})(c);
      },
      [](SimCluster& c) { c.Delete("A", kThing); }, {}, "S/Smith12/thing/a.jpg");
  add(
      "DirectoryToFile", Have({{"S/Smith12/thing/a.jpg", "in it"}}),
      [](SimCluster& c) {
        c.Delete("A", kThing);
        c.Write("A", kThing, "a file now");
      },
      {}, kThing);
  add(
      "FileToDirectory", Have({{kThing, "a file"}}),
      [](SimCluster& c) {
        c.Delete("A", kThing);
        c.Write("A", "S/Smith12/thing/a.jpg", "in it");
      },
      {}, kThing);
  add(
      "RenamedFile", Have({{kFile, "moved"}}),
      [](SimCluster& c) { c.Rename("A", kFile, "J/Jones7/x.jpg"); }, {}, kFile);
  add(
      "RenamedInCaseOnly", Have({{kFile, "moved"}}),
      [](SimCluster& c) { c.Rename("A", kFile, "S/Smith12/X.JPG"); }, {}, kFile);
  add("ConflictOfEdits",
      HaveConcurrent([](SimCluster& c) { c.Write("A", kFile, "of A, later than B"); },
                     [](SimCluster& c) { c.Write("B", kFile, "of B"); }),
      Meet, {kFile}, kFile);
  add("ConflictWithDeletion",
      HaveConcurrent([](SimCluster& c) { c.Write("A", kFile, "of A"); },
                     [](SimCluster& c) { c.Delete("B", kFile); }),
      Meet, {}, kFile);
  add(
      "LargeFileByChunks", Have({{kFile, Large(false)}}),
      [](SimCluster& c) { c.Write("A", kFile, Large(true)); }, {kFile}, kFile);
  add(
      "LargeFileResumed", HaveHalf, [](SimCluster& c) { c.node("B").Start(); }, {kFile}, kFile);
  add("Purge", HaveOldVersions, StartBLater, {kFile}, kFile);
  scenes.back().adjust = KeepAnHour;
  add(
      "PurgeBesideAConflict",
      [](SimCluster& c) {
        HaveConcurrent([](SimCluster& d) { d.Write("A", kFile, "of A"); },
                       [](SimCluster& d) { d.Write("B", kFile, "of B"); })(c);
        Meet(c);
        EXPECT_TRUE(c.Settle());
      },
      StartBLater, {kFile}, kFile);
  scenes.back().adjust = KeepAnHour;
  add(
      "ResolvedConflict",
      [](SimCluster& c) {
        HaveConcurrent([](SimCluster& d) { d.Write("A", kFile, "of A"); },
                       [](SimCluster& d) { d.Write("B", kFile, "of B"); })(c);
        Meet(c);
        EXPECT_TRUE(c.Settle());
        c.RunFor(500);
      },
      ResolveForTheLoser, {kFile}, kFile);
  scenes.back().redo = Again(ResolveForTheLoser);
  add(
      "RestoredVersion",
      [](SimCluster& c) {
        Have({{kFile, "old"}})(c);
        c.Delete("A", kFile);
        EXPECT_TRUE(c.Settle());
      },
      Restore, {}, kFile);
  scenes.back().redo = Again(Restore);
  return scenes;
}

}  // namespace

const std::vector<EveryCallScene>& EveryCallScenes() {
  static const std::vector<EveryCallScene> scenes = MakeScenes();
  return scenes;
}

const EveryCallScene& FirstSyncOfTenFiles() {
  static const EveryCallScene scene = {
      "FirstSync",
      [](SimCluster& c) {
        c.MakeDir("A", "A");
        for (const char* path : {"S/Smith12/a.jpg", "S/Smith12/b.jpg", "S/Smith12/old/c.jpg",
                                 "J/Jones7/d.jpg", "J/Jones7/e.pdf", "J/f.txt"}) {
          c.Write("A", path, std::string("content of ") + path);
        }
        c.Write("A", "J/Jones7/same1.jpg", "the same twice");
        c.Write("A", "S/Smith12/same2.jpg", "the same twice");
        c.Write("A", "S/Smith12/empty.txt", "");
        c.Write("A", kFile, Large(false));
      },
      [](SimCluster& c) { c.StartAll(); },
      nullptr,
      {},
      kFile,
      nullptr};
  return scene;
}

}  // namespace atozsync
