// SimRandom: the one source of chance in a simulated world. xoshiro256** seeded by splitmix64, own
// range arithmetic, so that a seed means the same on every compiler and library.
//
// Copyable value; not thread-safe. Streams forked by label depend on the seed and the label alone,
// not on how much was drawn before: a new consumer does not change what the others see.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "sync/base/bytes.h"
#include "sync/base/random.h"

namespace atozsync {

// FNV-1a, continued from `state`: for labels and traces, where the value must never change.
inline constexpr uint64_t kFnvStart = 0xcbf29ce484222325u;
uint64_t Fnv1a(ByteSpan bytes, uint64_t state = kFnvStart);
uint64_t Fnv1a(uint64_t value, uint64_t state);

class SimRandom final : public Random {
 public:
  explicit SimRandom(uint64_t seed);

  // The same label twice gives the same stream twice: labels name their consumer
  // ("node-2/executor").
  SimRandom Fork(std::string_view label) const;

  void Fill(MutableByteSpan out) override;
  uint64_t Next();
  // low … high, both possible. REQUIRES: low <= high.
  int64_t Between(int64_t low, int64_t high);
  // True `permille` times in a thousand. Draws nothing for 0, so that a fault that is switched off
  // leaves the stream as it was.
  bool Chance(uint32_t permille);
  Bytes SomeBytes(size_t size);

  template <typename T>
  void Shuffle(std::vector<T>& values) {
    for (size_t i = values.size(); i > 1; --i) {
      std::swap(values[i - 1], values[static_cast<size_t>(Below(i))]);
    }
  }

 private:
  uint64_t seed_;
  uint64_t state_[4];
};

}  // namespace atozsync
