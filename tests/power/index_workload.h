// A scripted life of an index, and what it must look like after each step: the answers of a
// MemIndex that was given the same batches. For tests of crashes and bad disks. Deterministic.
#pragma once

#include <string>
#include <vector>

#include "sync/engine/index.h"

namespace atozsync {

// Everything that can be read from `index`, as lines of text: equal states, equal text.
std::string StateOf(Index& index);
// The first line in which they differ, from both.
std::string Difference(const std::string& a, const std::string& b);

struct IndexWorkload {
  std::vector<IndexBatch> batches;
  std::vector<std::string> states;  // [n]: after n batches

  // Batches of every kind: small ones, as BatchMaker makes them, and now and then one that touches
  // many pages. No chunk list is without an owner after its batch: when the index sweeps those is
  // its own affair.
  static IndexWorkload Make(uint64_t seed, size_t count);
};

}  // namespace atozsync
