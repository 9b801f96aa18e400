// SimFileSystem: the folder of one simulated replica, in memory, with what a power loss, a full
// disk, a failing call or another program can do to it. docs/simulation.md states the fault model.
//
// Three faces: FileSystem for the agent (counted, hooked, failing on demand); user calls for "some
// other program on this machine" (never counted, hooked or failed on purpose); faults for the test.
// Single-threaded; outlives its handles and listeners. User calls take '/'-separated paths that the
// test knows to be valid.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sync/base/clock.h"
#include "sync/base/file_system.h"
#include "tests/sim/sim_disk_image.h"
#include "tests/sim/sim_inode.h"
#include "tests/sim/sim_random.h"

namespace atozsync {

enum class FsCall : uint8_t {
  kStat,
  kList,
  kOpenRead,
  kRead,
  kSpace,  // these change nothing
  kCreate,
  kOpenWrite,
  kWrite,
  kTruncate,
  kMakeDir,
  kRemoveFile,
  kRemoveDir,
  kRename,
  kExchange,
  kSetMtime,
  kSyncDir,
  kSyncFiles,
};
inline constexpr int kFsCallCount = 17;
const char* FsCallName(FsCall call);
inline bool IsMutating(FsCall call) {
  return call >= FsCall::kCreate;
}

struct SimFileSystemOptions {
  int64_t time_granularity_ns = 1;  // of mtime and ctime; FAT 2 s, ext3 1 s
  bool reuse_inodes = false;        // the lowest free number first, as ext4 does
  bool random_list_order = true;
  uint64_t capacity_bytes = uint64_t{1} << 40;
  // It can be asked who writes to a file, but of every second one only: where it belongs to another
  // user, the system does not say.
  bool knows_writers = false;
  bool user_writes_durable = true;  // false: a power loss may take what a user just wrote
  // As on Windows: no two names are swapped in one step, names are case-insensitive, and there are
  // names that no file can have.
  bool windows = false;
};

// Something happened to a name. What a system's watcher could have seen.
struct FsChange {
  enum class Kind : uint8_t { kMade, kWritten, kClosed, kRemoved, kMovedFrom, kMovedTo };
  Kind kind = Kind::kMade;
  RelPath path;
  bool is_dir = false;
  bool by_user = false;
};

// What a user sees at one name. Times of directories are left 0: nobody carries them.
struct TreeNode {
  NodeKind kind = NodeKind::kFile;
  std::string content;
  int64_t mtime_ns = 0;
  bool operator==(const TreeNode&) const = default;
};
using Tree = std::map<std::string, TreeNode>;
void PrintTo(const TreeNode& node, std::ostream* out);

class SimFileSystem final : public FileSystem {
 public:
  SimFileSystem(const Clock& clock, SimRandom random, SimFileSystemOptions options = {});
  ~SimFileSystem() override;
  SimFileSystem(const SimFileSystem&) = delete;
  SimFileSystem& operator=(const SimFileSystem&) = delete;

  // --- The agent's calls (FileSystem). ---
  Result<FileStat> Stat(const RelPath& path) override;
  Result<std::vector<DirEntry>> List(const RelPath& dir) override;
  Result<std::unique_ptr<File>> OpenRead(const RelPath& path) override;
  Result<std::unique_ptr<File>> Create(const RelPath& path) override;
  Result<std::unique_ptr<File>> OpenWrite(const RelPath& path) override;
  Status MakeDir(const RelPath& path) override;
  Status RemoveFile(const RelPath& path) override;
  Status RemoveDir(const RelPath& path) override;
  Status RenameNoReplace(const RelPath& from, const RelPath& to) override;
  Status Exchange(const RelPath& a, const RelPath& b) override;
  Result<Settled> SettleExchange(const RelPath& a, const RelPath& b, const RelPath& aside) override;
  Status SetMtime(const RelPath& path, int64_t mtime_ns) override;
  Status SyncDir(const RelPath& dir) override;
  Status SyncFiles(const std::vector<RelPath>& files) override;
  Writers WritersOf(const RelPath& path) override;
  Result<VolumeSpace> Space() override;
  int64_t TimeGranularityNs() const override { return options_.time_granularity_ns; }
  std::optional<std::string> NameProblem(std::string_view name) const override;
  bool case_insensitive() const override { return options_.windows; }

