// SeededRandom: the same numbers from the same seed on every machine and library (xoshiro256**,
// Blackman and Vigna; seeded with SplitMix64). Fast enough to fill files with. Not for secrets.
#pragma once

#include <array>
#include <cstdint>

#include "sync/base/random.h"

namespace atozsync {

class SeededRandom final : public Random {
 public:
  explicit SeededRandom(uint64_t seed);
  void Fill(MutableByteSpan out) override;

  // Inline and without byte order conversion: the bulk of all content comes from here.
  uint64_t Next() {
    uint64_t result = Rotate(state_[1] * 5, 7) * 9;
    uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = Rotate(state_[3], 45);
    return result;
  }

  bool OneIn(uint64_t n) { return Below(n) == 0; }
  // Between min and max, small values as much more frequent as they are smaller (each doubling is
  // equally likely). Integers only. REQUIRES: 0 < min <= max.
  uint64_t LogUniform(uint64_t min, uint64_t max);

 private:
  static uint64_t Rotate(uint64_t value, int bits) {
    return (value << bits) | (value >> (64 - bits));
  }
  std::array<uint64_t, 4> state_;
};

// One well-mixed number from two.
uint64_t MixSeed(uint64_t seed, uint64_t index);

}  // namespace atozsync
