// [network] and its [[network.schedule]] blocks.
#include <array>

#include "agent/bandwidth.h"
#include "agent/config_reader.h"

namespace atozsync {

namespace {

constexpr std::array<std::string_view, 7> kDays = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

// Nothing where it is missing or wrong.
std::optional<uint64_t> ReadLimit(ConfigReader& reader) {
  std::string text;
  reader.Text("upload_limit", &text);
  if (reader.Find("upload_limit") == nullptr || reader.failed()) return {};
  Result<uint64_t> limit = ParseBandwidth(text);
  if (limit.ok()) return *limit;
  reader.Fail("upload_limit", limit.error().context);
  return {};
}

void ReadDays(ConfigReader& reader, UploadWindow& window) {
  std::vector<std::string> days;
  reader.Texts("days", &days);
  if (reader.Find("days") == nullptr || reader.failed()) return;
  if (days.empty()) return reader.Fail("days", "is empty: leave it out to mean every day");
  window.days.reset();
  for (const std::string& day : days) {
    const auto at = std::find(kDays.begin(), kDays.end(), day);
    if (at == kDays.end()) {
      return reader.Fail(
          "days", "'" + Printable(day) + "' is no day: write mon, tue, wed, thu, fri, sat or sun");
    }
    window.days.set(static_cast<size_t>(at - kDays.begin()));
  }
}

void ReadTime(ConfigReader& reader, const char* key, int* minute) {
  std::string text;
  reader.Text(key, &text);
  if (reader.Find(key) == nullptr || reader.failed()) return;
  const std::optional<int> parsed = ParseTimeOfDay(text);
  if (!parsed) {
    return reader.Fail(key, "'" + Printable(text) +
                                "' is no time of day: write it like \"08:00\", at most \"24:00\"");
  }
  *minute = *parsed;
}

void ReadWindow(ConfigReader& reader, const toml::table& table, Config& config) {
  reader.EnterTable(table, "[[network.schedule]]", {"days", "from", "to", "upload_limit"});
  UploadWindow window;
  ReadDays(reader, window);
  ReadTime(reader, "from", &window.from_minute);
  ReadTime(reader, "to", &window.to_minute);
  const std::optional<uint64_t> limit = ReadLimit(reader);
  if (reader.failed()) return;
  if (window.from_minute == kMinutesPerDay) return reader.Fail("from", "must be before \"24:00\"");
  if (window.from_minute == window.to_minute) {
    return reader.Fail("to", "is the same as from: leave both out to mean the whole day");
  }
  if (!limit) return reader.Fail("upload_limit", "is missing: say what holds in these hours");
  window.bytes_per_second = *limit;
  config.upload.windows.push_back(window);
}

}  // namespace

void ReadNetworkSection(ConfigReader& reader, Config& config) {
  if (!reader.Enter("network", {"listen", "allow_public", "upload_limit", "schedule"})) return;
  reader.Flag("allow_public", &config.allow_public);
  reader.Texts("listen", &config.listen);
  config.upload.bytes_per_second = ReadLimit(reader).value_or(0);
  for (const std::string& address : config.listen) {
    Status usable = CheckListenAddress(address, config.allow_public);
    if (!usable.ok()) reader.Fail("listen", usable.error().context);
  }
  const toml::node* schedule = reader.Find("schedule");
  if (schedule == nullptr) return;
  const toml::array* list = schedule->as_array();
  if (list == nullptr || !list->is_array_of_tables()) {
    return reader.Fail(*schedule, "schedule",
                       "must be written as [[network.schedule]], with two brackets");
  }
  if (list->size() > Config::kListMax) {
    return reader.Fail(*schedule, "schedule", "has more than 256 blocks");
  }
  for (const toml::node& entry : *list) {
    if (reader.failed()) return;
    ReadWindow(reader, *entry.as_table(), config);
  }
}

}  // namespace atozsync
