// The consistency report: which rows have no file here, which files have no row, and what else does
// not fit between the practice's database and the folder. It reads and tells; it repairs nothing.
//
// Blocking, on a thread of its own; what it asks of database and folder comes in through two
// interfaces. Memory is bounded whatever there is of rows and files: both go to a temporary file
// (report_store.h) and are joined there. Files are listed first, rows after, and what seems amiss
// is looked for once more: work that goes on meanwhile is not a finding.
#pragma once

#include <array>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "database/named_paths.h"
#include "sync/base/status.h"

namespace atozsync {

// Ends a run from another thread. Shared by both; any thread.
class Interrupt {
 public:
  void Set();
  bool is_set();
  // Waits; true: set meanwhile (or before).
  bool WaitMs(int64_t wait_ms);

 private:
  std::mutex mutex_;  // guards set_
  std::condition_variable changed_;
  bool set_ = false;
};

enum class FilePlace : uint8_t {
  kNowhere,
  kHere,
  kComing,  // a peer announced it, it is not here yet
  kHeld,    // waits here: for its row, behind the brake, gone while its row stands
};

struct ListedFile {
  RelPath path;
  FilePlace place = FilePlace::kHere;
  std::string from;   // kComing: the peer's name; kHeld: why, for a person
  bool kept = false;  // LookUp() only: kept versions of it are here
};

// Whether the other replicas have a file.
struct PeersWord {
  bool asked = false;
  std::vector<std::string> have;
  std::vector<std::string> silent;  // not connected, or no answer
};

// The files this replica knows of. Called on the report's thread; may block. kCancelled after the
// run was interrupted.
class FileList {
 public:
  static constexpr size_t kPageMax = 1000;  // of LookUp() and AskPeers(); about, of NextPage()
  virtual ~FileList() = default;
  // The next files, in any order but each once per place (kHere, kComing, kHeld); none = the end.
  virtual Result<std::vector<ListedFile>> NextPage() = 0;
  // As things stand now, in order.
  virtual Result<std::vector<ListedFile>> LookUp(const std::vector<RelPath>& paths) = 0;
  // In order.
  virtual Result<std::vector<PeersWord>> AskPeers(const std::vector<RelPath>& paths) = 0;
};

class RowTaker {
 public:
  virtual ~RowTaker() = default;
  virtual void OnPatient(int64_t pat_num, const RelPath& folder) = 0;
  // `table` is one of NamingTables(), by index.
  virtual void OnRow(size_t table, FileRow row) = 0;
  virtual void OnPassedOver(size_t table, const std::string& why) = 0;
  virtual void OnProgress(const std::string& text) = 0;
};

// The rows that name files. Called on the report's thread; blocks.
class FileRowSource {
 public:
  virtual ~FileRowSource() = default;
  virtual Status ReadAll(RowTaker& taker) = 0;
};

enum class FindingKind : uint8_t {
  kMissing,      // a row names a file that is not here
  kOrphan,       // a file that no row names, in a folder where every file has one
  kSeveralRows,  // more than one row for a file
  kWrongFolder,  // the file is in another folder than its row says
  kCaseOnly,     // names that differ in letter case only
};
inline constexpr size_t kFindingKinds = 5;
const char* FindingKindName(FindingKind kind);  // "missing", "orphan", "several-rows", …

struct Finding {
  FindingKind kind = FindingKind::kMissing;
  std::string table;    // empty: no row
  int64_t key = 0;      // primary key
  int64_t pat_num = 0;  // 0 = none
  RelPath path;         // root: the row names no possible place
  RelPath found_at;     // kWrongFolder, kCaseOnly: where it is
  // kMissing: "in-transit", "held", "nowhere" (every replica was asked), "not-here".
  std::string where;
  std::string from;  // kMissing, in transit: the replica that has it
  std::string text;  // for a person
};

struct ReportCounts {
  uint64_t files = 0;  // here
  uint64_t rows = 0;   // that name a file
  std::array<uint64_t, kFindingKinds> findings{};
  uint64_t in_transit = 0;                       // of the missing ones
  uint64_t held = 0;                             // of the missing ones
  std::array<uint64_t, kNoFileCount> no_file{};  // rows that need no file, by NoFile
  std::vector<uint64_t> rows_of_table;           // as NamingTables()
  std::vector<std::string> passed_over;          // "emailtemplate: …"
  uint64_t peers_asked = 0;                      // paths that the peers were asked for
  uint64_t findings_total() const;
};

struct ReportOptions {
  std::string scratch_file;  // made, and removed in the end
  bool cluster = false;      // ask the peers about files that nobody announced
  size_t ask_max = 1000;     // at most so many
};

using TakeFinding = std::function<void(const Finding&)>;
using TakeProgress = std::function<void(const std::string&)>;

// kCancelled when interrupted.
Result<ReportCounts> MakeReport(const ReportOptions& options, FileRowSource& rows, FileList& files,
                                Interrupt& interrupt, const TakeFinding& take,
                                const TakeProgress& progress);

}  // namespace atozsync
