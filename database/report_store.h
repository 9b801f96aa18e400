// ReportStore: the temporary file in which the report joins rows and files: two tables in the order
// of folded names, so that both joining and looking for twins are walks side by side.
//
// Its memory is SQLite's page cache, 8 MiB; nothing in it needs a sort. One thread. The first error
// sticks (health()); the file is removed by the destructor.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "database/report.h"
#include "sync/index/sqlite_db.h"

namespace atozsync {

struct StoredRow {
  size_t table = 0;
  int64_t key = 0;
  int64_t pat_num = 0;
  uint64_t count = 1;  // rows that say the same
  RelPath path;
  RelPath other_path;
  std::string name;
  NoFile forgiven = NoFile::kHasFile;
  std::string trouble;
  FilePlace place = FilePlace::kNowhere;  // of a file that is not here
  std::string from;
};

struct StoredFile {
  RelPath path;
  int64_t pat_num = 0;
};

class ReportStore {
 public:
  static Result<std::unique_ptr<ReportStore>> Open(const std::string& file);
  ~ReportStore();

  void AddFile(const ListedFile& file);
  void AddPatient(int64_t pat_num, const RelPath& folder);
  void AddRow(size_t table, const FileRow& row);

  // Each stops when `take` returns false.
  using TakeRow = std::function<bool(StoredRow)>;
  using TakeFile = std::function<bool(StoredFile)>;
  // Files that no row names, where files need rows; those that a row means but for letter case are
  // left out. Kept for FindStray() and ForEachStray().
  void CollectStrays();
  // Rows whose file is not here.
  void ForEachMissing(const TakeRow& take);
  void ForEachStray(const TakeFile& take);
  // The first `rows_max` rows of each file that several name, with how many there are.
  using TakeRows = std::function<bool(const std::vector<StoredRow>& rows, uint64_t count)>;
  void ForEachShared(size_t rows_max, const TakeRows& take);
  // Files whose names differ in letter case only: the first two, and how many.
  using TakeTwins = std::function<bool(const RelPath&, const RelPath&, uint64_t count)>;
  void ForEachTwins(const TakeTwins& take);

  // A file here that is called so but for letter case; root = none.
  RelPath CaseTwin(const RelPath& path);
  // A stray of this name, in a folder of this patient where there is one; it is no stray any more.
  // Root = none.
  StoredFile TakeStray(const std::string& name, int64_t pat_num);
  // The patient who has the folder that the file is in; 0 = nobody.
  int64_t OwnerOf(const RelPath& file);

  const Status& health() const { return db_->health(); }

 private:
  ReportStore(std::string file, std::unique_ptr<Database> db)
      : file_(std::move(file)), db_(std::move(db)) {}

  const std::string file_;
  std::unique_ptr<Database> db_;
};

}  // namespace atozsync
