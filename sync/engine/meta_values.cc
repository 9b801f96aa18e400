#include "sync/engine/meta_values.h"

#include <algorithm>
#include <charconv>

namespace atozsync {

uint64_t ParseNumber(const std::string& text) {
  uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::vector<std::pair<uint64_t, uint64_t>> ParsePairs(const std::string& text) {
  std::vector<std::pair<uint64_t, uint64_t>> pairs;
  for (size_t at = 0; at < text.size();) {
    size_t end = std::min(text.find(',', at), text.size());
    std::string entry = text.substr(at, end - at);
    size_t colon = std::min(entry.find(':'), entry.size() - 1);
    pairs.emplace_back(ParseNumber(entry), ParseNumber(entry.substr(colon + 1)));
    at = end + 1;
  }
  return pairs;
}

void AppendPair(std::string& text, uint64_t first, uint64_t second) {
  if (!text.empty()) text += ',';
  text += std::to_string(first) + ":" + std::to_string(second);
}

}  // namespace atozsync
