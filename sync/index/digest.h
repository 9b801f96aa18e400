// Sums of row digests: 128-bit numbers, added and taken away mod 2^128, so that the order in which
// rows come and go cannot matter. Pure functions.
#pragma once

#include "sync/base/ids.h"

namespace atozsync {

inline ContentHash AddDigest(const ContentHash& a, const ContentHash& b) {
  uint64_t low = a.low + b.low;
  uint64_t carry = low < a.low ? 1 : 0;
  return {a.high + b.high + carry, low};
}

inline ContentHash SubDigest(const ContentHash& a, const ContentHash& b) {
  uint64_t borrow = a.low < b.low ? 1 : 0;
  return {a.high - b.high - borrow, a.low - b.low};
}

}  // namespace atozsync
