// [dashboard] and [alert]: who may look, and who is told.
#include "agent/config_reader.h"
#include "protocol/address.h"
#include "sync/os/system_files.h"

namespace atozsync {

namespace {

constexpr int64_t kDayMs = 86'400'000;
constexpr size_t kCommandWordsMax = 32;
constexpr size_t kUrlBytesMax = 2048;

}  // namespace

void ReadDashboardSection(ConfigReader& reader, Config& config) {
  DashboardConfig& dashboard = config.dashboard;
  if (!reader.Enter("dashboard", {"listen", "canary", "metrics"})) return;
  reader.Text("listen", &dashboard.listen);
  reader.Flag("metrics", &dashboard.metrics);
  std::string canary = "off";
  reader.Text("canary", &canary);
  if (canary != "off") reader.Duration("canary", 60'000, 7 * kDayMs, &dashboard.canary_ms);
  if (dashboard.listen.empty()) return;
  Status usable = CheckDashboardAddress(dashboard.listen);
  if (!usable.ok()) reader.Fail("listen", usable.error().context);
}

void ReadAlertSection(ConfigReader& reader, Config& config) {
  AlertConfig& alert = config.alert;
  if (!reader.Enter("alert", {"command", "url", "silent", "details"})) return;
  reader.Texts("command", &alert.command);
  reader.Text("url", &alert.url);
  reader.Duration("silent", 60'000, 30 * kDayMs, &alert.silent_ms);
  reader.Flag("details", &alert.details);
  if (!alert.command.empty() && !IsAbsolute(alert.command.front())) {
    reader.Fail("command",
                "must begin with the absolute path of a program, like [\"/usr/bin/logger\", "
                "\"-t\", \"atozsync\"]");
  }
  if (alert.command.size() > kCommandWordsMax) reader.Fail("command", "has more than 32 words");
  for (const std::string& word : alert.command) {
    if (word.find('\0') != std::string::npos) reader.Fail("command", "has a zero byte in a word");
  }
  if (alert.url.empty()) return;
  Result<AlertUrl> url = ParseAlertUrl(alert.url);
  if (!url.ok()) reader.Fail("url", url.error().context);
}

Status CheckDashboardAddress(const std::string& address) {
  ASSIGN_OR_RETURN(protocol::HostPort parsed, protocol::ParseHostPort(address));
  if (protocol::ClassifyAddress(parsed.host) == protocol::AddressClass::kLoopback) {
    return Status::Ok();
  }
  return Status(Errc::kInvalid,
                "'" + Printable(address) + "' is not on loopback: use 127.0.0.1:PORT");
}

Result<AlertUrl> ParseAlertUrl(const std::string& url) {
  constexpr std::string_view kScheme = "http://";
  const std::string shape = "'" + Printable(url) + "': write it like http://10.8.0.9:8080/alerts";
  if (url.size() > kUrlBytesMax || url.compare(0, kScheme.size(), kScheme) != 0) {
    return Status(Errc::kInvalid, shape);
  }
  for (char c : url) {
    if (c <= 0x20 || c >= 0x7f || c == '@' || c == '#') return Status(Errc::kInvalid, shape);
  }
  const std::string rest = url.substr(kScheme.size());
  const size_t slash = std::min(rest.find('/'), rest.size());
  std::string host = rest.substr(0, slash);
  if (host.empty()) return Status(Errc::kInvalid, shape);
  const bool has_port = host.rfind(':') != std::string::npos &&
                        (host.front() != '[' || host.rfind(':') > host.rfind(']'));
  ASSIGN_OR_RETURN(protocol::HostPort parsed,
                   protocol::ParseHostPort(has_port ? host : host + ":80"));
  AlertUrl parts{parsed.host, parsed.port, slash < rest.size() ? rest.substr(slash) : "/"};
  if (parts.port == 0) return Status(Errc::kInvalid, shape);
  const protocol::AddressClass kind = protocol::ClassifyAddress(parts.host);
  if (kind == protocol::AddressClass::kLoopback || kind == protocol::AddressClass::kPrivate) {
    return parts;
  }
  return Status(Errc::kInvalid, "'" + Printable(parts.host) +
                                    "' is no loopback or private number: alerts stay inside the "
                                    "practice");
}

}  // namespace atozsync
