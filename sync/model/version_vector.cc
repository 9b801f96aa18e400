#include "sync/model/version_vector.h"

#include <algorithm>
#include <cstdio>

namespace atozsync {

Result<VersionVector> VersionVector::FromEntries(std::vector<Entry> entries) {
  if (entries.size() > kEntriesMax) return Status(Errc::kCorrupt, "version vector is too long");
  for (size_t i = 0; i < entries.size(); ++i) {
    if (entries[i].counter == 0 || (i > 0 && entries[i - 1].author >= entries[i].author)) {
      return Status(Errc::kCorrupt, "version vector is not in order");
    }
  }
  return VersionVector(std::move(entries));
}

uint64_t VersionVector::CounterOf(AuthorId author) const {
  auto at = std::lower_bound(entries_.begin(), entries_.end(), author,
                             [](const Entry& entry, AuthorId id) { return entry.author < id; });
  return at != entries_.end() && at->author == author ? at->counter : 0;
}

VersionVector VersionVector::With(AuthorId author, uint64_t counter) const {
  CHECK(counter > CounterOf(author));
  return Merged(VersionVector(std::vector<Entry>{{author, counter}}));
}

VersionVector VersionVector::Merged(const VersionVector& other) const {
  std::vector<Entry> merged;
  merged.reserve(std::max(entries_.size(), other.entries_.size()));
  auto a = entries_.begin();
  auto b = other.entries_.begin();
  while (a != entries_.end() || b != other.entries_.end()) {
    if (b == other.entries_.end() || (a != entries_.end() && a->author < b->author)) {
      merged.push_back(*a++);
    } else if (a == entries_.end() || b->author < a->author) {
      merged.push_back(*b++);
    } else {
      merged.push_back({a->author, std::max(a->counter, b->counter)});
      ++a;
      ++b;
    }
  }
  return VersionVector(std::move(merged));
}

VectorOrder VersionVector::Compare(const VersionVector& other) const {
  if (*this == other) return VectorOrder::kEqual;
  VersionVector merged = Merged(other);
  if (merged == other) return VectorOrder::kBefore;
  if (merged == *this) return VectorOrder::kAfter;
  return VectorOrder::kConcurrent;
}

std::string VersionVector::ToString() const {
  std::string text = "{";
  for (const Entry& entry : entries_) {
    char buffer[64];
    std::snprintf(buffer, sizeof buffer, "%s%08x.%08x:%llu", text.size() > 1 ? ", " : "",
                  ReplicaPrefixOf(entry.author), static_cast<uint32_t>(entry.author),
                  static_cast<unsigned long long>(entry.counter));
    text += buffer;
  }
  return text + "}";
}

}  // namespace atozsync
