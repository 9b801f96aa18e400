// Which requests the dashboard's port takes at all: decided from the head, before a byte of the
// body is read. Pure functions.
//
// Against other pages in the same browser (a foreign Origin, a name that was made to point to this
// machine, a form that posts here) and other programs on the machine (no session).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "protocol/address.h"

namespace atozsync {

struct RequestHead {
  std::string method;
  std::string path;  // decoded, without the query
  std::vector<std::string> hosts;
  std::vector<std::string> origins;
  std::string fetch_site;  // Sec-Fetch-Site
  std::string cookie;
  std::string csrf;  // X-Atozsync-Csrf
  std::string content_type;
  std::string content_length;
  bool encoded = false;  // Transfer-Encoding or Content-Encoding: not needed here
};

struct Refusal {
  int http_status = 0;
  std::string text;
};

inline constexpr size_t kPathBytesMax = 1024;
inline constexpr char kSessionCookie[] = "atozsync_session";

// Host, Origin, shape. Nothing: it may be looked at further.
std::optional<Refusal> CheckHead(const RequestHead& head, const protocol::HostPort& listen);
// Method and session of a request below /v1. `csrf`: of its session; nothing: it has none.
std::optional<Refusal> CheckSession(const RequestHead& head,
                                    const std::optional<std::string>& csrf);
// The value of the session's cookie in a Cookie header, or empty.
std::string SessionCookieIn(const std::string& cookie);

}  // namespace atozsync
