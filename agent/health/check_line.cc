#include "agent/health/check_line.h"

#include <fmt/format.h>

#include "sync/base/rel_path.h"

namespace atozsync {

namespace {

const char* WordOf(CheckLine::Code code) {
  switch (code) {
    case CheckLine::kOk: return "OK";
    case CheckLine::kWarning: return "WARNING";
    case CheckLine::kCritical: return "CRITICAL";
    case CheckLine::kUnknown: return "UNKNOWN";
  }
  return "UNKNOWN";
}

// What stands before '|' must not have one, nor a line's end.
std::string OnOneLine(const std::string& text) {
  std::string out = Printable(text);
  for (char& c : out) c = c == '|' ? '/' : c;
  return out;
}

}  // namespace

CheckLine CheckFailed(CheckLine::Code code, const std::string& why) {
  return {code, fmt::format("{}: {}", WordOf(code), OnOneLine(why))};
}

CheckLine CheckOverview(const Json& overview) {
  if (!overview.is_object() || !overview.contains("status")) {
    return CheckFailed(CheckLine::kUnknown, "the agent's answer makes no sense");
  }
  const Json& status = overview["status"];
  CheckLine::Code code = CheckLine::kOk;
  std::string text;
  for (const Json& trouble : ListAt(overview, "needs_person")) {
    const bool bad = TextAt(trouble, "level") == "bad";
    code = bad || code == CheckLine::kCritical ? CheckLine::kCritical : CheckLine::kWarning;
    text += (text.empty() ? "" : "; ") + TextAt(trouble, "text");
  }
  uint64_t connected = 0;
  const Json peers = ListAt(status, "peers");
  for (const Json& peer : peers) connected += FlagAt(peer, "connected") ? 1 : 0;
  if (text.empty()) {
    text = TextAt(status, "state") +
           (FlagAt(status, "in_sync") ? ", everything is the same everywhere" : "") +
           fmt::format(", {} of {} peers connected", connected, peers.size());
  }
  const Json held = status.value("held", Json::object());
  const Json receive = status.value("to_receive", Json::object());
  return {code,
          fmt::format("{}: {}|conflicts={};0 brake={};0 held={} to_receive_files={} "
                      "to_receive_bytes={}B files={} peers_connected={};;;0;{}",
                      WordOf(code), OnOneLine(text), NumberAt(status, "conflicts_open"),
                      NumberAt(held, "brake"), NumberAt(held, "row") + NumberAt(held, "locked"),
                      NumberAt(receive, "files"), NumberAt(receive, "bytes"),
                      NumberAt(status, "files"), connected, peers.size())};
}

}  // namespace atozsync
