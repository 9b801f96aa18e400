// The database's URL as a person writes it: what is accepted can be connected to, means the same
// when every byte of it is escaped, and is on this machine only where the system agrees; what is
// refused is refused in one line. A password in it is always refused, and never repeated.
#include <arpa/inet.h>

#include <cctype>
#include <cstdint>
#include <string>

#include "database/settings.h"
#include "sync/base/bytes.h"
#include "sync/base/check.h"

namespace atozsync {
namespace {

constexpr size_t kUrlBytesMax = 4096;
constexpr const char* kSecret = "s3cret-w0rd";

bool HasControl(const std::string& text) {
  for (const char c : text) {
    if (std::iscntrl(static_cast<unsigned char>(c)) != 0) return true;
  }
  return false;
}

void CheckRefusal(const Result<DatabaseSettings>& settings) {
  CHECK(settings.Is(Errc::kInvalid));
  CHECK(!settings.error().context.empty() && !HasControl(settings.error().context));
}

std::string Escaped(const std::string& text) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string url;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    url += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
  }
  return url;
}

std::string UrlOf(const DatabaseSettings& settings) {
  std::string url = "mysql://" + Escaped(settings.user) + "@" + Escaped(settings.host) + ":" +
                    std::to_string(settings.port) + "/" + Escaped(settings.database);
  if (!settings.socket.empty()) url += "?socket=" + Escaped(settings.socket);
  if (settings.tls) url += "?ca=" + Escaped(settings.tls_ca) + "&tls=required";
  return url;
}

void CheckLocal(const DatabaseSettings& settings) {
  in_addr number = {};
  const bool is_number = ::inet_pton(AF_INET, settings.host.c_str(), &number) == 1;
  const bool loopback = is_number && ntohl(number.s_addr) >> 24 == 127;
  const bool named = settings.host == "localhost" || settings.host == "::1";
  if (!settings.socket.empty() || loopback || named) {
    CHECK(settings.is_local());
  } else if (settings.is_local()) {  // 127.1: a number all the same
    CHECK(settings.host.find_first_not_of("0123456789.") == std::string::npos);
    CHECK(!is_number);
  }
}

void CheckAccepted(const DatabaseSettings& settings) {
  CHECK(!settings.user.empty() && !settings.host.empty() && !settings.database.empty());
  CHECK(settings.port != 0 && settings.password_file.empty());
  CHECK(settings.tls == !settings.tls_ca.empty());
  CHECK(settings.socket.empty() || !settings.tls);
  for (const std::string& text : {settings.user, settings.host, settings.database, settings.socket,
                                  settings.tls_ca, settings.Name()}) {
    CHECK(!HasControl(text));
  }
  CheckLocal(settings);
  const std::string url = UrlOf(settings);
  if (url.size() > kUrlBytesMax) return;
  const Result<DatabaseSettings> again = ParseDatabaseUrl(url);
  CHECK(again.ok() && UrlOf(*again) == url);
  CHECK(again->Name() == settings.Name() && again->is_local() == settings.is_local());
}

void CheckPassword(const std::string& text) {
  for (const std::string& url :
       {"mariadb://u:" + text + kSecret + "@h/d", "mariadb://u@h/d?password=" + text + kSecret}) {
    const Result<DatabaseSettings> settings = ParseDatabaseUrl(url);
    CheckRefusal(settings);
    CHECK(settings.error().context.find(kSecret) == std::string::npos);
  }
}

}  // namespace
}  // namespace atozsync

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace atozsync;
  const std::string text(AsText({data, size}));
  const Result<DatabaseSettings> settings = ParseDatabaseUrl(text);
  if (settings.ok()) {
    CheckAccepted(*settings);
  } else {
    CheckRefusal(settings);
  }
  CheckPassword(text);
  return 0;
}
