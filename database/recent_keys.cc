#include "database/recent_keys.h"

#include <algorithm>

namespace atozsync {

void RecentKeys::Begin(int64_t newest, int64_t increment) {
  *this = RecentKeys();
  newest_ = std::max<int64_t>(0, newest);
  increment_ = std::max<int64_t>(1, increment);
}

int64_t RecentKeys::window() const {
  return increment_ > kServersMax ? kWindowMax
                                  : std::min(kWindowMax, kWindowPerServer * increment_);
}

int64_t RecentKeys::floor() const {
  return newest_ - window();
}

void RecentKeys::Take(const std::vector<KeyedRow>& rows, bool cut, const Noticed& noticed) {
  const int64_t through = cut ? (rows.empty() ? floor() : rows.back().key) : INT64_MAX;
  std::map<int64_t, KeyedRow> now;
  for (const KeyedRow& row : rows) now.emplace(row.key, row);
  for (const auto& [key, row] : rows_) {
    if (key > through) {
      now.emplace(key, row);
      continue;
    }
    const auto same = now.find(key);
    const bool moved = same != now.end() && same->second.pat_num != row.pat_num;
    if (!baseline_ && (same == now.end() || moved)) noticed(row);
  }
  for (const auto& [key, row] : now) {
    const auto before = rows_.find(key);
    const bool same = before != rows_.end() && before->second.pat_num == row.pat_num &&
                      before->second.digest == row.digest;
    if (!baseline_ && !same) noticed(row);
  }
  rows_ = std::move(now);
  if (!rows_.empty()) newest_ = std::max(newest_, rows_.rbegin()->first);
  while (!rows_.empty() && rows_.begin()->first <= floor()) {
    Pass(rows_.begin()->first);
    rows_.erase(rows_.begin());
  }
  if (!cut) baseline_ = false;
}

void RecentKeys::FoundLate(int64_t key) {
  if (key > floor() || increment_ > kServersMax || passed_.count(key) > 0) return;
  streams_[key % increment_] = key;
}

void RecentKeys::Pass(int64_t key) {
  passed_.insert(key);
  if (passed_.size() > kPassedMax) passed_.erase(passed_.begin());
}

std::vector<int64_t> RecentKeys::Expected() const {
  std::vector<int64_t> keys;
  for (const auto& [server, last] : streams_) {
    for (int64_t i = 1; i <= kExpectedPerServer; ++i) {
      const int64_t key = last + i * increment_;
      if (key <= floor() && passed_.count(key) == 0) keys.push_back(key);
    }
  }
  return keys;
}

void RecentKeys::TakeExpected(const std::vector<KeyedRow>& rows, const Noticed& noticed) {
  for (const KeyedRow& row : rows) {
    if (passed_.count(row.key) > 0) continue;
    noticed(row);
    FoundLate(row.key);
    Pass(row.key);
  }
}

}  // namespace atozsync
