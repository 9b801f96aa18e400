// Types for the numbers and hashes that must not be mixed up.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "sync/base/bytes.h"
#include "sync/base/status.h"

namespace atozsync {

// Who a replica is: the SHA-256 fingerprint of its certificate (DER).
struct ReplicaId {
  std::array<uint8_t, 32> bytes{};

  // Base32 (RFC 4648, no padding) in groups of seven: "ABCDEFG-HIJKLMN-…", 52 letters.
  std::string ToString() const;
  // Accepts ToString()'s form, with or without dashes, any letter case.
  static Result<ReplicaId> Parse(std::string_view text);
  // The first 32 bits: enough to tell the members of one cluster apart.
  uint32_t prefix() const { return GetU32(bytes); }
  bool is_zero() const { return *this == ReplicaId{}; }
  auto operator<=>(const ReplicaId&) const = default;
};

// Who wrote a version: the replica's prefix() in the upper 32 bits, its incarnation in the lower.
// A replica whose index was lost or rolled back starts a new incarnation, so that a counter is
// never used for two different versions.
using AuthorId = uint64_t;

inline AuthorId MakeAuthorId(const ReplicaId& id, uint32_t incarnation) {
  return (uint64_t{id.prefix()} << 32) | incarnation;
}
inline uint32_t ReplicaPrefixOf(AuthorId author) {
  return static_cast<uint32_t>(author >> 32);
}

// Position of a row in the replica's own stream of changes; 0 = before the first.
using Sequence = uint64_t;

// XXH3-128 keyed with the cluster's secret, of a whole file or of one chunk.
struct ContentHash {
  uint64_t high = 0;
  uint64_t low = 0;

  std::string ToHex() const;  // 32 digits
  static Result<ContentHash> Parse(std::string_view hex);
  bool is_zero() const { return high == 0 && low == 0; }
  auto operator<=>(const ContentHash&) const = default;
};

}  // namespace atozsync
