#include "database/settings.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include "sync/base/rel_path.h"
#include "sync/os/system_files.h"

namespace atozsync {
namespace {

constexpr size_t kUrlBytesMax = 4096;
constexpr const char* kShape = "write it as mariadb://USER@127.0.0.1:3306/opendental";

Status Bad(const std::string& what) {
  return Status(Errc::kInvalid, "database url: " + what);
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool IsControl(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

// No control characters come out: names and paths end up in messages.
Result<std::string> Decoded(std::string_view text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      const int high = i + 2 < text.size() ? HexDigit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? HexDigit(text[i + 2]) : -1;
      if (high < 0 || low < 0) return Bad("'%' is not followed by two hexadecimal digits");
      c = static_cast<char>(high * 16 + low);
      i += 2;
    }
    if (IsControl(c)) return Bad("it holds a control character");
    plain.push_back(c);
  }
  return plain;
}

// Cuts `text` at the first `mark`: what stands before is returned, what follows stays. The whole
// when there is none.
std::string_view CutAt(char mark, std::string_view& text) {
  const size_t at = text.find(mark);
  const std::string_view before = text.substr(0, at);
  text = at == std::string_view::npos ? std::string_view() : text.substr(at + 1);
  return before;
}

Status TakeUser(std::string_view user_info, DatabaseSettings& settings) {
  if (user_info.find(':') != std::string_view::npos) {
    return Bad(
        "a password does not belong here, where reports and backups show it: put it in a "
        "file of mode 0600 and name that in password_file");
  }
  ASSIGN_OR_RETURN(settings.user, Decoded(user_info));
  if (settings.user.empty()) return Bad(std::string("it names no user: ") + kShape);
  return Status::Ok();
}

Status TakeHost(std::string_view host_port, DatabaseSettings& settings) {
  std::string_view port;
  if (!host_port.empty() && host_port[0] == '[') {
    const size_t end = host_port.find(']');
    if (end == std::string_view::npos) return Bad("'[' without ']' in the address");
    // Not decoded: '%' comes before the name of a network there.
    settings.host = std::string(host_port.substr(1, end - 1));
    if (std::any_of(settings.host.begin(), settings.host.end(), IsControl)) {
      return Bad("it holds a control character");
    }
    std::string_view rest = host_port.substr(end + 1);
    if (!rest.empty() && rest[0] != ':') return Bad("a port comes after ':' behind the address");
    if (!rest.empty()) port = rest.substr(1);
    if (!rest.empty() && port.empty()) return Bad("the port is empty");
  } else {
    const bool has_port = host_port.find(':') != std::string_view::npos;
    ASSIGN_OR_RETURN(settings.host, Decoded(CutAt(':', host_port)));
    port = host_port;
    if (has_port && port.empty()) return Bad("the port is empty");
  }
  if (settings.host.empty()) return Bad(std::string("it names no server: ") + kShape);
  if (port.empty()) return Status::Ok();
  auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), settings.port);
  if (error != std::errc() || end != port.data() + port.size() || settings.port == 0) {
    return Bad("'" + Printable(port) + "' is no port: a number from 1 to 65535");
  }
  return Status::Ok();
}

Status TakeOptions(std::string_view query, DatabaseSettings& settings) {
  while (!query.empty()) {
    std::string_view value = CutAt('&', query);
    const std::string key(CutAt('=', value));
    ASSIGN_OR_RETURN(std::string text, Decoded(value));
    if (key == "socket" && !text.empty()) {
      settings.socket = std::move(text);
    } else if (key == "tls" && (text == "required" || text == "off")) {
      settings.tls = text == "required";
    } else if (key == "ca" && !text.empty()) {
      settings.tls_ca = std::move(text);
    } else {
      // Of an unknown one the name alone: the value may be a password.
      const bool known = key == "socket" || key == "tls" || key == "ca";
      return Bad("'" + Printable(key) + (known ? "=" + Printable(text) : "") +
                 "' is no option: there are socket=PATH, tls=required, tls=off and ca=FILE");
    }
  }
  if (settings.tls && settings.tls_ca.empty()) {
    return Bad(
        "tls=required needs ca=FILE with the certificate that signed the server's: "
        "without it anybody can play the server");
  }
  if (!settings.tls && !settings.tls_ca.empty()) return Bad("ca=FILE needs tls=required");
  if (!settings.socket.empty() && settings.tls) {
    return Bad("a socket never leaves this machine: leave tls and ca out");
  }
  return Status::Ok();
}

}  // namespace

bool DatabaseSettings::is_local() const {
  // Of digits alone: 127.office.example is the name of any machine.
  const bool loopback =
      host.rfind("127.", 0) == 0 && host.find_first_not_of("0123456789.") == std::string::npos;
  return !socket.empty() || host == "localhost" || host == "::1" || loopback;
}

std::string DatabaseSettings::Name() const {
  const std::string where = !socket.empty()
                                ? socket
                                : (host.find(':') == std::string::npos ? host : "[" + host + "]") +
                                      ":" + std::to_string(port);
  return Printable(database) + " at " + Printable(where);
}

Result<DatabaseSettings> ParseDatabaseUrl(std::string_view url) {
  if (url.size() > kUrlBytesMax) return Bad("it is longer than 4096 bytes");
  const size_t scheme_end = url.find("://");
  const std::string_view scheme =
      scheme_end == std::string_view::npos ? std::string_view() : url.substr(0, scheme_end);
  if (scheme != "mariadb" && scheme != "mysql") {
    return Bad(std::string("it begins with neither mariadb:// nor mysql://: ") + kShape);
  }
  std::string_view query = url.substr(scheme_end + 3);
  std::string_view path = CutAt('?', query);
  std::string_view authority = CutAt('/', path);
  DatabaseSettings settings;
  const size_t at = authority.rfind('@');
  if (at == std::string_view::npos) return Bad(std::string("it names no user: ") + kShape);
  TRY(TakeUser(authority.substr(0, at), settings));
  TRY(TakeHost(authority.substr(at + 1), settings));
  if (path.find('/') != std::string_view::npos) return Bad("a '/' in the database's name");
  ASSIGN_OR_RETURN(settings.database, Decoded(path));
  if (settings.database.empty()) return Bad(std::string("it names no database: ") + kShape);
  TRY(TakeOptions(query, settings));
  return settings;
}

Result<std::string> ReadPasswordFile(const std::string& path) {
  const std::string what = "password file " + Printable(path);
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(NativePath(path), error);
  if (error) return ErrnoError(error.value(), what);
  if (status.type() != std::filesystem::file_type::regular) {
    return Status(Errc::kInvalid, what + " is not a regular file");
  }
  if (IsOpenToOthers(path, Closed::kToAllButItsGroup)) {
    return Status(Errc::kPermission, what + " is open to others: " + HowToClose(path) +
                                         " (or let a group of its own read it)");
  }
  std::ifstream in(NativePath(path), std::ios::binary);
  std::string password(kPasswordBytesMax + 1, '\0');
  in.read(password.data(), static_cast<std::streamsize>(password.size()));
  if (in.bad() || (!in && !in.eof())) {
    return Status(Errc::kPermission, what + " cannot be read by the user the agent runs as");
  }
  password.resize(static_cast<size_t>(in.gcount()));
  password.resize(std::min(password.size(), password.find_first_of("\r\n")));
  if (password.size() > kPasswordBytesMax) {
    return Status(Errc::kInvalid, what + ": its first line is longer than 1024 bytes");
  }
  if (password.empty()) return Status(Errc::kInvalid, what + " is empty");
  return password;
}

}  // namespace atozsync
