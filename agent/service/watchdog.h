// Tells the service manager that the loop turns, as often as it wants to hear it (systemd's
// WATCHDOG_USEC). Fed from the loop itself and by nothing else: a loop that is stuck says nothing,
// and the manager starts the agent anew. Does nothing where nobody asks. Loop thread only.
#pragma once

#include <cstdint>

#include "sync/base/executor.h"

namespace atozsync {

// How long between two words; 0: nobody wants any. Half of what the manager waits.
int64_t WatchdogIntervalMs();
// For as long as `executor` runs.
void FeedWatchdog(Executor& executor, int64_t interval_ms);

}  // namespace atozsync
