// Power loss: what must survive, what may go, and that what is left makes sense.
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "tests/sim/sim_file_system.h"
#include "tests/sim/sim_scheduler.h"

namespace atozsync {
namespace {

RelPath P(std::string_view path) {
  return RelPath::Trusted(path);
}

// One machine's folder with the shortest names for what the tests do.
struct Disk {
  explicit Disk(SimFileSystemOptions options = {}) : files(clock, SimRandom(5), options) {}

  void Create(const std::string& path, std::string_view content, bool sync_content = true) {
    auto file = files.Create(P(path));
    ASSERT_TRUE(file.ok()) << file.status().ToString();
    ASSERT_TRUE((*file)->WriteAt(0, AsBytes(content)).ok());
    if (!sync_content) return;
    ASSERT_TRUE((*file)->Sync().ok());
  }
  void Sync(const std::string& dir) { ASSERT_TRUE(files.SyncDir(P(dir)).ok()); }
  std::string Read(const std::string& path) { return files.ReadFile(path).value_or("<none>"); }

  SimScheduler scheduler{1};
  SimClock clock{scheduler};
  SimFileSystem files;
};

// What `run` left over many crashes: every outcome that was seen.
template <typename Run>
std::set<std::string> Outcomes(Run run) {
  std::set<std::string> seen;
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    Disk disk;
    SimRandom random(seed);
    seen.insert(run(disk, random));
  }
  return seen;
}

using Strings = std::set<std::string>;

TEST(SimCrash, SyncedFilesInSyncedDirectoriesSurvive) {
  EXPECT_EQ(Outcomes([](Disk& disk, SimRandom& random) {
              EXPECT_TRUE(disk.files.MakeDir(P("d")).ok());
              disk.Create("d/a", "content");
              disk.Sync("d");  // with the directory itself: it could not be there without
              disk.files.Crash(random);
              return disk.Read("d/a");
            }),
            Strings{"content"});
}

TEST(SimCrash, ANameWithoutDirectorySyncMayBeLost) {
  EXPECT_EQ(Outcomes([](Disk& disk, SimRandom& random) {
              disk.Create("a", "content");
              disk.files.Crash(random);
              return disk.Read("a");
            }),
            (Strings{"content", "<none>"}));
}

TEST(SimCrash, BytesWithoutSyncMayBeMissingTornOrThere) {
  const std::string content = std::string(4096, 'A') + std::string(4096, 'B');
  const Strings seen = Outcomes([&](Disk& disk, SimRandom& random) {
    disk.Create("a", content, false);
    disk.Sync("");
    disk.files.Crash(random);
    return disk.Read("a");
  });
  EXPECT_EQ(seen.count(content), 1u);
  EXPECT_EQ(seen.count(""), 1u);
  EXPECT_EQ(seen.count(std::string(8192, '\0')), 1u);
  EXPECT_EQ(seen.count(std::string(4096, '\0') + std::string(4096, 'B')), 1u);
  EXPECT_EQ(seen.count("<none>"), 0u) << "the name was synced";
}

TEST(SimCrash, OverwrittenBytesAreOldOrNewPerBlock) {
  const std::string old_text(8192, 'o');
  const std::string new_text(8192, 'n');
  const Strings seen = Outcomes([&](Disk& disk, SimRandom& random) {
    disk.Create("a", old_text);
    disk.Sync("");
    auto file = disk.files.OpenWrite(P("a"));
    EXPECT_TRUE((*file)->WriteAt(0, AsBytes(new_text)).ok());
    disk.files.Crash(random);
    return disk.Read("a");
  });
  EXPECT_EQ(seen, (Strings{old_text, new_text, old_text.substr(4096) + new_text.substr(4096),
                           new_text.substr(4096) + old_text.substr(4096)}));
}

TEST(SimCrash, ARenameIsOneStepWhicheverDirectoryIsSynced) {
  for (const std::string synced : {"from", "to", ""}) {
    const Strings seen = Outcomes([&](Disk& disk, SimRandom& random) {
      EXPECT_TRUE(disk.files.MakeDir(P("from")).ok());
      EXPECT_TRUE(disk.files.MakeDir(P("to")).ok());
      disk.Create("from/a", "x");
      disk.Sync("from");
      disk.Sync("to");
      EXPECT_TRUE(disk.files.RenameNoReplace(P("from/a"), P("to/a")).ok());
      disk.Sync(synced);
      disk.files.Crash(random);
      return disk.Read("from/a") + " " + disk.Read("to/a");
    });
    // Syncing the root says nothing about the two directories.
    EXPECT_EQ(seen, synced.empty() ? (Strings{"<none> x", "x <none>"}) : Strings{"<none> x"})
        << synced;
  }
}

TEST(SimCrash, AnExchangeIsOneStep) {
  EXPECT_EQ(Outcomes([](Disk& disk, SimRandom& random) {
              EXPECT_TRUE(disk.files.MakeDir(P("d")).ok());
              disk.Create("a", "1");
              disk.Create("d/b", "2");
              disk.Sync("");
              disk.Sync("d");
              EXPECT_TRUE(disk.files.Exchange(P("a"), P("d/b")).ok());
              disk.files.Crash(random);
              return disk.Read("a") + disk.Read("d/b");
            }),
            (Strings{"12", "21"}));
}

TEST(SimCrash, ARemovalWithoutSyncMayBeUndone) {
  EXPECT_EQ(Outcomes([](Disk& disk, SimRandom& random) {
              disk.Create("a", "x");
              disk.Sync("");
              EXPECT_TRUE(disk.files.RemoveFile(P("a")).ok());
              disk.files.Crash(random);
              return disk.Read("a");
            }),
            (Strings{"x", "<none>"}));
}

TEST(SimCrash, WhatAUserWroteIsDurableUnlessAskedOtherwise) {
  EXPECT_EQ(Outcomes([](Disk& disk, SimRandom& random) {
              EXPECT_TRUE(disk.files.WriteFile("d/a", "x").ok());
              EXPECT_TRUE(disk.files.Rename("d/a", "e/b").ok());
              disk.files.Crash(random);
              return disk.Read("d/a") + disk.Read("e/b");
            }),
            Strings{"<none>x"});
  Strings seen;
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    SimFileSystemOptions options;
    options.user_writes_durable = false;
    Disk disk(options);
    EXPECT_TRUE(disk.files.WriteFile("a", "x").ok());
    SimRandom random(seed);
    disk.files.Crash(random);
    seen.insert(disk.Read("a"));
  }
  EXPECT_EQ(seen.count("<none>"), 1u);
}

