// How the engine writes numbers into the single values of the index (Index::Meta). On disk: what
// was written once has to be read for ever. What is no number reads as 0: nothing here fails.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace atozsync {

uint64_t ParseNumber(const std::string& text);

// Of "A:B,C:D,…".
std::vector<std::pair<uint64_t, uint64_t>> ParsePairs(const std::string& text);
void AppendPair(std::string& text, uint64_t first, uint64_t second);

}  // namespace atozsync
