#include "protocol/address.h"

#include <uv.h>

#include <algorithm>
#include <charconv>

#include "sync/base/bytes.h"
#include "sync/base/rel_path.h"

namespace atozsync::protocol {
namespace {

constexpr size_t kHostBytesMax = 253;  // a DNS name

Status Wrong(std::string_view text, const char* what) {
  return {Errc::kInvalid, "'" + Printable(text.substr(0, kHostBytesMax)) +
                              "' is no address: " + what + " (write HOST:PORT or [IPv6]:PORT)"};
}

bool IsHostChar(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '-' || c == '_';
}

bool IsIpv6Char(char c) {
  return IsHostChar(c) || c == ':' || c == '%';
}

AddressClass ClassifyIpv4(ByteSpan address) {
  const uint32_t number = GetU32(address);
  const auto in = [number](uint32_t network, int bits) {
    return (number >> (32 - bits)) == (network >> (32 - bits));
  };
  if (number == 0) return AddressClass::kWildcard;
  if (in(0x7F000000, 8)) return AddressClass::kLoopback;
  const bool is_private = in(0x0A000000, 8) || in(0xAC100000, 12) || in(0xC0A80000, 16) ||
                          in(0xA9FE0000, 16) || in(0x64400000, 10);
  return is_private ? AddressClass::kPrivate : AddressClass::kPublic;
}

AddressClass ClassifyIpv6(ByteSpan address) {
  const ByteSpan front = address.first(12);
  const bool front_zero = std::all_of(front.begin(), front.end(), [](uint8_t b) { return b == 0; });
  const uint32_t last = GetU32(address.subspan(12));
  if (front_zero && last == 0) return AddressClass::kWildcard;
  if (front_zero && last == 1) return AddressClass::kLoopback;
  if (GetU64(address) == 0 && GetU32(address.subspan(8)) == 0xFFFF) {
    return ClassifyIpv4(address.subspan(12));
  }
  const bool unique_local = (address[0] & 0xFE) == 0xFC;
  const bool link_local = address[0] == 0xFE && (address[1] & 0xC0) == 0x80;
  return unique_local || link_local ? AddressClass::kPrivate : AddressClass::kPublic;
}

}  // namespace

Result<HostPort> ParseHostPort(std::string_view text) {
  std::string_view host;
  std::string_view port;
  if (text.starts_with('[')) {
    const size_t end = text.find("]:");
    if (end == std::string_view::npos) return Wrong(text, "']:' and a port are missing");
    host = text.substr(1, end - 1);
    port = text.substr(end + 2);
    if (!std::all_of(host.begin(), host.end(), IsIpv6Char)) return Wrong(text, "the host is wrong");
  } else {
    const size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) return Wrong(text, "the port is missing");
    host = text.substr(0, colon);
    port = text.substr(colon + 1);
    if (!std::all_of(host.begin(), host.end(), IsHostChar)) return Wrong(text, "the host is wrong");
  }
  if (host.empty() || host.size() > kHostBytesMax) return Wrong(text, "the host is wrong");
  HostPort address{std::string(host), 0};
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
  if (port.empty() || error != std::errc() || end != port.data() + port.size()) {
    return Wrong(text, "the port is not a number from 0 to 65535");
  }
  return address;
}

std::string FormatHostPort(const HostPort& address) {
  // What stands in brackets only: IPv6, and the zone of a link.
  const bool brackets = address.host.find_first_of(":%") != std::string::npos;
  return (brackets ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

const char* AddressClassName(AddressClass address_class) {
  switch (address_class) {
    case AddressClass::kLoopback: return "loopback";
    case AddressClass::kPrivate: return "private";
    case AddressClass::kWildcard: return "wildcard";
    case AddressClass::kPublic: return "public";
    case AddressClass::kName: return "name";
  }
  return "unknown";
}

AddressClass ClassifyAddress(std::string_view host) {
  if (host == "localhost") return AddressClass::kLoopback;
  // The system's parser would stop there and judge the front only.
  if (host.find('\0') != std::string_view::npos) return AddressClass::kName;
  const std::string number(host.substr(0, host.find('%')));  // without the zone of a link
  uint8_t address[16];
  if (uv_inet_pton(AF_INET, number.c_str(), address) == 0) {
    return ClassifyIpv4(ByteSpan(address, 4));
  }
  if (uv_inet_pton(AF_INET6, number.c_str(), address) == 0) return ClassifyIpv6(address);
  return AddressClass::kName;
}

Status CheckListenHost(std::string_view host, bool allow_public) {
  const std::string shown = "listening on '" + Printable(host) + "'";
  switch (ClassifyAddress(host)) {
    case AddressClass::kLoopback:
    case AddressClass::kPrivate: return Status::Ok();
    case AddressClass::kName:
      return {Errc::kInvalid, shown + ": a name is not accepted here; give the address in numbers"};
    case AddressClass::kWildcard:
    case AddressClass::kPublic: break;
  }
  if (allow_public) return Status::Ok();
  return {Errc::kInvalid, shown +
                              ": reachable from outside the private network; use the address "
                              "of the VPN, or set allow_public"};
}

}  // namespace atozsync::protocol
