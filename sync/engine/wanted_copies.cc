#include "sync/engine/wanted_copies.h"

#include <algorithm>

namespace atozsync {

namespace {

constexpr int64_t kPauseMinMs = 50;
constexpr int64_t kPauseMaxMs = 60'000;
constexpr int kDoublingsMax = 11;   // the longest pause is reached by then
constexpr int kTriesMax = 9;        // about half a minute: who rests waits for them
constexpr int64_t kLateMs = 5'000;  // well below that: they need not have begun when we did

}  // namespace

void WantedCopies::Add(const ContentHash& conflict_id) {
  if (!wishes_.emplace(conflict_id, Wish()).second) return;
  due_.emplace(0, conflict_id);
  ++hopeful_;
}

void WantedCopies::AddAnew(const ContentHash& conflict_id) {
  auto at = wishes_.find(conflict_id);
  std::optional<int64_t> since_ms;
  if (at != wishes_.end()) since_ms = at->second.since_ms;
  Erase(conflict_id);
  Add(conflict_id);
  wishes_.at(conflict_id).since_ms = since_ms;
}

bool WantedCopies::HopeAgain(const ContentHash& conflict_id) {
  if (!Hopeless(conflict_id)) return false;
  AddAnew(conflict_id);
  return true;
}

bool WantedCopies::Hopeless(const ContentHash& conflict_id) const {
  auto at = wishes_.find(conflict_id);
  return at != wishes_.end() && at->second.tries >= kTriesMax;
}

bool WantedCopies::Late(const ContentHash& conflict_id, int64_t now_ms) const {
  auto at = wishes_.find(conflict_id);
  return at != wishes_.end() && now_ms - at->second.since_ms.value_or(now_ms) >= kLateMs;
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
  if (!wish.since_ms) wish.since_ms = now_ms;
  due_.erase({wish.due_ms, conflict_id});
  wish.due_ms = now_ms + std::min(kPauseMaxMs, kPauseMinMs << wish.tries);
  if (wish.tries < kDoublingsMax && ++wish.tries == kTriesMax) --hopeful_;
  due_.emplace(wish.due_ms, conflict_id);
  return wish.due_ms;
}

}  // namespace atozsync
