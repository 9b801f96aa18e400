// FileSystem: part of the seam. One directory tree, everything named relative to its root.
//
// Blocking calls, thread-safe: called on worker lanes. No call follows a symbolic link or leaves
// the root, not even for a directory that somebody swaps for a link in that instant. Errors name
// the path. A name that is a symbolic link, device, socket or pipe has kind kOther.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sync/base/bytes.h"
#include "sync/base/rel_path.h"
#include "sync/base/status.h"

namespace atozsync {

enum class NodeKind : uint8_t { kFile, kDir, kOther };

// Does a program have the file open for writing?
enum class Writers : uint8_t { kUnknown, kNone, kSome };

struct FileStat {
  NodeKind kind = NodeKind::kFile;
  uint64_t size = 0;     // bytes; 0 for directories
  int64_t mtime_ns = 0;  // since 1970 UTC
  int64_t ctime_ns = 0;  // change time: cannot be set by programs
  uint64_t inode = 0;    // file id on this volume; may be reused after a removal
  bool operator==(const FileStat&) const = default;
};

// What was to be done about an exchange that did not come to its end.
enum class Settled : uint8_t { kNothing, kFinished, kUndone, kAside };

struct DirEntry {
  std::string name;
  FileStat stat;
};

struct VolumeSpace {
  uint64_t total_bytes = 0;
  uint64_t free_bytes = 0;  // available to this process
};

// An open file. Used by one thread at a time. Closed by its destructor.
class File {
 public:
  virtual ~File() = default;
  // Reads up to out.size() bytes; fewer only at the end of the file; 0 at or after it.
  virtual Result<size_t> ReadAt(uint64_t offset, MutableByteSpan out) = 0;
  // Writes all of `data`.
  virtual Status WriteAt(uint64_t offset, ByteSpan data) = 0;
  virtual Status Truncate(uint64_t size) = 0;
  virtual Status SetMtime(int64_t mtime_ns) = 0;
  // Makes bytes and length durable.
  virtual Status Sync() = 0;
  virtual Result<FileStat> Stat() = 0;
};

class FileSystem {
 public:
  virtual ~FileSystem() = default;

  // kNotFound when nothing is there. Does not follow a link at the last component either.
  virtual Result<FileStat> Stat(const RelPath& path) = 0;
  // All names but "." and "..", in no particular order. An entry that vanishes meanwhile is left
  // out. kNotFound when `dir` is not there or not a directory.
  virtual Result<std::vector<DirEntry>> List(const RelPath& dir) = 0;
  // kInvalid when `path` is not a regular file.
  virtual Result<std::unique_ptr<File>> OpenRead(const RelPath& path) = 0;
  // A new, empty file for reading and writing. kExists when something is there.
  virtual Result<std::unique_ptr<File>> Create(const RelPath& path) = 0;
  // An existing file for reading and writing.
  virtual Result<std::unique_ptr<File>> OpenWrite(const RelPath& path) = 0;
  // kExists when something is there; the parent must exist.
  virtual Status MakeDir(const RelPath& path) = 0;
  virtual Status RemoveFile(const RelPath& path) = 0;
  // kExists when it is not empty.
  virtual Status RemoveDir(const RelPath& path) = 0;
  // Files and directories. kExists when `to` is there: atomic, never replaces.
  virtual Status RenameNoReplace(const RelPath& from, const RelPath& to) = 0;
  // Swaps two existing names in one step: no reader finds either missing. Where the system has no
  // such step (Windows), `b` is missing for an instant, and a crash – or a failure that could not
  // be undone – may leave what stood there at ExchangeRoom(a): SettleExchange() then.
  virtual Status Exchange(const RelPath& a, const RelPath& b) = 0;
  // After an exchange that failed or was cut off: finishes it where only its last step is missing,
  // else undoes it. What came out of `b`, whose name is taken again by then, goes to `aside`, a
  // free name whose directory is made.
  virtual Result<Settled> SettleExchange(const RelPath& a, const RelPath& b, const RelPath& aside);
  virtual Status SetMtime(const RelPath& path, int64_t mtime_ns) = 0;
  // Makes the entries (names) of a directory durable.
  virtual Status SyncDir(const RelPath& dir) = 0;
  // The same for all of these, tried twice; may choose one call for all. One that is not there has
  // none.
  virtual Status SyncDirs(const std::vector<RelPath>& dirs);
  // Makes bytes, length and times of all these files durable; may choose one call for all.
  virtual Status SyncFiles(const std::vector<RelPath>& files) = 0;
  // As of this instant; the asking itself does not count. kUnknown wherever it cannot be said for
  // sure, and where there is no such file.
  virtual Writers WritersOf(const RelPath& path);
  virtual Result<VolumeSpace> Space() = 0;
  // File times are kept in steps of so much: 1 on most Linux volumes, 100 on NTFS, whole seconds on
  // some. Fixed while it is open.
  virtual int64_t TimeGranularityNs() const { return 1; }
  // What it makes of a file time that is set.
  int64_t TimeAsKept(int64_t time_ns) const;

  // Why no file here can have that name (one component), in words for a person; nothing where one
  // can. All calls refuse such names (kUnsupported).
  virtual std::optional<std::string> NameProblem(std::string_view name) const;
  // Names that differ in letter case only exclude each other: the one that is there makes the other
  // taken (kExists), and is not found by it (kNotFound).
  virtual bool case_insensitive() const { return false; }
};

// Beside `a`, for what stands at the other name while they are exchanged.
RelPath ExchangeRoom(const RelPath& a);

}  // namespace atozsync
