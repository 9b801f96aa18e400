#include "sync/os/thread_setup.h"

namespace atozsync {

void WithoutSignals(const std::function<void()>& start) {
  start();
}

void AsOneJob(const std::function<void()>& job) {
  job();
}

// Debuggers show no names here.
void NameThisThread(const std::string& /*name*/) {}

}  // namespace atozsync
