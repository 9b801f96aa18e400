// Input: a fuzzer's bytes, taken from the front as numbers, pieces and texts.
//
// Where nothing is left everything is 0 or empty: each input means something. Does not own the
// bytes. Single-threaded.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

#include "sync/base/bytes.h"

namespace atozsync {

class Input {
 public:
  Input(const uint8_t* data, size_t size) : rest_(data, size) {}

  bool empty() const { return rest_.empty(); }
  ByteSpan rest() const { return rest_; }

  uint8_t Byte() {
    const ByteSpan one = Take(1);
    return one.empty() ? uint8_t{0} : one[0];
  }
  uint16_t Short() {
    const int high = Byte();
    return static_cast<uint16_t>(high << 8 | Byte());
  }
  uint64_t Long() {
    uint64_t value = 0;
    for (int i = 0; i < 8; ++i) value = value << 8 | Byte();
    return value;
  }
  // As many as there are.
  ByteSpan Take(size_t bytes) {
    const ByteSpan taken = rest_.first(std::min(bytes, rest_.size()));
    rest_ = rest_.subspan(taken.size());
    return taken;
  }
  // Length in one byte, then the bytes.
  std::string Text() { return std::string(AsText(Take(Byte()))); }
  // Length in two bytes, then the bytes.
  ByteSpan Piece() { return Take(Short()); }

 private:
  ByteSpan rest_;
};

}  // namespace atozsync
