// HOST:PORT as people write it, and what kind of address a host is. Pure functions: no look-ups.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sync/base/status.h"

namespace atozsync::protocol {

struct HostPort {
  std::string host;  // without brackets
  uint16_t port = 0;
  bool operator==(const HostPort&) const = default;
};

// "10.8.0.2:22067", "[fd00::2]:22067", "office-north:22067". kInvalid says what is wrong with it.
Result<HostPort> ParseHostPort(std::string_view text);
// The form that ParseHostPort() reads.
std::string FormatHostPort(const HostPort& address);

enum class AddressClass {
  kLoopback,  // 127.0.0.0/8, ::1, localhost
  kPrivate,   // RFC 1918, RFC 4193 fc00::/7, link-local, 100.64.0.0/10 (shared: VPNs use it)
  kWildcard,  // 0.0.0.0, ::
  kPublic,    // every other number
  kName,      // not a number: what it stands for is known after a look-up only
};
const char* AddressClassName(AddressClass address_class);
// An IPv4 address inside an IPv6 one (::ffff:10.0.0.1) is judged as IPv4.
AddressClass ClassifyAddress(std::string_view host);

// OK for loopback and private addresses. kInvalid for public and wildcard ones, unless
// `allow_public`; and for names: a listener is bound to a number, so that it cannot be moved to
// another network by whoever answers for the name.
Status CheckListenHost(std::string_view host, bool allow_public);

}  // namespace atozsync::protocol
