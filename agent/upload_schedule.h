// UploadSchedule: which upload limit holds at which time of the week, in the machine's local time.
//
// Plain value and pure functions; only LocalMomentAt() asks the system, for its time zone. Whoever
// uses it asks anew every minute: so a change of summer time, of the zone or of the clock is
// followed without any rule of its own.
#pragma once

#include <bitset>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace atozsync {

inline constexpr int kMinutesPerDay = 1'440;

struct LocalMoment {
  int weekday = 0;  // 0: Monday
  int minute = 0;   // of the day, 0 … 1439
  bool operator==(const LocalMoment&) const = default;
};
LocalMoment LocalMomentAt(int64_t wall_ms);

// From `from_minute` until before `to_minute`, beginning on each of `days`. When `to` is not after
// `from` it ends on the next day, whichever that is.
struct UploadWindow {
  std::bitset<7> days = 0x7F;
  int from_minute = 0;
  int to_minute = kMinutesPerDay;
  uint64_t bytes_per_second = 0;  // 0: unlimited
  bool Holds(LocalMoment now) const;
  bool operator==(const UploadWindow&) const = default;
};

struct UploadSchedule {
  uint64_t bytes_per_second = 0;  // where no window holds
  std::vector<UploadWindow> windows;
  // Of the first window that holds.
  uint64_t LimitAt(LocalMoment now) const;
  bool operator==(const UploadSchedule&) const = default;
};

// "08:00" … "24:00", as the minute of the day.
std::optional<int> ParseTimeOfDay(std::string_view text);

}  // namespace atozsync
