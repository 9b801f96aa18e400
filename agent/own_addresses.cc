#include "agent/own_addresses.h"

#include "agent/json_reports.h"
#include "protocol/address.h"
#include "sync/os/system_files.h"

namespace atozsync {

std::vector<std::string> Reachable(const std::vector<std::string>& addresses) {
  std::vector<std::string> reachable;
  for (const std::string& address : addresses) {
    Result<protocol::HostPort> parsed = protocol::ParseHostPort(address);
    bool useful = parsed.ok() && parsed->port != 0 &&
                  protocol::ClassifyAddress(parsed->host) != protocol::AddressClass::kWildcard;
    if (useful) reachable.push_back(address);
  }
  return reachable;
}

std::vector<std::string> OwnAddresses(const StateDir& state, const Config& config) {
  std::vector<std::string> bound;
  Result<std::string> run = ReadSmallFile(state.RunFile(), Config::kFileBytesMax);
  std::optional<Json> json = run.ok() ? ParseJson(*run) : std::nullopt;
  if (json) {
    for (const Json& address : ListAt(*json, "addresses")) {
      if (address.is_string()) bound.push_back(address.get<std::string>());
    }
  }
  return Reachable(bound.empty() ? config.listen : bound);
}

}  // namespace atozsync
