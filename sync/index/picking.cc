#include "sync/index/picking.h"

#include <algorithm>
#include <tuple>

namespace atozsync {

namespace {

char Folded(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

FoldedText::FoldedText(std::string_view text) : folded_(text) {
  for (char& c : folded_) c = Folded(c);
}

bool FoldedText::IsIn(std::string_view haystack) const {
  auto at = std::search(haystack.begin(), haystack.end(), folded_.begin(), folded_.end(),
                        [](char theirs, char ours) { return Folded(theirs) == ours; });
  return at != haystack.end() || folded_.empty();
}

bool ConflictPicker::Fits(const ConflictRecord& record) const {
  if (filter_.open && *filter_.open != (record.state == ConflictState::kOpen)) return false;
  if (filter_.kind && *filter_.kind != record.kind) return false;
  if (record.detected_ms < filter_.from_ms || record.detected_ms > filter_.until_ms) return false;
  if (!text_.IsIn(record.path.str())) return false;
  if (filter_.replicas.empty()) return true;
  return std::any_of(filter_.replicas.begin(), filter_.replicas.end(), [&](uint32_t prefix) {
    return prefix == ReplicaPrefixOf(record.winner.dot.author) ||
           prefix == ReplicaPrefixOf(record.loser.dot.author);
  });
}

void ConflictPicker::Add(const ConflictRecord& record) {
  if (!Fits(record)) return;
  Picked picked{record.id, 0, {}};
  switch (filter_.sort) {
    case ConflictFilter::Sort::kDetected: picked.number = record.detected_ms; break;
    case ConflictFilter::Sort::kPath: picked.path = record.path; break;
    case ConflictFilter::Sort::kKind: picked.number = static_cast<int64_t>(record.kind); break;
  }
  picked_.push_back(std::move(picked));
}

std::vector<ContentHash> ConflictPicker::TakePage() {
  auto before = [&](const Picked& a, const Picked& b) {
    const Picked& first = filter_.descending ? b : a;
    const Picked& second = filter_.descending ? a : b;
    return std::tie(first.number, first.path, first.id) <
           std::tie(second.number, second.path, second.id);
  };
  const size_t begin = std::min<uint64_t>(filter_.offset, picked_.size());
  const size_t end = begin + std::min(filter_.limit, picked_.size() - begin);
  std::partial_sort(picked_.begin(), picked_.begin() + static_cast<ptrdiff_t>(end), picked_.end(),
                    before);
  std::vector<ContentHash> ids;
  for (size_t i = begin; i < end; ++i) ids.push_back(picked_[i].id);
  return ids;
}

}  // namespace atozsync
