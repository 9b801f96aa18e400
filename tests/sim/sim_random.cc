#include "tests/sim/sim_random.h"

#include "sync/base/check.h"

namespace atozsync {
namespace {

uint64_t SplitMix(uint64_t& state) {
  state += 0x9e3779b97f4a7c15u;
  uint64_t mixed = state;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9u;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebu;
  return mixed ^ (mixed >> 31);
}

uint64_t RotateLeft(uint64_t value, int bits) {
  return (value << bits) | (value >> (64 - bits));
}

}  // namespace

uint64_t Fnv1a(ByteSpan bytes, uint64_t state) {
  for (uint8_t byte : bytes) state = (state ^ byte) * 0x100000001b3u;
  return state;
}

uint64_t Fnv1a(uint64_t value, uint64_t state) {
  uint8_t bytes[8];
  PutU64(bytes, value);
  return Fnv1a(ByteSpan(bytes), state);
}

SimRandom::SimRandom(uint64_t seed) : seed_(seed) {
  for (uint64_t& word : state_) word = SplitMix(seed);
}

SimRandom SimRandom::Fork(std::string_view label) const {
  return SimRandom(Fnv1a(AsBytes(label), Fnv1a(seed_, kFnvStart)));
}

uint64_t SimRandom::Next() {
  const uint64_t result = RotateLeft(state_[1] * 5, 7) * 9;
  const uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = RotateLeft(state_[3], 45);
  return result;
}

void SimRandom::Fill(MutableByteSpan out) {
  uint8_t word[8];
  for (size_t i = 0; i < out.size(); ++i) {
    if (i % 8 == 0) PutU64(word, Next());
    out[i] = word[i % 8];
  }
}

int64_t SimRandom::Between(int64_t low, int64_t high) {
  CHECK(low <= high);
  const uint64_t span = static_cast<uint64_t>(high - low) + 1;
  return low + static_cast<int64_t>(Below(span));
}

bool SimRandom::Chance(uint32_t permille) {
  return permille > 0 && Below(1000) < permille;
}

Bytes SimRandom::SomeBytes(size_t size) {
  Bytes bytes(size);
  Fill(bytes);
  return bytes;
}

}  // namespace atozsync
