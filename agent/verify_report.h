// The consistency report as JSON (control API, `verify-db --json`) and as CSV. Pure functions.
#pragma once

#include <string>

#include "agent/json_reports.h"
#include "database/report.h"

namespace atozsync {

Json FindingJson(const Finding& finding);
// Everything but the findings themselves.
Json CountsJson(const ReportCounts& counts);

// Header line, and one line of a finding's JSON.
std::string FindingCsvHeader();
std::string FindingCsv(const Json& finding);

}  // namespace atozsync
