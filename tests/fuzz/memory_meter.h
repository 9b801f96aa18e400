// MemoryMeter: how much more memory was in use at once, at most, since it was made.
//
// Counts what goes through operator new in this process (memory_meter.cc replaces it): link it into
// a fuzzer that states a bound. What C libraries take by malloc is not seen. One at a time,
// single-threaded.
#pragma once

#include <cstddef>

namespace atozsync {

class MemoryMeter {
 public:
  MemoryMeter();
  size_t peak_bytes() const;

 private:
  const size_t before_bytes_;
};

}  // namespace atozsync
