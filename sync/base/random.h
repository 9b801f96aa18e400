// Random: part of the seam. Real: the operating system's. Simulated: one seeded generator.
#pragma once

#include <cstdint>

#include "sync/base/bytes.h"

namespace atozsync {

class Random {
 public:
  virtual ~Random() = default;
  virtual void Fill(MutableByteSpan out) = 0;

  uint64_t NextU64() {
    uint8_t bytes[8];
    Fill(bytes);
    return GetU64(bytes);
  }
  // 0 … bound-1. Own arithmetic: the standard distributions differ between libraries.
  // REQUIRES: bound > 0.
  uint64_t Below(uint64_t bound) { return NextU64() % bound; }
};

}  // namespace atozsync
