// TestFolder: one simulated folder with the shortest names for what the tests of the engine's jobs
// do. Time moves only by Tick(), so that a test decides which stamps differ.
#pragma once

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <utility>

#include "sync/engine/hasher.h"
#include "sync/engine/index.h"
#include "sync/engine/layout.h"
#include "tests/sim/sim_file_system.h"
#include "tests/sim/sim_scheduler.h"

namespace atozsync {

inline RelPath P(std::string_view path) {
  return RelPath::Trusted(path);
}

struct TestFolder {
  explicit TestFolder(SimFileSystemOptions options = {}) : files(clock, SimRandom(7), options) {
    User("A/keep.jpg", "keep");
    EXPECT_TRUE(files.WriteFile(layout::Marker().str(), "root").ok());
    EXPECT_TRUE(files.MakeDirs(layout::Staging().str()).ok());
    files.SyncAll();
  }

  void Tick(int64_t ns = kSecond) { EXPECT_TRUE(scheduler.RunFor(ns)); }
  // Somebody saves a file, a second after whatever happened before.
  void User(const std::string& path, std::string_view content) {
    Tick();
    EXPECT_TRUE(files.WriteFile(path, content).ok()) << path;
    Tick();
  }
  std::string Read(const std::string& path) const {
    return files.ReadFile(path).value_or("<none>");
  }
  FileStat Stat(const std::string& path) {
    Result<FileStat> stat = files.Stat(P(path));
    EXPECT_TRUE(stat.ok()) << stat.status().ToString();
    return stat.ok() ? *stat : FileStat();
  }
  FileStamp Stamp(const std::string& path) { return FileStamp::Of(Stat(path)); }

  // Every content there is, in the folder and in what is kept.
  std::set<std::string> Contents() const {
    std::set<std::string> contents;
    for (const Tree& tree : {files.UserTree(), files.ListKept()}) {
      for (const auto& [path, node] : tree) {
        if (node.kind == NodeKind::kFile) contents.insert(node.content);
      }
    }
    return contents;
  }

  SimScheduler scheduler{1};
  SimClock clock{scheduler};
  SimFileSystem files;
};

inline Bytes TestSecret(uint64_t seed = 1) {
  return SimRandom(seed).SomeBytes(kClusterSecretBytes);
}

}  // namespace atozsync
