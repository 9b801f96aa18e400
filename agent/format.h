// Numbers and times as people and JSON readers want them. Pure functions.
#pragma once

#include <cstdint>
#include <string>

namespace atozsync {

std::string UtcTime(int64_t wall_ms);       // "2026-11-23T10:00:00Z"
std::string UtcTimeOfNs(int64_t wall_ns);   // "2026-11-23T10:00:00.123456789Z"
std::string FileStampUtc(int64_t wall_ms);  // "20261123T100000Z", for file names
std::string HumanBytes(uint64_t bytes);     // "3.6 GB"
std::string Count(uint64_t count, const std::string& one, const std::string& many);  // "1 file"

}  // namespace atozsync
