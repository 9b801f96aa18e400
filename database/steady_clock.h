// The time that only goes forward, in milliseconds since some moment: for limits and pauses of what
// talks to the database on threads of its own. The engine has its clock by constructor.
#pragma once

#include <chrono>
#include <cstdint>

namespace atozsync {

inline int64_t SteadyNowMs() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace atozsync
