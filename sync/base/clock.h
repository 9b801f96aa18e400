// Clock: part of the seam. Time moves only between turns of the loop: within one turn both answers
// stay the same.
#pragma once

#include <cstdint>

namespace atozsync {

class Clock {
 public:
  virtual ~Clock() = default;
  // Never goes back; starts anywhere. For time-outs and pauses.
  virtual int64_t MonoMs() const = 0;
  // What the machine believes the date is, since 1970 UTC. May be wrong and may jump; never used to
  // decide whose version came later than another that it saw.
  virtual int64_t WallNs() const = 0;
  int64_t WallMs() const { return WallNs() / 1'000'000; }
};

}  // namespace atozsync
