// What `doctor` looks at on this machine: the folder and its volume, the state directory, the
// system's limits for watching, the addresses to listen on. Looks, and changes nothing. Blocking.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "agent/config.h"
#include "agent/doctor/diagnosis.h"
#include "agent/state_dir.h"

namespace atozsync {

// There, marked as this program's, and open for writing.
Diagnosis CheckFolder(const std::string& root);
Diagnosis CheckSpace(const std::string& root);
// Closed to other users, and so are the keys in it.
Diagnosis CheckStateDir(const StateDir& state);
// `directories`: in the folder, where the running agent has counted them. Empty: this system has
// no such limit.
std::optional<Diagnosis> CheckWatches(const std::string& root, std::optional<uint64_t> directories);
Diagnoses CheckListening(const Config& config);

Diagnoses CheckMachine(const StateDir& state, const Config& config,
                       std::optional<uint64_t> directories);

// What the numbers mean.
Diagnosis JudgeSpace(const std::string& root, uint64_t free_bytes, uint64_t total_bytes);
Diagnosis JudgeWatches(uint64_t directories, uint64_t watches_max);

}  // namespace atozsync
