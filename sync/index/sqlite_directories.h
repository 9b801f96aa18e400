// Directories: ids of directories, their paths, and the sum of the digests below each of them.
//
// Ids and paths are remembered in memory (bounded). Changes of digests are collected during a
// commit and written once per directory by WriteDigests().
#pragma once

#include <map>
#include <optional>
#include <string>
#include <unordered_map>

#include "sync/engine/index.h"
#include "sync/index/sqlite_db.h"

namespace atozsync {

class Directories {
 public:
  static constexpr int64_t kRoot = 1;

  explicit Directories(Database& db) : db_(db) {}

  // 0 = no such directory (or an error, see the database's health).
  int64_t Find(const RelPath& dir) { return Lookup(dir, false); }
  // Makes what is missing.
  int64_t FindOrMake(const RelPath& dir) { return Lookup(dir, true); }
  RelPath PathOf(int64_t id);
  TreeDigest Digest(int64_t id);

  // A live entry directly in `dir` came or went.
  void Add(int64_t dir, const ContentHash& term);
  void Subtract(int64_t dir, const ContentHash& term);
  // Adds what was collected to the directories and all that are above them.
  void WriteDigests();
  // Removes directories that have neither entries nor directories any more, from here upwards.
  // Their digest must be written.
  void Prune(int64_t dir);
  // After a commit that failed.
  void Undo();

 private:
  struct Known {
    RelPath path;
    int64_t parent = 0;
  };
  struct Change {
    ContentHash sum;
    uint64_t live = 0;  // mod 2^64
    void Apply(const Change& other);
  };
  // Of each direction; mostly about 200 bytes each, never more than 1.5 KiB.
  static constexpr size_t kRememberedMax = 16384;
  static constexpr size_t kRememberedPathBytesMax = 512;  // deeper ones are looked up each time

  int64_t Lookup(const RelPath& dir, bool make);
  int64_t LookupChild(int64_t parent, std::string_view name, bool make);
  int64_t Make(int64_t parent, std::string_view name);
  void Forget();
  void Remember(int64_t id, int64_t parent, const RelPath& path);
  int64_t ParentOf(int64_t id);
  void WriteDigest(int64_t id, const Change& change);

  Database& db_;
  std::unordered_map<std::string, int64_t> ids_;  // by path; its order never escapes
  std::unordered_map<int64_t, Known> known_;
  std::map<int64_t, Change> changes_;  // of the open commit, by the direct parent
};

}  // namespace atozsync