  // --- Cost: how often the agent called, what it read and wrote. ---
  uint64_t calls(FsCall call) const { return calls_[static_cast<size_t>(call)]; }
  uint64_t mutating_calls() const;
  uint64_t bytes_read() const { return bytes_read_; }
  uint64_t bytes_written() const { return bytes_written_; }

  // --- The user's calls. A missing parent is made. ---
  // Into the existing file (same inode), as most programs save.
  Status WriteFile(std::string_view path, std::string_view content);
  // A new file beside it, renamed over it (new inode), as Office saves.
  Status ReplaceFile(std::string_view path, std::string_view content);
  Status Append(std::string_view path, std::string_view content);
  // A program that keeps a file open: what it writes reaches the file wherever it is by then.
  Result<std::unique_ptr<File>> OpenAsUser(std::string_view path);
  // Replaces a file that stands at `to`, as rename() does.
  Status Rename(std::string_view from, std::string_view to);
  // A file, or a directory with all below it.
  Status Remove(std::string_view path);
  Status MakeDirs(std::string_view path);
  Status MakeOther(std::string_view path);  // a symbolic link, socket or device
  Status SetUserMtime(std::string_view path, int64_t mtime_ns);
  std::optional<std::string> ReadFile(std::string_view path) const;
  bool Exists(std::string_view path) const;
  bool IsOpenForWriting(std::string_view path) const;  // by whomever
  // What stands there, below `.atozsync` too.
  std::optional<TreeNode> Look(std::string_view path) const;
  // All that a user sees: everything but `.atozsync`.
  Tree UserTree() const;
  // Everything below `dir`, by default all that the agent keeps for itself.
  Tree ListKept(std::string_view dir = ".atozsync") const;
  // Every file on the volume, mounted or not, the agent's own too.
  void VisitVolume(const std::function<void(std::string_view path, ByteSpan content)>& visit) const;

  using Listener = std::function<void(const FsChange&)>;
  // Called inside the change, for the agent's and the user's. The id removes it again.
  uint64_t AddListener(Listener listener);
  void RemoveListener(uint64_t id) { listeners_.erase(id); }

  // --- Faults. ---
  // Called before every call of the agent. May make user calls, power off, inject; the agent's call
  // then meets what the hook left. `other` is the second path of a rename or exchange.
  using Hook = std::function<void(FsCall call, const RelPath& path, const RelPath& other)>;
  void SetHook(Hook hook) { hook_ = std::move(hook); }
  // The nth call of this kind from now (1 = the next) fails once, with no effect – a write with
  // some. Errors made this way are marked `injected`.
  void FailCall(FsCall call, uint64_t nth, int os_errno);
  void FailMutation(uint64_t nth, int os_errno);  // the nth of all mutating calls
  // Each call of the agent fails this often; 0 switches it off.
  void FailRandomly(uint32_t permille, int os_errno);
  // No call fails any more because a test asked for it; locked nodes are free.
  void ClearFailures();
  // Every call of the agent but Stat() that names this very node fails (locked: EBUSY, unreadable:
  // EACCES) until it is set to 0. Stays with the node when it is renamed. False when nothing is
  // there.
  bool SetNodeError(std::string_view path, int os_errno);
  void SetCapacity(uint64_t bytes) { options_.capacity_bytes = bytes; }
  uint64_t used_bytes() const { return used_bytes_; }
  // A bit flips on the medium: no time changes, nobody is told. False when there is no such byte.
  bool Corrupt(std::string_view path, uint64_t offset);

  // From here on every call fails and changes nothing: power is gone, possibly in the middle of the
  // agent's work. Crash() must follow.
  void PowerOff() { powered_ = false; }
  bool powered() const { return powered_; }
  // It was the process only that ended there: nothing is lost, nothing more is durable.
  void PowerOn() { powered_ = true; }
  // Power loss and restart (with or without PowerOff() before): what was synced is there, of the
  // rest a part that `random` chooses. All open handles are dead.
  void Crash(SimRandom& random);
  // The worst case: nothing is there but what was synced.
  void CrashKeepingNothing();
  // sync(1): everything as it is now is durable.
  void SyncAll();
  // A snapshot of the whole volume, as programs see it now, and the volume set back to it: all that
  // came since is gone, open handles are dead.
  SimDiskImage TakeImage() const;
  void PutBack(const SimDiskImage& image);
  size_t unsynced_name_changes() const { return journal_.pending(); }

