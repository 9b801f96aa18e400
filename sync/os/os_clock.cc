#include "sync/os/os_clock.h"

#include <ctime>

namespace atozsync {

int64_t SystemWallNs() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);  // cannot fail with these arguments
  return now.tv_sec * int64_t{1'000'000'000} + now.tv_nsec;
}

int64_t OsClock::MonoMs() const {
  return static_cast<int64_t>(uv_now(loop_));
}

int64_t OsClock::WallNs() const {
  const int64_t mono_ms = MonoMs();
  if (wall_read_at_ms_ != mono_ms) {
    wall_read_at_ms_ = mono_ms;
    wall_ns_ = SystemWallNs();
  }
  return wall_ns_;
}

}  // namespace atozsync
