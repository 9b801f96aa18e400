// What `doctor` looks at in the practice's database: whether it answers, what this user may do, and
// whether Open Dental, its replication and its workstations fit to the folder that is kept the
// same. Reads, and changes nothing. Blocking, within the times of DatabaseConnection.
#pragma once

#include <string>
#include <vector>

#include "agent/config.h"
#include "agent/doctor/finding.h"
#include "agent/setup/image_root.h"
#include "database/connection.h"

namespace atozsync {

// All of it; one finding when there is no database, or none that answers.
Findings CheckDatabase(const Config& config, const ThisMachine& machine);

// What the answers mean.
Finding JudgeServerId(const PracticeFacts& facts);
// `frozen` and `problem`: as HealthWatch has them.
Finding JudgeReplication(const PracticeFacts& facts, const std::string& frozen,
                         const std::string& problem);
Finding JudgeRoot(const PracticeFacts& facts, const ThisMachine& machine, const std::string& root);
// Two servers that use one folder over the network.
Finding JudgeServers(const PracticeFacts& facts, const ThisMachine& machine);
Finding JudgeWorkstations(const PracticeFacts& facts, const ThisMachine& machine,
                          const std::string& root);

}  // namespace atozsync