TEST(SimCrash, PowerOffFreezesEverythingAndHandlesDie) {
  Disk disk;
  disk.Create("a", "x");
  disk.Sync("");
  auto handle = disk.files.OpenWrite(P("a"));
  disk.files.PowerOff();
  EXPECT_TRUE((*handle)->WriteAt(0, AsBytes("y")).Is(Errc::kIo));
  EXPECT_TRUE(disk.files.MakeDir(P("d")).Is(Errc::kIo));
  EXPECT_FALSE(disk.files.WriteFile("b", "y").ok());
  SimRandom random(1);
  disk.files.Crash(random);
  EXPECT_EQ(disk.Read("a"), "x");
  EXPECT_TRUE((*handle)->WriteAt(0, AsBytes("y")).Is(Errc::kIo));
  EXPECT_TRUE(disk.files.MakeDir(P("d")).ok());
}

// Random work of an agent that syncs too little, as a generator of every shape of journal.
void RandomWork(Disk& disk, SimRandom& random) {
  std::vector<std::string> dirs = {""};
  for (const auto& [path, node] : disk.files.UserTree()) {
    if (node.kind == NodeKind::kDir) dirs.push_back(path);
  }
  std::vector<std::string> names;
  for (const auto& [path, node] : disk.files.UserTree()) names.push_back(path);
  const auto any = [&](const std::vector<std::string>& from) {
    return from.empty() ? std::string("none")
                        : from[static_cast<size_t>(random.Below(from.size()))];
  };
  const std::string dir = any(dirs);
  const std::string fresh = (dir.empty() ? "" : dir + "/") + std::to_string(random.Below(6));
  // Many of these fail, as they should; the tree must make sense all the same.
  switch (random.Below(8)) {
    case 0:
    case 1: static_cast<void>(disk.files.Create(P(fresh))); break;
    case 2: disk.files.MakeDir(P(fresh)).IgnoreError(); break;
    case 3: disk.files.RemoveFile(P(any(names))).IgnoreError(); break;
    case 4: disk.files.RemoveDir(P(any(names))).IgnoreError(); break;
    case 5: disk.files.RenameNoReplace(P(any(names)), P(fresh)).IgnoreError(); break;
    case 6: disk.files.Exchange(P(any(names)), P(any(names))).IgnoreError(); break;
    case 7:
      if (random.Chance(200)) disk.files.SyncDir(P(dir)).IgnoreError();
      break;
  }
}

std::set<uint64_t> InodesBelow(SimFileSystem& files, const RelPath& dir) {
  std::set<uint64_t> inodes;
  const auto entries = files.List(dir);
  EXPECT_TRUE(entries.ok());
  for (const DirEntry& entry : *entries) {
    EXPECT_TRUE(inodes.insert(entry.stat.inode).second);
    if (entry.stat.kind != NodeKind::kDir) continue;
    for (uint64_t inode : InodesBelow(files, dir.Child(entry.name))) {
      EXPECT_TRUE(inodes.insert(inode).second) << "a node in two places";
    }
  }
  return inodes;
}

TEST(SimCrash, AnyCrashLeavesATreeThatMakesSense) {
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SimRandom random(seed);
    SimFileSystemOptions options;
    options.reuse_inodes = random.Chance(500);
    Disk disk(options);
    for (int crash = 0; crash < 3; ++crash) {
      for (int i = 0; i < 60; ++i) RandomWork(disk, random);
      disk.files.Crash(random);
      EXPECT_EQ(InodesBelow(disk.files, RelPath()).size(), disk.files.UserTree().size());
      const Tree after = disk.files.UserTree();
      disk.files.Crash(random);
      EXPECT_EQ(disk.files.UserTree(), after) << "nothing was left to lose";
    }
  }
}

}  // namespace
}  // namespace atozsync
