#include "agent/format.h"

#include <fmt/format.h>

#include <ctime>

namespace atozsync {

namespace {

std::tm UtcParts(int64_t seconds) {
  std::tm parts{};
  std::time_t time = static_cast<std::time_t>(seconds);
  ::gmtime_r(&time, &parts);
  return parts;
}

int64_t FloorDivide(int64_t value, int64_t by) {
  return value / by - (value % by < 0 ? 1 : 0);
}

// From 0 to by - 1, for times before 1970 too.
int64_t FloorRest(int64_t value, int64_t by) {
  return (value % by + by) % by;
}

std::string DateAndTime(const std::tm& parts) {
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", parts.tm_year + 1900, parts.tm_mon + 1,
                     parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
}

}  // namespace

std::string UtcTime(int64_t wall_ms) {
  return DateAndTime(UtcParts(FloorDivide(wall_ms, 1000))) + "Z";
}

std::string UtcTimeOfNs(int64_t wall_ns) {
  constexpr int64_t kSecondNs = 1'000'000'000;
  return fmt::format("{}.{:09}Z", DateAndTime(UtcParts(FloorDivide(wall_ns, kSecondNs))),
                     FloorRest(wall_ns, kSecondNs));
}

std::string FileStampUtc(int64_t wall_ms) {
  std::tm parts = UtcParts(FloorDivide(wall_ms, 1000));
  return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", parts.tm_year + 1900, parts.tm_mon + 1,
                     parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
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
