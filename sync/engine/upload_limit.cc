#include "sync/engine/upload_limit.h"

#include <algorithm>

#include "sync/base/probe.h"

namespace atozsync {

namespace {

constexpr size_t kReadyBytesMin = 64u << 10;
constexpr int64_t kMilli = 1'000;
// Longer pauses fill the bucket just the same; the product stays within its type.
constexpr int64_t kRefillMsMax = 60'000;

}  // namespace

UploadLimit::UploadLimit(const Clock& clock, Executor& executor)
    : clock_(clock), executor_(executor), filled_ms_(clock.MonoMs()) {}

UploadLimit::~UploadLimit() {
  executor_.CancelTimer(timer_);
}

void UploadLimit::Set(uint64_t bytes_per_second) {
  Refill();
  if (bytes_per_second > 0) {
    bytes_per_second = std::clamp(bytes_per_second, kBytesPerSecondMin, kBytesPerSecondMax);
  }
  if (bytes_per_second == rate_) return;
  rate_ = bytes_per_second;
  tokens_ = std::clamp(tokens_, -Worth(kBurstMs), Worth(kBurstMs));
  executor_.CancelTimer(timer_);
  timer_ = 0;
  ArmTimer();
}

size_t UploadLimit::SliceBytes() const {
  return std::clamp(static_cast<size_t>(rate_) * kSliceMs / 1'000, kSliceBytesMin, kSliceBytesMax);
}

size_t UploadLimit::ReadyBytes(size_t most) const {
  if (!limited()) return most;
  return std::clamp(static_cast<size_t>(rate_), std::min(kReadyBytesMin, most), most);
}

void UploadLimit::Refill() {
  const int64_t now_ms = clock_.MonoMs();
  const int64_t passed_ms = std::clamp<int64_t>(now_ms - filled_ms_, 0, kRefillMsMax);
  filled_ms_ = now_ms;
  // Who waits was promised it; who comes anew may not send a second's worth at once.
  const int64_t burst_ms = waiting_.empty() ? kBurstMs : kLateMs;
  tokens_ = std::min(tokens_ + Worth(passed_ms), std::max(tokens_, Worth(burst_ms)));
}

size_t UploadLimit::Ask(Sender& sender) {
  Refill();
  const bool its_turn = has_turn_ == &sender;
  if (its_turn) has_turn_ = nullptr;
  if (tokens_ > 0 && (its_turn || waiting_.empty())) return SliceBytes();
  Probe(ProbeId::kUploadWaits);
  Enqueue(sender);
  return 0;
}

void UploadLimit::Spend(size_t bytes) {
  if (!limited()) return;
  Refill();
  const Milli most = std::max(Worth(kDebtMs), kDebtBytes * kMilli);
  tokens_ = std::max(tokens_ - static_cast<Milli>(bytes) * kMilli, -most);
}

bool UploadLimit::MayAdd(Sender& sender) {
  Refill();
  if (tokens_ >= -Worth(kOpenDebtMs)) return true;
  Enqueue(sender);
  return false;
}

void UploadLimit::Forget(const Sender& sender) {
  if (has_turn_ == &sender) has_turn_ = nullptr;
  std::erase(waiting_, &sender);
}

void UploadLimit::Enqueue(Sender& sender) {
  if (std::find(waiting_.begin(), waiting_.end(), &sender) != waiting_.end()) return;
  waiting_.push_back(&sender);
  ArmTimer();
}

void UploadLimit::ArmTimer() {
  if (timer_ != 0 || waiting_.empty()) return;
  // Until there is at least one byte.
  const int64_t wait_ms = !limited() || tokens_ > 0 ? 0 : -tokens_ / static_cast<Milli>(rate_) + 1;
  timer_ = executor_.PostAfter(wait_ms, [this] {
    timer_ = 0;
    TakeTurns();
  });
}

// One slice each in turn, until nothing is left. Who has more to send is in the queue again, at its
// end.
void UploadLimit::TakeTurns() {
  Refill();
  // Everybody, whatever was asked, when the limit is gone.
  size_t unlimited_turns = waiting_.size();
  while (!waiting_.empty() && (limited() ? tokens_ > 0 : unlimited_turns-- > 0)) {
    Sender* sender = waiting_.front();
    waiting_.pop_front();
    has_turn_ = sender;
    sender->OnMaySend();
    has_turn_ = nullptr;
  }
  ArmTimer();
}

}  // namespace atozsync
