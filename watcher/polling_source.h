// PollingSource: hints for folders on which the system tells nothing (network file systems): look
// at everything, every interval. Loop thread only; `executor` outlives it. The sink must not
// destroy it.
#pragma once

#include <memory>

#include "sync/base/executor.h"
#include "sync/base/hint.h"

namespace atozsync {

class PollingSource final : public HintSource {
 public:
  PollingSource(Executor& executor, int64_t interval_ms)
      : executor_(executor), interval_ms_(interval_ms) {}
  ~PollingSource() override { executor_.CancelTimer(timer_); }
  PollingSource(const PollingSource&) = delete;
  PollingSource& operator=(const PollingSource&) = delete;

  Status Start(Sink sink) override;
  // Does nothing: what happened since the last look is not known.
  void Flush() override {}
  WatchStatus status() const override;

 private:
  void Schedule();

  Executor& executor_;
  const int64_t interval_ms_;
  Sink sink_;
  TimerId timer_ = 0;
  std::shared_ptr<char> alive_ = std::make_shared<char>();
};

}  // namespace atozsync
