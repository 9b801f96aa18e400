#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include "agent/service/service_process.h"
#include "agent/service/watchdog.h"

namespace atozsync {

int64_t WatchdogIntervalMs() {
  const char* wait_us = std::getenv("WATCHDOG_USEC");
  const char* pid = std::getenv("WATCHDOG_PID");
  if (wait_us == nullptr || (pid != nullptr && pid != std::to_string(::getpid()))) return 0;
  const long long us = std::atoll(wait_us);
  return us <= 0 ? 0 : std::max<int64_t>(us / 2000, 1);
}

void FeedWatchdog(Executor& executor, int64_t interval_ms) {
  if (interval_ms <= 0) return;
  NotifyServiceManager("WATCHDOG=1");
  executor.PostAfter(interval_ms,
                     [&executor, interval_ms] { FeedWatchdog(executor, interval_ms); });
}

}  // namespace atozsync
