// RetentionClock: the time by which kept versions grow old. The wall clock alone will not do: a
// dead battery or a mistyped year would make everything that is kept old at once, and it would be
// removed for good. So this clock never goes back, and goes ahead at most kRateMax times as fast as
// time passes while the program runs: after three days switched off it has caught up within a third
// of a day, a clock that is wrong by a year has to be so for five weeks.
//
// Pure: whoever owns it says what time it is, and stores now_ms(). Not thread-safe.
#pragma once

#include <algorithm>
#include <cstdint>

namespace atozsync {

class RetentionClock {
 public:
  static constexpr int64_t kRateMax = 10;

  // `stored_ms`: now_ms() of an earlier life; the wall time where there was none.
  void Start(int64_t stored_ms, int64_t mono_ms) {
    now_ms_ = stored_ms;
    mono_ms_ = mono_ms;
  }

  int64_t Advance(int64_t wall_ms, int64_t mono_ms) {
    int64_t passed_ms = std::clamp<int64_t>(mono_ms - mono_ms_, 0, kPassedMaxMs);
    mono_ms_ = mono_ms;
    now_ms_ = std::max(now_ms_, std::min(wall_ms, now_ms_ + passed_ms * kRateMax));
    return now_ms_;
  }

  int64_t now_ms() const { return now_ms_; }

  // When something is kept now: never so early that it is old already.
  int64_t KeptMs(int64_t wall_ms) const { return std::max(wall_ms, now_ms_); }

 private:
  static constexpr int64_t kPassedMaxMs = int64_t{100} * 366 * 24 * 3'600'000;  // no overflow

  int64_t now_ms_ = 0;
  int64_t mono_ms_ = 0;
};

}  // namespace atozsync
