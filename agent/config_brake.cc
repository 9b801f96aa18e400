// [brake]: when changes of very many files wait for a person.
#include <charconv>

#include "agent/config_reader.h"

namespace atozsync {

namespace {

constexpr int64_t kFilesLeast = 1;
constexpr int64_t kFilesMost = 100'000;

// "5%", "0.5%", with at most two digits after the point; "off" is 0. Nothing: it is none of these.
std::optional<uint32_t> ParseShare(std::string_view text) {
  if (text == "off") return 0;
  if (text.empty() || text.back() != '%') return {};
  text.remove_suffix(1);
  if (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  const size_t point = std::min(text.find('.'), text.size());
  const std::string_view whole = text.substr(0, point);
  std::string digits(text.substr(std::min(point + 1, text.size())));
  if (digits.size() > 2 || (digits.empty() && point < text.size())) return {};
  digits.resize(2, '0');
  digits.insert(0, whole);
  const bool number =
      !whole.empty() && digits.size() <= 5 &&
      std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!number) return {};
  uint32_t share = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), share);
  if (share == 0 || share > BrakeOptions::kShareWhole) return {};
  return share;
}

}  // namespace

void ReadBrakeSection(ConfigReader& reader, Config& config) {
  if (!reader.Enter("brake", {"share", "window", "files"})) return;
  std::string share;
  reader.Text("share", &share);
  if (reader.Find("share") != nullptr && !reader.failed()) {
    std::optional<uint32_t> parsed = ParseShare(share);
    if (!parsed) {
      return reader.Fail("share", "'" + Printable(share) +
                                      "' is no share: write it like \"5%\", from \"0.01%\" to "
                                      "\"100%\", or \"off\" to have no brake");
    }
    config.brake.share = *parsed;
  }
  reader.Duration("window", 60'000, int64_t{30} * 86'400'000, &config.brake.window_ms);
  auto files = static_cast<int64_t>(config.brake.files_min);
  reader.Number("files", &files);
  if (files < kFilesLeast || files > kFilesMost) {
    return reader.Fail("files", "must lie between 1 and 100000");
  }
  config.brake.files_min = static_cast<uint64_t>(files);
}

}  // namespace atozsync
