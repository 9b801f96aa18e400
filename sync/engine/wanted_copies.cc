#include "sync/engine/wanted_copies.h"

#include <algorithm>

namespace atozsync {

namespace {

constexpr int64_t kPauseMinMs = 50;
constexpr int64_t kPauseMaxMs = 60'000;
constexpr int kTriesMax = 9;  // about half a minute

}  // namespace

void WantedCopies::Add(const ContentHash& conflict_id) {
  if (!wishes_.emplace(conflict_id, Wish()).second) return;
  due_.emplace(0, conflict_id);
  ++hopeful_;
}

void WantedCopies::AddAnew(const ContentHash& conflict_id) {
  Erase(conflict_id);
  Add(conflict_id);
}

void WantedCopies::Erase(const ContentHash& conflict_id) {
  auto at = wishes_.find(conflict_id);
  if (at == wishes_.end()) return;
  if (at->second.tries < kTriesMax) --hopeful_;
  due_.erase({at->second.due_ms, conflict_id});
  wishes_.erase(at);
}

std::optional<ContentHash> WantedCopies::Due(int64_t now_ms) const {
  if (due_.empty() || due_.begin()->first > now_ms) return std::nullopt;
  return due_.begin()->second;
}

int64_t WantedCopies::Tried(const ContentHash& conflict_id, int64_t now_ms) {
  Wish& wish = wishes_.at(conflict_id);
  due_.erase({wish.due_ms, conflict_id});
  wish.due_ms = now_ms + std::min(kPauseMaxMs, kPauseMinMs << wish.tries);
  if (wish.tries < kTriesMax && ++wish.tries == kTriesMax) --hopeful_;
  due_.emplace(wish.due_ms, conflict_id);
  return wish.due_ms;
}

}  // namespace atozsync
