// The conflict report for other programs and for paper. Pure functions on the JSON of
// `conflicts list`.
#pragma once

#include <string>

#include "agent/json_reports.h"

namespace atozsync {

// With a header line; agent/csv.h.
std::string ConflictsCsv(const Json& conflicts);
// One page without scripts and without anything from elsewhere.
std::string ConflictsHtml(const Json& conflicts);

}  // namespace atozsync
