// OsClock: the machine's clocks, standing still within one turn of a libuv loop. Loop thread only.
#pragma once

#include <uv.h>

#include "sync/base/clock.h"

namespace atozsync {

// What the machine's clock says at this moment. For threads without a loop, and commands.
int64_t SystemWallNs();
inline int64_t SystemWallMs() {
  return SystemWallNs() / 1'000'000;
}

class OsClock final : public Clock {
 public:
  // Borrows `loop`, which has been initialized.
  explicit OsClock(const uv_loop_t* loop) : loop_(loop) {}

  // libuv's loop time: moves at the start of each iteration and when a wait for I/O ends, that is,
  // never while callbacks of one batch run.
  int64_t MonoMs() const override;
  // Read once per value of MonoMs().
  int64_t WallNs() const override;

 private:
  const uv_loop_t* loop_;
  mutable int64_t wall_read_at_ms_ = -1;  // MonoMs() when wall_ns_ was read
  mutable int64_t wall_ns_ = 0;
};

}  // namespace atozsync
