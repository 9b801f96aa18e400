// The nodes of a SimFileSystem and its journal: what stands in memory ("current") beside what would
// be found after a power loss ("durable"). Used by the file system's own sources and nobody else.
//
// Single-threaded. A directory's durable entries hold their nodes alive, also when the current tree
// has let them go.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "sync/base/bytes.h"
#include "sync/base/file_system.h"
#include "tests/sim/sim_random.h"

namespace atozsync {

struct SimInode;
using SimInodePtr = std::shared_ptr<SimInode>;
using SimEntries = std::map<std::string, SimInodePtr>;

struct SimInode {
  NodeKind kind = NodeKind::kFile;
  uint64_t number = 0;
  int64_t mtime_ns = 0;
  int64_t ctime_ns = 0;
  Bytes data;          // files
  SimEntries entries;  // directories

  // Where it hangs in the current tree; nullptr for a root and for what was removed.
  SimInode* parent = nullptr;
  std::string name;
  int open_handles = 0;
  int writers = 0;   // those of them that may write
  int os_errno = 0;  // every call that names it fails with this; 0 = none (locked, unreadable)

  // As of the last sync.
  Bytes durable_data;
  int64_t durable_mtime_ns = 0;
  int64_t durable_ctime_ns = 0;
  SimEntries durable_entries;
  bool dirty = false;  // files: bytes, length or times differ from the durable ones

  void MakeContentDurable() {
    durable_data = data;
    durable_mtime_ns = mtime_ns;
    durable_ctime_ns = ctime_ns;
    dirty = false;
  }
};

// One change of names, in the order it was made. It becomes durable as a whole or not at all, as in
// a journaling file system: a rename is never half there.
struct SimJournalOp {
  struct Slot {
    SimInodePtr dir;
    std::string name;
    SimInodePtr before;  // nullptr: the name was free
    SimInodePtr after;   // nullptr: the name is free
    int64_t ctime_ns;    // of `after`, which a rename changes too
  };
  std::vector<Slot> slots;

  bool moves_directory() const;
  bool Touches(const SimInode& dir) const;
  // Would the tree make no sense with this and without `earlier`?
  bool DependsOn(const SimJournalOp& earlier) const;
  void ApplyToDurable() const;
};

// The changes of names that no sync has made durable yet.
class SimJournal {
 public:
  void Add(SimJournalOp op);
  // Makes durable what touched `dir`, with all it depends on.
  void SyncDir(const SimInode& dir);
  // Makes the newest operation durable, with all it depends on.
  void SyncNewest();
  void SyncAll();
  // Power loss: some of the pending operations happened, the others never did. Either a prefix of
  // the journal (as ext4 and XFS do, never shorter than the last operation that was synced) or any
  // set that makes sense (as a log per directory may do); `random` chooses.
  void Crash(SimRandom& random);
  // Power loss of which nothing pending survives.
  void DropAll() { ops_.clear(); }
  size_t pending() const { return ops_.size(); }

 private:
  struct Pending {
    uint64_t sequence;
    SimJournalOp op;
  };
  // Adds to `keep` what the kept operations depend on, then applies them in order.
  void Commit(std::vector<bool> keep);

  // Older operations are written back, as a kernel does after some seconds.
  static constexpr size_t kPendingMax = 2'000;

  std::vector<Pending> ops_;
  uint64_t next_sequence_ = 1;
  uint64_t last_synced_ = 0;
};

}  // namespace atozsync
