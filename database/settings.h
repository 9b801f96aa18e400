// DatabaseSettings: where the practice's database is and how to get in, read from the URL of the
// configuration. Not a connection, and no password: that stays in its own file, is read anew for
// every connection, and is neither kept nor logged.
//
// Pure but for ReadPasswordFile(); any thread. Errors name what is wrong with the value and what
// to write instead.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sync/base/status.h"

namespace atozsync {

struct DatabaseSettings {
  std::string host;  // "127.0.0.1", "::1", "localhost"; not used with a socket
  uint16_t port = 3306;
  std::string socket;  // path of a unix socket; empty: over TCP
  std::string user;
  std::string password_file;  // empty: no password (a socket that knows the user)
  std::string database;
  bool tls = false;    // required when set: no connection without it
  std::string tls_ca;  // certificates that may have signed the server's; set when tls is

  // The server is on this machine: nobody between can read along.
  bool is_local() const;
  // "opendental at 127.0.0.1:3306", for messages and logs.
  std::string Name() const;
};

// mariadb://USER@HOST[:PORT]/DATABASE[?socket=PATH][&tls=required&ca=FILE]; mysql:// is the same.
// Bytes that mean something in a URL are written %XX. A password in it is refused: the
// configuration is shown in reports and in process lists.
Result<DatabaseSettings> ParseDatabaseUrl(std::string_view url);

// The first line of the file, at most kPasswordBytesMax bytes. Refused when others than its owner
// may change it or others than its owner and group may read it.
inline constexpr size_t kPasswordBytesMax = 1024;
Result<std::string> ReadPasswordFile(const std::string& path);

}  // namespace atozsync
