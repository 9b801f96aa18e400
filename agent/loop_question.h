// AskLoop(): what another thread asks of the loop thread, waiting for the answer. Whoever lets go
// of an Answer without giving one (a replica that is built anew) has answered "try again". The
// asking thread stops waiting when it is interrupted; what the question holds must then still be
// safe to use: it owns or shares all it touches, or the loop's own objects.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "database/report.h"
#include "sync/base/status.h"
#include "sync/base/unique_function.h"
#include "sync/os/uv_executor.h"

namespace atozsync {

template <typename T>
struct AnswerSlot {
  std::mutex mutex;  // guards value and dropped
  std::condition_variable changed;
  std::optional<T> value;
  bool dropped = false;
};

// Loop thread's end: gives the answer, once, then or later.
template <typename T>
class Answer {
 public:
  explicit Answer(std::shared_ptr<AnswerSlot<T>> slot) : slot_(std::move(slot)) {}
  Answer(Answer&&) noexcept = default;
  Answer& operator=(Answer&&) = delete;
  ~Answer() { Settle({}); }
  void operator()(T value) { Settle(std::move(value)); }

 private:
  void Settle(std::optional<T> value) {
    if (slot_ == nullptr) return;
    std::lock_guard lock(slot_->mutex);
    slot_->dropped = !value && !slot_->value;
    if (value) slot_->value = std::move(value);
    slot_->changed.notify_all();
  }
  std::shared_ptr<AnswerSlot<T>> slot_;
};

// kCancelled: interrupted. kBusy: nobody answered.
template <typename T>
Result<T> AskLoop(UvExecutor& executor, Interrupt& interrupt,
                  UniqueFunction<void(Answer<T>)> question) {
  constexpr auto kLookForInterrupt = std::chrono::milliseconds(100);
  auto slot = std::make_shared<AnswerSlot<T>>();
  executor.PostFromAnyThread([question = std::move(question), answer = Answer<T>(slot)]() mutable {
    question(std::move(answer));
  });
  std::unique_lock lock(slot->mutex);
  while (!slot->value && !slot->dropped) {
    slot->changed.wait_for(lock, kLookForInterrupt);
    if (interrupt.is_set()) return Status(Errc::kCancelled, "stopped");
  }
  if (!slot->value) return Status(Errc::kBusy, "the agent starts over: try again");
  return std::move(*slot->value);
}

}  // namespace atozsync
