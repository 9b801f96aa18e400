// PowerDisk: a directory of files as a log of calls leaves them, and what a loss of power may make
// of it. A value: copy it, go on from both. No I/O; deterministic.
//
// What it assumes of a disk is what SQLite asks for with "powersafe overwrite": a write changes no
// byte outside its range, and a sync that returned OK is kept. Everything since the last sync of a
// file may be there or not, write by write and – torn – sector by sector, in any combination. A
// name that came or went since the last sync of the directory may be as before or as after.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "sync/base/bytes.h"
#include "tests/sim/sim_random.h"

namespace atozsync {

struct DiskCall {
  enum class Kind {
    kCreate,      // an empty file under a name that was free
    kWrite,       // `bytes` at `offset`
    kTruncate,    // to the length `offset`
    kSync,        // of the file's bytes and length, not of its name
    kSyncFailed,  // some of it reached the disk; the rest never will, also by a later sync
    kDelete,
    kSyncNames,  // of the directory
  };
  Kind kind = Kind::kSyncNames;
  std::string name;  // of the file in the directory
  uint64_t offset = 0;
  Bytes bytes;
};

class PowerDisk {
 public:
  static constexpr uint64_t kSectorBytes = 512;  // what is written whole or not at all

  // Draws its own fate for kSyncFailed from `random`.
  void Apply(const DiskCall& call, SimRandom& random);
  // The last call of a process that was killed: a write is cut short at a sector.
  void ApplyPart(const DiskCall& call, SimRandom& random);
  // After it everything that is there is durable. The first kinds of loss (0 … 3) are the plain
  // ones: nothing that was not synced, all of it, its beginning, its end; others are drawn freely.
  void LosePower(uint64_t kind, SimRandom& random);

  // What programs see, by name.
  std::map<std::string, Bytes> Files() const;
  // The same directory made from `files`, all durable.
  static PowerDisk Of(const std::map<std::string, Bytes>& files);
  // Something is not durable yet.
  bool HasPending() const;

 private:
  struct File {
    Bytes durable;
    Bytes now;
    std::vector<DiskCall> pending;
  };
  struct NameChange {
    std::string name;
    size_t file = 0;
    bool create = false;
  };
  using Names = std::map<std::string, size_t>;  // indexes into files_

  static void Change(const NameChange& change, Names& names);
  static void Write(const DiskCall& call, Bytes& content);
  static void WriteTorn(const DiskCall& call, Bytes& content, SimRandom& random);
  // One unsynced call reaches the disk: whole, not at all, or torn.
  static void Settle(const DiskCall& call, uint32_t keep_permille, Bytes& content,
                     SimRandom& random);
  static Bytes Survive(const File& file, uint64_t kind, SimRandom& random);

  std::vector<File> files_;
  Names names_;
  Names durable_names_;
  std::vector<NameChange> pending_names_;
};

}  // namespace atozsync
