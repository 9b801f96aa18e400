// Addresses as people write them: what parses is a host and a port that can be written again, and
// what counts as private is, by a second judgement with the system's own parser.
#include <arpa/inet.h>

#include <cstdint>
#include <string>

#include "protocol/address.h"
#include "sync/base/bytes.h"

namespace atozsync::protocol {
namespace {

AddressClass SlowlyClassifyIpv4(const std::string& host) {
  struct Network {
    const char* first;
    const char* last;
    AddressClass address_class;
  };
  static constexpr Network kNetworks[] = {
      {"0.0.0.0", "0.0.0.0", AddressClass::kWildcard},
      {"127.0.0.0", "127.255.255.255", AddressClass::kLoopback},
      {"10.0.0.0", "10.255.255.255", AddressClass::kPrivate},
      {"172.16.0.0", "172.31.255.255", AddressClass::kPrivate},
      {"192.168.0.0", "192.168.255.255", AddressClass::kPrivate},
      {"169.254.0.0", "169.254.255.255", AddressClass::kPrivate},
      {"100.64.0.0", "100.127.255.255", AddressClass::kPrivate},
  };
  const auto number = [](const char* text) {
    in_addr address = {};
    return ::inet_pton(AF_INET, text, &address) == 1 ? int64_t{ntohl(address.s_addr)} : int64_t{-1};
  };
  const int64_t mine = number(host.c_str());
  if (mine < 0) return AddressClass::kName;
  for (const Network& network : kNetworks) {
    if (number(network.first) <= mine && mine <= number(network.last)) return network.address_class;
  }
  return AddressClass::kPublic;
}

AddressClass SlowlyClassifyIpv6(const std::string& host) {
  in6_addr address = {};
  if (::inet_pton(AF_INET6, host.c_str(), &address) != 1) return AddressClass::kName;
  if (IN6_IS_ADDR_UNSPECIFIED(&address)) return AddressClass::kWildcard;
  if (IN6_IS_ADDR_LOOPBACK(&address)) return AddressClass::kLoopback;
  if (IN6_IS_ADDR_V4MAPPED(&address)) {
    char text[INET_ADDRSTRLEN] = {};
    ::inet_ntop(AF_INET, &address.s6_addr[12], text, sizeof(text));
    return SlowlyClassifyIpv4(text);
  }
  const bool unique_local = address.s6_addr[0] == 0xFC || address.s6_addr[0] == 0xFD;
  return unique_local || IN6_IS_ADDR_LINKLOCAL(&address) ? AddressClass::kPrivate
                                                         : AddressClass::kPublic;
}

void CheckHost(const std::string& host) {
  const AddressClass mine = ClassifyAddress(host);
  CHECK(std::string(AddressClassName(mine)) != "unknown");
  if (host.find_first_of(std::string_view("%\0", 2)) == std::string::npos) {
    AddressClass other = host == "localhost" ? AddressClass::kLoopback : SlowlyClassifyIpv4(host);
    if (other == AddressClass::kName) other = SlowlyClassifyIpv6(host);
    CHECK(mine == other);
  }
  // Only numbers have NUL behind them for the system, and none in front of their end.
  if (host.find('\0') != std::string::npos) CHECK(mine == AddressClass::kName);
  const bool inside = mine == AddressClass::kLoopback || mine == AddressClass::kPrivate;
  CHECK(CheckListenHost(host, false).ok() == inside);
  CHECK(CheckListenHost(host, true).ok() == (mine != AddressClass::kName));
}

}  // namespace
}  // namespace atozsync::protocol

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace atozsync;
  using namespace atozsync::protocol;
  const std::string text(AsText({data, size}));
  CheckHost(text);
  const Result<HostPort> address = ParseHostPort(text);
  if (!address.ok()) {
    CHECK(address.Is(Errc::kInvalid));
    return 0;
  }
  CHECK(!address->host.empty() && address->host.size() <= 253);
  CHECK(address->host.find_first_of(std::string_view("[]/ @\0", 6)) == std::string::npos);
  CheckHost(address->host);
  const std::string written = FormatHostPort(*address);
  const Result<HostPort> again = ParseHostPort(written);
  CHECK(again.ok() && *again == *address);
  CHECK(FormatHostPort(*again) == written);
  return 0;
}
