#include "agent/bandwidth.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <utility>

#include "sync/base/rel_path.h"
#include "sync/engine/upload_limit.h"

namespace atozsync {

namespace {

// Name, and bytes per second of one.
constexpr std::pair<std::string_view, double> kUnits[] = {
    {"kbit/s", 125.0}, {"Mbit/s", 125e3}, {"Gbit/s", 125e6},
    {"kB/s", 1e3},     {"MB/s", 1e6},     {"GB/s", 1e9},
};

}  // namespace

Result<uint64_t> ParseBandwidth(std::string_view text) {
  if (text == "unlimited") return uint64_t{0};
  const Status wrong(Errc::kInvalid,
                     "'" + Printable(text) +
                         "' is not a speed: write \"unlimited\", or a number and one of kbit/s, "
                         "Mbit/s, Gbit/s, kB/s, MB/s, like \"20 Mbit/s\"");
  double number = 0;
  const char* const last = text.data() + text.size();
  auto [end, error] = std::from_chars(text.data(), last, number, std::chars_format::fixed);
  if (error != std::errc() || !std::isfinite(number)) return wrong;
  std::string_view unit(end, static_cast<size_t>(last - end));
  while (!unit.empty() && unit.front() == ' ') unit.remove_prefix(1);
  for (const auto& [name, bytes] : kUnits) {
    if (unit != name) continue;
    const double rate = number * bytes;
    if (rate < static_cast<double>(UploadLimit::kBytesPerSecondMin) ||
        rate > static_cast<double>(UploadLimit::kBytesPerSecondMax)) {
      return Status(Errc::kInvalid, "'" + Printable(text) + "' must lie between " +
                                        FormatBandwidth(UploadLimit::kBytesPerSecondMin) + " and " +
                                        FormatBandwidth(UploadLimit::kBytesPerSecondMax));
    }
    return static_cast<uint64_t>(std::llround(rate));
  }
  return wrong;
}

std::string FormatBandwidth(uint64_t bytes_per_second) {
  if (bytes_per_second == 0) return "unlimited";
  const double bits = static_cast<double>(bytes_per_second) * 8;
  if (bits >= 1e9) return fmt::format("{:.6g} Gbit/s", bits / 1e9);
  if (bits >= 1e6) return fmt::format("{:.6g} Mbit/s", bits / 1e6);
  return fmt::format("{:.6g} kbit/s", bits / 1e3);
}

}  // namespace atozsync
