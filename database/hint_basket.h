// HintBasket: collects what the poller and the walks noticed, by patient, until the folders' names
// are known and hints can be given. A patient is in it once, however often he was noticed.
//
// One thread at a time. At most kPatientsMax patients and kFilesMax files; more becomes one hint
// for the root ("anywhere"). They are given out kTakenMax at a time: a question waits behind a few
// statements, and whoever is told of them has a turn's work with them.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "database/connection.h"
#include "database/folder_map.h"
#include "sync/base/row_source.h"

namespace atozsync {

class HintBasket {
 public:
  static constexpr size_t kPatientsMax = 5000;
  static constexpr size_t kFilesMax = 1000;
  static constexpr size_t kTakenMax = 250;  // patients and files: five statements

  // Document rows of this patient came, changed or went; 0: those of MedLabEmbeddedFiles.
  void Changed(int64_t pat_num);
  // Rows of this patient are looked at soon, or this file is.
  void Urgent(int64_t pat_num);
  void UrgentFile(int64_t pat_num, const std::string& file_name);
  void Anywhere();

  bool empty() const;
  // The next hints, what is urgent first; on an error it keeps what it has. Patients without a
  // folder give none.
  Result<std::vector<RowHint>> Take(DatabaseConnection& connection, FolderMap& folders);

 private:
  HintBasket NextPart() const;
  void Remove(const HintBasket& part);
  std::vector<RowHint> Hints(const std::map<int64_t, RelPath>& dirs) const;

  bool anywhere_ = false;
  std::set<int64_t> changed_;
  std::set<int64_t> urgent_;
  std::set<std::pair<int64_t, std::string>> urgent_files_;
};

}  // namespace atozsync
