// PowerVfs: SQLite's own VFS with a recorder in it, and faults on demand. Files are real ones in
// one directory; nothing is ever synced for real.
//
// Records every call that changes something, as DiskCalls (power_disk.h), so that the disk at each
// moment of a run can be built again afterwards. Offers neither shared memory nor memory maps: the
// index has to do without. Registered under `name` while it lives; the databases opened by it must
// be closed before. One thread.
#pragma once

#include <sqlite3.h>

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/power/power_disk.h"

namespace atozsync {

enum class VfsCall { kOpen, kRead, kWrite, kTruncate, kSync, kDelete, kAccess, kFileSize, kLock };
inline constexpr size_t kVfsCallKinds = 9;
const char* VfsCallName(VfsCall call);

struct VfsFault {
  uint64_t call = 0;     // the n-th call, from 1; 0 = none
  bool lasting = false;  // and every one after it
  bool full = false;     // writes and syncs fail for want of space
};

class PowerVfs {
 public:
  PowerVfs(std::string name, std::string dir);
  ~PowerVfs();
  PowerVfs(const PowerVfs&) = delete;
  PowerVfs& operator=(const PowerVfs&) = delete;

  const char* name() const { return name_.c_str(); }
  const std::string& dir() const { return dir_; }

  // Forgets what was recorded and counts calls from 1; what is in the directory is the beginning.
  void Start(const VfsFault& fault, uint64_t seed);
  const std::vector<DiskCall>& log() const { return log_; }
  // Calls of all kinds, reads too.
  uint64_t calls() const { return calls_; }
  // The fault has happened, to a call of this kind.
  std::optional<VfsCall> failed() const { return failed_; }
  SimRandom& random() { return random_; }

  // For the callbacks.
  struct OpenFile;
  sqlite3_vfs* base() const { return base_; }
  int Open(const char* path, sqlite3_file* file, int flags, int* out_flags);
  int Delete(const char* path, int sync_dir);
  // SQLITE_OK, or how this call is to fail.
  int Count(VfsCall call);
  void Record(DiskCall call) { log_.push_back(std::move(call)); }

 private:
  void NoticeOutsideChanges();

  std::string name_;
  std::string dir_;
  sqlite3_vfs* base_;
  sqlite3_vfs vfs_{};
  SimRandom random_{0};
  VfsFault fault_;
  uint64_t calls_ = 0;
  std::optional<VfsCall> failed_;
  std::vector<DiskCall> log_;
  std::set<std::string> names_;  // that the log, or the beginning, has
};

// Makes the directory hold exactly these files.
void WriteDirectory(const std::string& dir, const std::map<std::string, Bytes>& files);
std::map<std::string, Bytes> ReadDirectory(const std::string& dir);

}  // namespace atozsync
