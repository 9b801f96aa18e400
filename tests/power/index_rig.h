// IndexRig: a SqliteIndex on a PowerVfs, in a directory of its own; runs the workload on it and
// looks whether an index that was left in the middle comes back as it must.
//
// A run is several sessions: the index is closed and opened again after every few batches. The log
// is small (kCheckpointPages), so that it is moved into the file and begun anew within commits too.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>

#include "sync/index/sqlite_index.h"
#include "tests/contract/temp_dir.h"
#include "tests/power/index_workload.h"
#include "tests/power/power_vfs.h"

namespace atozsync {

using Files = std::map<std::string, Bytes>;

struct IndexRun {
  std::vector<DiskCall> log;
  std::vector<size_t> begun;  // [k]: recorded calls when batch k was handed over
  std::vector<size_t> acked;  // [k]: recorded calls when it returned OK
  Status error;               // the first one that the index returned

  // Of a crash after `calls` recorded calls: the state that must be there at least …
  size_t Low(size_t calls) const;
  // … and at most.
  size_t High(size_t calls) const;
};

class IndexRig {
 public:
  static constexpr size_t kBatchesPerSession = 10;
  static constexpr int kCheckpointPages = 60;

  explicit IndexRig(const IndexWorkload& work, int checkpoint_pages = kCheckpointPages);

  PowerVfs& vfs() { return vfs_; }
  const std::string& dir() const { return dir_.path(); }
  Result<std::unique_ptr<SqliteIndex>> Open();

  // From what is in the directory, which is state `from`, to the end of the workload or the first
  // error. Fails the test where an index gives a wrong answer, or forgets an error.
  IndexRun Run(size_t from, const VfsFault& fault, uint64_t seed);
  // Opens it, looks, and closes it; which state it was. Fails the test where it does not open, or
  // is none of the states low … high, or SQLite finds fault with the file.
  std::optional<size_t> Look(size_t low, size_t high);
  // Recorded calls when Look() had opened it: from here on it may have told others what it knows.
  size_t calls_when_opened() const { return calls_when_opened_; }
  // The same for other files; then goes on with the next batch – or with all, to the end.
  void ExpectRecovers(const Files& files, size_t low, size_t high, bool to_the_end);

 private:
  // Commits until the end of the session; the index and the model agree after it.
  void RunSession(SqliteIndex& index, IndexRun& run, size_t& next);
  // `sequence` and `totals`: what it had before the call that failed.
  void ExpectErrorSticks(SqliteIndex& index, Sequence sequence, const IndexTotals& totals);
  void ExpectSoundFile();

  const IndexWorkload& work_;
  TempDir dir_;
  PowerVfs vfs_;
  int checkpoint_pages_;
  size_t calls_when_opened_ = 0;
};

// Every moment instead of some of them: tests labelled slow.
bool FullRun();

}  // namespace atozsync
