#include "agent/upload_schedule.h"

#include <algorithm>
#include <ctime>

#include "sync/os/process.h"

namespace atozsync {

LocalMoment LocalMomentAt(int64_t wall_ms) {
  const std::tm local = LocalTime(wall_ms / 1'000);
  return {(local.tm_wday + 6) % 7, local.tm_hour * 60 + local.tm_min};
}

bool UploadWindow::Holds(LocalMoment now) const {
  const bool began_today = days[static_cast<size_t>(now.weekday)];
  if (from_minute < to_minute) {
    return began_today && now.minute >= from_minute && now.minute < to_minute;
  }
  const bool began_yesterday = days[static_cast<size_t>(now.weekday + 6) % 7];
  return (began_today && now.minute >= from_minute) || (began_yesterday && now.minute < to_minute);
}

uint64_t UploadSchedule::LimitAt(LocalMoment now) const {
  const auto holding = std::find_if(windows.begin(), windows.end(),
                                    [&](const UploadWindow& window) { return window.Holds(now); });
  return holding == windows.end() ? bytes_per_second : holding->bytes_per_second;
}

std::optional<int> ParseTimeOfDay(std::string_view text) {
  auto digits = [&](size_t at) -> int {
    const int tens = text[at] - '0';
    const int ones = text[at + 1] - '0';
    return tens < 0 || tens > 9 || ones < 0 || ones > 9 ? -1 : tens * 10 + ones;
  };
  if (text.size() != 5 || text[2] != ':') return {};
  const int hours = digits(0);
  const int minutes = digits(3);
  const bool valid =
      hours >= 0 && minutes >= 0 && minutes < 60 && hours * 60 + minutes <= kMinutesPerDay;
  if (!valid) return {};
  return hours * 60 + minutes;
}

}  // namespace atozsync
