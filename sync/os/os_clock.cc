#include "sync/os/os_clock.h"

#include <chrono>

namespace atozsync {

int64_t SystemWallNs() {
  const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(since_1970).count();
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
