#include "agent/alert/alert_book.h"

namespace atozsync {

namespace {

constexpr int64_t kHourMs = 3'600'000;

}  // namespace

const char* AlertEventName(Alert::Event event) {
  switch (event) {
    case Alert::Event::kBegan: return "began";
    case Alert::Event::kMore: return "more";
    case Alert::Event::kOver: return "over";
  }
  return "unknown";
}

bool AlertBook::MayTell(int64_t mono_ms) {
  while (!told_mono_ms_.empty() && mono_ms - told_mono_ms_.front() >= kHourMs) {
    told_mono_ms_.pop_front();
  }
  return told_mono_ms_.size() < kPerHourMax;
}

bool AlertBook::Next(const Entry& entry, int64_t mono_ms, Alert::Event* event) const {
  const int64_t quiet_ms = mono_ms - entry.told_mono_ms;
  if (entry.is_there && !entry.told) {
    *event = Alert::Event::kBegan;
    return !entry.ever_told || quiet_ms >= kQuietMs;
  }
  if (entry.is_there && entry.trouble.count > entry.told_count) {
    *event = Alert::Event::kMore;
    return quiet_ms >= kMoreMs;
  }
  *event = Alert::Event::kOver;
  return !entry.is_there && entry.told;
}

std::vector<Alert> AlertBook::Update(const std::vector<Trouble>& troubles, int64_t mono_ms,
                                     int64_t wall_ms) {
  for (auto& [key, entry] : entries_) entry.is_there = false;
  for (const Trouble& trouble : troubles) {
    auto [at, is_new] = entries_.try_emplace(trouble.what + " " + trouble.about);
    Entry& entry = at->second;
    if (is_new || (entry.since_ms == 0)) entry.since_ms = wall_ms;
    entry.trouble = trouble;
    entry.is_there = true;
  }
  std::vector<Alert> alerts;
  for (auto& [key, entry] : entries_) {
    Alert::Event event = Alert::Event::kBegan;
    if (!Next(entry, mono_ms, &event) || !MayTell(mono_ms)) continue;
    alerts.push_back({event, entry.trouble, entry.since_ms});
    told_mono_ms_.push_back(mono_ms);
    entry.told = event != Alert::Event::kOver;
    entry.told_count = entry.trouble.count;
    entry.ever_told = true;
    entry.told_mono_ms = mono_ms;
  }
  // What is over begins anew when it comes back; what nobody needs to hear of is forgotten.
  for (auto& [key, entry] : entries_) {
    if (!entry.is_there) entry.since_ms = 0;
  }
  std::erase_if(entries_, [&](const auto& item) {
    const Entry& entry = item.second;
    return !entry.is_there && !entry.told && mono_ms - entry.told_mono_ms >= kQuietMs;
  });
  return alerts;
}

}  // namespace atozsync
