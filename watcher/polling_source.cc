#include "watcher/polling_source.h"

#include <utility>

namespace atozsync {

Status PollingSource::Start(Sink sink) {
  sink_ = std::move(sink);
  Schedule();
  return Status::Ok();
}

void PollingSource::Schedule() {
  timer_ = executor_.PostAfter(interval_ms_, [this, alive = std::weak_ptr<char>(alive_)] {
    if (alive.expired()) return;
    Schedule();
    sink_({RelPath(), HintKind::kRecursive});
  });
}

WatchStatus PollingSource::status() const {
  WatchStatus status;
  status.mode = "polling";
  return status;
}

}  // namespace atozsync
