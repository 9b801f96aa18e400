#include "agent/dashboard/request_guard.h"

#include <algorithm>
#include <string_view>

#include "agent/digest.h"
#include "sync/base/bytes.h"

namespace atozsync {

namespace {

std::string Lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

// Names of this port, as a browser writes them: without the port where it is HTTP's own.
bool IsOurHost(const std::string& given, const protocol::HostPort& listen) {
  for (const std::string& host : {listen.host, std::string("localhost")}) {
    const protocol::HostPort address{host, listen.port};
    std::string name = protocol::FormatHostPort(address);
    if (Lower(given) == name) return true;
    if (listen.port == 80 && Lower(given) == name.substr(0, name.rfind(':'))) return true;
  }
  return false;
}

bool IsOurOrigin(const std::string& given, const protocol::HostPort& listen) {
  constexpr std::string_view kScheme = "http://";
  return given.compare(0, kScheme.size(), kScheme) == 0 &&
         IsOurHost(given.substr(kScheme.size()), listen);
}

// Takes as long for a wrong one as for the right one.
bool SameSecret(const std::string& a, const std::string& b) {
  return Sha256(AsBytes(a)) == Sha256(AsBytes(b));
}

bool IsApi(const std::string& path) {
  return path == "/v1" || path.compare(0, 4, "/v1/") == 0;
}

}  // namespace

std::optional<Refusal> CheckHead(const RequestHead& head, const protocol::HostPort& listen) {
  if (head.hosts.size() != 1 || !IsOurHost(head.hosts.front(), listen)) {
    return Refusal{403, "this is the dashboard of this machine alone: open it with `atozsync ui`"};
  }
  for (const std::string& origin : head.origins) {
    if (!IsOurOrigin(origin, listen)) return Refusal{403, "another page may not ask this"};
  }
  const bool foreign =
      !head.fetch_site.empty() && head.fetch_site != "same-origin" && head.fetch_site != "none";
  if (foreign && IsApi(head.path)) return Refusal{403, "another page may not ask this"};
  if (head.path.size() > kPathBytesMax) return Refusal{414, "the address is too long"};
  if (head.encoded) return Refusal{400, "send the body as it is, with its length"};
  if (head.method != "GET" && head.method != "POST" && head.method != "DELETE") {
    return Refusal{405, "GET, POST or DELETE"};
  }
  const bool has_body = !head.content_length.empty() && head.content_length != "0";
  const std::string type = Lower(head.content_type.substr(0, head.content_type.find(';')));
  if (has_body && type != "application/json") return Refusal{415, "send JSON: application/json"};
  return {};
}

std::optional<Refusal> CheckSession(const RequestHead& head,
                                    const std::optional<std::string>& csrf) {
  if (!csrf) return Refusal{401, "there is no session: run `atozsync ui`"};
  if (head.method == "GET" || SameSecret(head.csrf, *csrf)) return {};
  return Refusal{403, "the header X-Atozsync-Csrf is missing or wrong: load the page again"};
}

std::string SessionCookieIn(const std::string& cookie) {
  const std::string wanted = std::string(kSessionCookie) + "=";
  for (size_t start = 0; start < cookie.size();) {
    size_t end = std::min(cookie.find(';', start), cookie.size());
    size_t begin = cookie.find_first_not_of(' ', start);
    if (begin < end && cookie.compare(begin, wanted.size(), wanted) == 0) {
      return cookie.substr(begin + wanted.size(), end - begin - wanted.size());
    }
    start = end + 1;
  }
  return "";
}

}  // namespace atozsync
