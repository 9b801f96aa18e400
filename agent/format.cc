#include "agent/format.h"

#include <fmt/format.h>

#include <chrono>

namespace atozsync {

namespace {

struct UtcParts {
  int year;
  unsigned month, day;
  int64_t hour, minute, second;
};

// Not by gmtime(): on some systems it knows nothing before 1970.
UtcParts PartsOf(int64_t seconds) {
  namespace chrono = std::chrono;
  const chrono::sys_seconds time{chrono::seconds(seconds)};
  const auto day = chrono::floor<chrono::days>(time);
  const chrono::year_month_day date(day);
  const chrono::hh_mm_ss clock(time - day);
  return {int(date.year()),      unsigned(date.month()),  unsigned(date.day()),
          clock.hours().count(), clock.minutes().count(), clock.seconds().count()};
}

int64_t FloorDivide(int64_t value, int64_t by) {
  return value / by - (value % by < 0 ? 1 : 0);
}

// From 0 to by - 1, for times before 1970 too.
int64_t FloorRest(int64_t value, int64_t by) {
  return (value % by + by) % by;
}

std::string DateAndTime(const UtcParts& parts) {
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", parts.year, parts.month, parts.day,
                     parts.hour, parts.minute, parts.second);
}

}  // namespace

std::string UtcTime(int64_t wall_ms) {
  return DateAndTime(PartsOf(FloorDivide(wall_ms, 1000))) + "Z";
}

std::string UtcTimeOfNs(int64_t wall_ns) {
  constexpr int64_t kSecondNs = 1'000'000'000;
  return fmt::format("{}.{:09}Z", DateAndTime(PartsOf(FloorDivide(wall_ns, kSecondNs))),
                     FloorRest(wall_ns, kSecondNs));
}

std::string FileStampUtc(int64_t wall_ms) {
  const UtcParts parts = PartsOf(FloorDivide(wall_ms, 1000));
  return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", parts.year, parts.month, parts.day,
                     parts.hour, parts.minute, parts.second);
}

std::string HumanBytes(uint64_t bytes) {
  static constexpr const char* kUnits[] = {"KB", "MB", "GB", "TB", "PB"};
  if (bytes < 1000) return fmt::format("{} bytes", bytes);
  double value = static_cast<double>(bytes);
  size_t unit = 0;
  for (value /= 1000; value >= 999.95 && unit + 1 < std::size(kUnits); ++unit) value /= 1000;
  return fmt::format("{:.1f} {}", value, kUnits[unit]);
}

std::string Count(uint64_t count, const std::string& one, const std::string& many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

}  // namespace atozsync
