// The conflict report for other programs and for paper. Pure functions on the JSON of
// `conflicts list`.
#pragma once

#include <string>

#include "agent/json_reports.h"

namespace atozsync {

// Whose report it is, and of when.
struct ExportFacts {
  std::string replica;
  std::string made;  // UTC
};

// With a header line, as spreadsheets open it: agent/csv.h.
std::string ConflictsCsv(const Json& conflicts);
// One page without scripts and without anything from elsewhere, made to be printed.
std::string ConflictsHtml(const Json& conflicts, const ExportFacts& facts);

}  // namespace atozsync
