#include <csignal>

#include "agent/service/requests.h"

namespace atozsync {

void OnStopRequest(UvExecutor& executor, const std::function<void()>& handler) {
  executor.OnSignal(SIGTERM, handler);
  executor.OnSignal(SIGINT, handler);
}

void OnReloadRequest(UvExecutor& executor, const std::function<void()>& handler) {
  executor.OnSignal(SIGHUP, handler);
}

}  // namespace atozsync
