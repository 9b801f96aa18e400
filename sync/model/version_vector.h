// VersionVector: which changes a version of a path has seen.
//
// Sorted pairs (author, counter); an author that is not listed stands at 0. No clock inside.
// Parker et al., "Detection of Mutual Inconsistency in Distributed Systems", 1983. Immutable value:
// operations return a new vector.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

#include "sync/base/ids.h"
#include "sync/base/status.h"

namespace atozsync {

enum class VectorOrder : uint8_t {
  kEqual,
  kBefore,      // the other has seen all of this, and more
  kAfter,       // this has seen all of the other, and more
  kConcurrent,  // each has seen something the other has not
};

class VersionVector {
 public:
  struct Entry {
    AuthorId author = 0;
    uint64_t counter = 0;
    auto operator<=>(const Entry&) const = default;
  };
  // A bound for what comes from outside: far more incarnations than a cluster ever has.
  static constexpr size_t kEntriesMax = 4096;

  VersionVector() = default;
  // Sorted by author, no author twice, no counter 0, at most kEntriesMax; else kCorrupt.
  static Result<VersionVector> FromEntries(std::vector<Entry> entries);

  bool empty() const { return entries_.empty(); }
  const std::vector<Entry>& entries() const { return entries_; }
  uint64_t CounterOf(AuthorId author) const;
  // With `author` at `counter`. REQUIRES: counter > CounterOf(author).
  VersionVector With(AuthorId author, uint64_t counter) const;
  VersionVector Merged(const VersionVector& other) const;
  VectorOrder Compare(const VersionVector& other) const;
  std::string ToString() const;  // "{1a2b3c4d.00000001:7, …}"

  bool operator==(const VersionVector&) const = default;

 private:
  explicit VersionVector(std::vector<Entry> entries) : entries_(std::move(entries)) {}
  std::vector<Entry> entries_;
};

}  // namespace atozsync
