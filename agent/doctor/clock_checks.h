// What `doctor` looks at in clocks: how far those of the database server and of connected replicas
// are from this machine's. Nothing here decides by a clock what is newer than what, but people do:
// Open Dental writes the server's time into rows, and files and conflicts are listed by time.
// Reads, and changes nothing. CheckServerClock() blocks within the times of DatabaseConnection.
#pragma once

#include <cstdint>
#include <string>

#include "agent/doctor/diagnosis.h"
#include "database/connection.h"

namespace atozsync {

inline constexpr int64_t kClockWarningMs = 2'000;   // more than a question and an answer take
inline constexpr int64_t kClockProblemMs = 60'000;  // rows and files have another minute

Diagnosis CheckServerClock(DatabaseConnection& connection, const std::string& name);
// Of the peers of `GET /v1/status`: those that are connected, each as of its last connecting. Empty
// when there is none.
Diagnoses CheckPeerClocks(const Json& status);

// What the number means. `whose`: "the database server", "the replica north-office".
Diagnosis JudgeClock(const std::string& check, const std::string& whose, int64_t ahead_ms);

}  // namespace atozsync
