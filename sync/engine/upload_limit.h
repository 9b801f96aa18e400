// UploadLimit: how fast this replica sends to all peers together.
//
// A token bucket of bytes. Content waits for it: a sender asks how much may go now, and is called
// back in turn with the others. Everything else goes at once and is counted: the content that
// follows waits the longer. Counts what is given to connections; not what TLS and TCP add to it.
// Knows nothing of frames, and nothing of days and hours: whoever does sets it anew. Loop thread
// only. Senders are not owned; each one that goes says so (Forget).
#pragma once

#include <cstdint>
#include <deque>

#include "sync/base/clock.h"
#include "sync/base/executor.h"

namespace atozsync {

class UploadLimit {
 public:
  static constexpr uint64_t kBytesPerSecondMin = 8'000;           // 64 kbit/s
  static constexpr uint64_t kBytesPerSecondMax = 12'500'000'000;  // 100 Gbit/s

  class Sender {
   public:
    // It asked and was told to wait; now it may ask again. It may ask, spend and forget inside.
    virtual void OnMaySend() = 0;

   protected:
    ~Sender() = default;
  };

  UploadLimit(const Clock& clock, Executor& executor);
  ~UploadLimit();
  UploadLimit(const UploadLimit&) = delete;
  UploadLimit& operator=(const UploadLimit&) = delete;

  // 0: unlimited. Others are brought within the bounds above.
  void Set(uint64_t bytes_per_second);
  uint64_t bytes_per_second() const { return rate_; }
  bool limited() const { return rate_ > 0; }

  // How many bytes of content may go now: about 25 ms worth, at least kSliceBytesMin. 0:
  // OnMaySend() follows. REQUIRES: limited().
  size_t Ask(Sender& sender);
  // What was sent, content or not. Nothing when there is no limit.
  void Spend(size_t bytes);
  // May more be added to what does not wait? Not while over kOpenDebtMs of it is unpaid;
  // OnMaySend() follows. REQUIRES: limited().
  bool MayAdd(Sender& sender);
  void Forget(const Sender& sender);

  // A good amount of content to have ready for one sender: a second's worth, within bounds. Less
  // than `most` only when there is a limit.
  size_t ReadyBytes(size_t most) const;

 private:
  static constexpr size_t kSliceMs = 25;
  // Each slice costs some 100 bytes that are not counted: smaller ones would not be exact any more.
  static constexpr size_t kSliceBytesMin = 4u << 10;
  static constexpr size_t kSliceBytesMax = 256u << 10;
  // May be saved up while nobody sends, and while somebody waits: the loop may come late.
  static constexpr int64_t kBurstMs = 50;
  static constexpr int64_t kLateMs = 500;
  static constexpr int64_t kOpenDebtMs = 1'000;
  // What was sent without waiting delays content by at most this, and this many bytes; the rest of
  // it is forgiven.
  static constexpr int64_t kDebtMs = 10'000;
  static constexpr int64_t kDebtBytes = 2 << 20;

  // Bytes times 1000, so that a millisecond is worth a whole number at every rate.
  using Milli = int64_t;
  Milli Worth(int64_t ms) const { return static_cast<Milli>(rate_) * ms; }
  size_t SliceBytes() const;
  void Refill();
  void Enqueue(Sender& sender);
  void ArmTimer();
  void TakeTurns();

  const Clock& clock_;
  Executor& executor_;
  uint64_t rate_ = 0;  // bytes per second
  Milli tokens_ = 0;   // below 0: owed
  int64_t filled_ms_ = 0;
  std::deque<Sender*> waiting_;       // each once
  const Sender* has_turn_ = nullptr;  // may ask before those that wait
  TimerId timer_ = 0;
};

}  // namespace atozsync
