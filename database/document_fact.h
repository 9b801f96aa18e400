// What the database says about the document that a path is, for a person who looks at it. Asks by
// primary key and by the index on document.PatNum. Blocks for the time of a few statements; one
// thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "database/connection.h"
#include "sync/base/rel_path.h"

namespace atozsync {

struct DocumentFact {
  int64_t doc_num = 0;
  int64_t pat_num = 0;
  std::string patient;   // "Smith, John"; empty: not known, or no right to know
  std::string category;  // the same
  std::string date;      // "2024-10-01 08:00:00", as the database has it
  std::string description;
};

// Nothing: no complete row names exactly this path, or the folder's name does not lead to the
// patient. A right that is missing leaves its field empty.
Result<std::optional<DocumentFact>> LookUpDocument(DatabaseConnection& connection,
                                                   const RelPath& path);

}  // namespace atozsync
