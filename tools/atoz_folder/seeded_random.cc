#include "tools/atoz_folder/seeded_random.h"

#include <algorithm>

#include "sync/base/check.h"

namespace atozsync {
namespace {

uint64_t Scramble(uint64_t value) {
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9u;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EBu;
  return value ^ (value >> 31);
}

constexpr uint64_t kStep = 0x9E3779B97F4A7C15u;

}  // namespace

uint64_t MixSeed(uint64_t seed, uint64_t index) {
  return Scramble(Scramble(seed + kStep) + (index + 1) * kStep);
}

SeededRandom::SeededRandom(uint64_t seed) {
  for (uint64_t& word : state_) word = Scramble(seed += kStep);
}

void SeededRandom::Fill(MutableByteSpan out) {
  while (!out.empty()) {
    uint64_t word = Next();
    size_t count = std::min<size_t>(out.size(), 8);
    for (size_t i = 0; i < count; ++i) out[i] = static_cast<uint8_t>(word >> (8 * i));
    out = out.subspan(count);
  }
}

uint64_t SeededRandom::LogUniform(uint64_t min, uint64_t max) {
  CHECK(min > 0 && min <= max);
  // Doublings from min to max; the last one may be cut short.
  uint64_t doublings = 0;
  while ((min << doublings) <= max / 2) ++doublings;
  uint64_t low = min << doublings;
  // In 1/1024 of a doubling, the cut one by how much of it there is.
  uint64_t position = Below(doublings * 1024 + (max - low) * 1024 / low + 1);
  uint64_t base = min << (position / 1024);
  return std::min(max, base + base * (position % 1024) / 1024 + Below(base / 1024 + 1));
}

}  // namespace atozsync
