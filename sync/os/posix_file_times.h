// How exactly a volume keeps file times: found out by setting one. Stateless; any thread.
#pragma once

#include <cstdint>

namespace atozsync {

// The time that volumes are tried with: its steps of every known size differ.
inline constexpr int64_t kTriedTimeNs = 1'767'600'001'123'456'789;

// The step of which `got` is what was kept of `wanted`: 1, 100 (NTFS), 1,000, 1,000,000,
// 10,000,000 (exFAT), a second, or two (FAT).
int64_t TimeStepNs(int64_t wanted_ns, int64_t got_ns);

// By a nameless file, or where there are none by one in the staging folder. 1 where neither can be
// made: nothing is written there then.
int64_t ProbeTimeGranularityNs(int root_fd);

}  // namespace atozsync
