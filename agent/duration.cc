#include "agent/duration.h"

#include <charconv>
#include <utility>

#include "sync/base/rel_path.h"

namespace atozsync {

namespace {

constexpr std::pair<std::string_view, int64_t> kUnits[] = {
    {"ms", 1},         {"s", 1000},         {"sec", 1000},
    {"m", 60'000},     {"min", 60'000},     {"minutes", 60'000},
    {"h", 3'600'000},  {"hour", 3'600'000}, {"hours", 3'600'000},
    {"d", 86'400'000}, {"day", 86'400'000}, {"days", 86'400'000},
};
constexpr int64_t kDurationMaxMs = int64_t{3660} * 86'400'000;

}  // namespace

Result<int64_t> ParseDuration(std::string_view text) {
  Status wrong(Errc::kInvalid, "'" + Printable(text) +
                                   "' is not a duration: write a number and a unit, like \"90s\", "
                                   "\"10 min\", \"1h\" or \"30 days\"");
  int64_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || text.front() == '-') return wrong;
  std::string_view unit = text.substr(static_cast<size_t>(end - text.data()));
  while (!unit.empty() && unit.front() == ' ') unit.remove_prefix(1);
  for (const auto& [name, factor_ms] : kUnits) {
    if (unit != name) continue;
    if (number > kDurationMaxMs / factor_ms) {
      return Status(Errc::kInvalid, "'" + Printable(text) + "' is longer than ten years");
    }
    return number * factor_ms;
  }
  return wrong;
}

}  // namespace atozsync
