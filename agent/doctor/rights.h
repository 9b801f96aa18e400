// Whether the database user may do what the agent needs, and nothing else. Blocking.
#pragma once

#include <string>
#include <vector>

#include "agent/doctor/diagnosis.h"
#include "database/connection.h"

namespace atozsync {

// The rights that opendental-grants.sql gives, tried one by one.
struct RightsFound {
  std::vector<std::string> missing;     // SQL that gives them to this user
  std::vector<std::string> for_report;  // the same, but only verify-db wants to read there
  std::vector<std::string> excess;      // in words
  // As for_report, but only people who review conflicts are shown it.
  std::vector<std::string> for_review = {};
};
Result<RightsFound> FindRights(DatabaseConnection& connection, const std::string& database);

Diagnosis JudgeRights(const RightsFound& rights);

}  // namespace atozsync
