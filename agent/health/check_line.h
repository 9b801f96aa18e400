// One line for monitoring programs: `status --check`, in the form that Nagios and its relatives
// read. https://nagios-plugins.org/doc/guidelines.html Pure.
#pragma once

#include <string>

#include "agent/json_reports.h"

namespace atozsync {

struct CheckLine {
  enum Code : int { kOk = 0, kWarning = 1, kCritical = 2, kUnknown = 3 };
  Code code = kUnknown;
  std::string line;  // without its end
};

// Of the JSON of GET /v1/overview.
CheckLine CheckOverview(const Json& overview);
CheckLine CheckFailed(CheckLine::Code code, const std::string& why);

}  // namespace atozsync
