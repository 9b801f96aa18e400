// What `doctor` looks at in the practice's database: whether it answers, what this user may do, and
// whether Open Dental, its replication and its workstations fit to the folder that is kept the
// same. Reads, and changes nothing. Blocking, within the times of DatabaseConnection.
#pragma once

#include <string>
#include <vector>

#include "agent/config.h"
#include "agent/doctor/diagnosis.h"
#include "agent/setup/image_root.h"
#include "database/connection.h"

namespace atozsync {

// All of it; one diagnosis when there is no database, or none that answers.
Diagnoses CheckDatabase(const Config& config, const ThisMachine& machine);

// What the answers mean.
Diagnosis JudgeServerId(const PracticeFacts& facts);
// `frozen` and `problem`: as HealthWatch has them.
Diagnosis JudgeReplication(const PracticeFacts& facts, const std::string& frozen,
                           const std::string& problem);
Diagnosis JudgeRoot(const PracticeFacts& facts, const ThisMachine& machine,
                    const std::string& root);
// Two servers that use one folder over the network.
Diagnosis JudgeServers(const PracticeFacts& facts, const ThisMachine& machine);
Diagnosis JudgeWorkstations(const PracticeFacts& facts, const ThisMachine& machine,
                            const std::string& root);

}  // namespace atozsync
