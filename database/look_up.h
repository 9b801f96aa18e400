// AnswerLookUp: asks the server which rows name these paths now. Only by primary key, or by the
// index on document.PatNum; the huge columns are tested there and never fetched.
//
// Blocks for the time of a few statements; one thread at a time. An error means that nothing is
// known about any of the paths.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "database/connection.h"
#include "database/folder_map.h"
#include "sync/base/rel_path.h"
#include "sync/base/row_source.h"

namespace atozsync {

// What one statement names at most.
inline constexpr size_t kPatNumsPerQuery = 50;
inline constexpr size_t kNamesPerQuery = 200;
inline constexpr size_t kKeysPerQuery = 200;

// True in SQL for rows of `document` whose picture is a file and not the database's own, and which
// are no placeholder of an upload. The name has to be complete beside that (place.h).
extern const char* const kDocumentIsAFile;

// "S/SmithJohn15" by patient number; who has no folder, or is no patient, is not in it. `folders`
// learns.
using PatientDirs = std::map<int64_t, RelPath>;
Result<PatientDirs> AskPatientDirs(DatabaseConnection& connection, FolderMap& folders,
                                   const std::vector<int64_t>& pat_nums);

// One state per path, in order.
Result<std::vector<RowState>> AnswerLookUp(DatabaseConnection& connection, FolderMap& folders,
                                           const std::vector<RelPath>& paths, int64_t now_ms);

}  // namespace atozsync