  // The volume goes away: an empty directory stands in its place, without the root marker. What is
  // written there meanwhile is hidden again by Mount(). Open handles keep working on the volume.
  void Unmount();
  void Mount();
  bool mounted() const { return root_ == volume_root_; }

 private:
  friend class SimFile;
  enum class Actor : uint8_t { kAgent, kUser };

  struct Failure {
    std::optional<FsCall> call;  // none: any mutating one
    uint64_t calls_left;
    int os_errno;
  };

  // sim_file_system_faults.cc: before every call of the agent.
  Status Enter(FsCall call, const RelPath& path, const RelPath& other = RelPath());
  std::optional<Error> InjectedError(FsCall call, const RelPath& path);
  Status CheckPower(const RelPath& path) const;

  // sim_file_system_tree.cc: looking up and changing names.
  Result<SimInodePtr> Find(FsCall call, const RelPath& path, Actor actor) const;
  // Errors name `subject`, the path that the call is about.
  Result<SimInodePtr> FindDir(FsCall call, const RelPath& dir, const RelPath& subject) const;
  SimInodePtr FindOrNull(const RelPath& path) const;
  Result<SimInodePtr> Make(FsCall call, const RelPath& path, NodeKind kind, Actor actor);
  SimInodePtr TwinOf(const SimInode& dir, const std::string& name) const;
  bool IsTaken(const SimInode& dir, const std::string& name) const;
  Status CheckName(FsCall call, const RelPath& path) const;
  Status RemoveNode(FsCall call, const RelPath& path, Actor actor);
  Status Move(const RelPath& from, const RelPath& to, bool replace, Actor actor);
  void SetSlot(const SimInodePtr& dir, const std::string& name, const SimInodePtr& node);
  void Record(SimJournalOp op, Actor actor);
  SimInodePtr NewInode(NodeKind kind);
  void ReleaseIfUnused(SimInode& node);
  FileStat StatOf(const SimInode& node) const;
  std::optional<RelPath> PathOf(const SimInode& node) const;
  int64_t FileTimeNs() const;
  void Report(FsChange::Kind kind, const RelPath& path, bool is_dir, Actor actor);
  std::unique_ptr<File> OpenHandle(const SimInodePtr& node, const RelPath& path, bool writable,
                                   Actor actor);
  void ContentChanged(SimInode& node, Actor actor);
  void SetTimes(SimInode& node, int64_t mtime_ns, Actor actor);
  uint64_t FreeBytes() const {
    return options_.capacity_bytes > used_bytes_ ? options_.capacity_bytes - used_bytes_ : 0;
  }

  // sim_file_system_user.cc
  Status MakeParents(const RelPath& path);
  Status WriteThrough(const RelPath& path, std::string_view content, bool append);
  void Collect(const SimInode& dir, const std::string& prefix, bool with_agents, Tree& tree) const;
  static void Visit(const SimInode& dir, std::string& path,
                    const std::function<void(std::string_view, ByteSpan)>& visit);

  // sim_file_system_faults.cc
  void Restart(SimRandom* random);
  void Rebuild(SimInode& dir, SimRandom* random, std::set<uint64_t>& numbers);

  const Clock& clock_;
  SimRandom random_;
  SimFileSystemOptions options_;
  SimInodePtr root_;         // what paths start from now
  SimInodePtr volume_root_;  // the folder's volume, also while it is not mounted
  SimJournal journal_;
  uint64_t next_number_ = 2;
  std::set<uint64_t> free_numbers_;
  uint64_t used_bytes_ = 0;
  uint64_t generation_ = 1;  // counts restarts: handles of an earlier one are dead
  bool powered_ = true;

  std::array<uint64_t, kFsCallCount> calls_{};
  uint64_t bytes_read_ = 0;
  uint64_t bytes_written_ = 0;
  std::map<uint64_t, Listener> listeners_;
  uint64_t next_listener_ = 1;

  Hook hook_;
  bool in_hook_ = false;
  std::vector<Failure> failures_;
  uint32_t random_failure_permille_ = 0;
  int random_failure_errno_ = 0;
};

}  // namespace atozsync
