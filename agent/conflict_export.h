// The conflict report for other programs and for paper. Pure functions on the JSON of
// `conflicts list`.
#pragma once

#include <string>

#include "agent/json_reports.h"

namespace atozsync {

// RFC 4180, with a header line. A cell that a spreadsheet would run as a formula gets a ' in front.
std::string ConflictsCsv(const Json& conflicts);
// One page without scripts and without anything from elsewhere.
std::string ConflictsHtml(const Json& conflicts);

}  // namespace atozsync
