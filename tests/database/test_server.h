// TestServer: a real mariadbd of its own for tests, with its own data directory, a unix socket and,
// where asked, a port on the loopback address. Started, stopped and killed by its process id; it
// dies with the test program. The system tables are made once per program and copied.
//
// One thread. Failures end the test program (CHECK): nothing can be tested then.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "database/connection.h"
#include "database/settings.h"
#include "tests/contract/temp_dir.h"

namespace atozsync {

struct TestServerOptions {
  bool tcp = false;                    // listens on 127.0.0.1 at a free port, too
  std::vector<std::string> arguments;  // "--server-id=2", "--log-bin", …
};

class TestServer {
 public:
  // Whether mariadbd is there at all (scripts/install-dependencies installs it).
  static bool Available();

  explicit TestServer(TestServerOptions options = {});
  ~TestServer();
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;

  // Returns when it answers. REQUIRES: it does not run.
  void Start();
  // Ends it in good order, or as a power failure would; returns when it is gone.
  void Stop();
  void Kill();
  // Holds it still, as a machine that hangs: connections stay, nothing answers. Until Resume().
  void Freeze();
  void Resume();

  // As the administrator; the statements of a file, or one.
  void Execute(const std::string& sql);
  void ExecuteIn(const std::string& database, const std::string& sql);
  void LoadFile(const std::string& path);
  Rows QueryAsRoot(const std::string& sql);
  // The tables and rows of tests/database/opendental-subset.sql, and appointment.sql; as InnoDB
  // tables where asked (the field has both).
  void LoadOpenDental(bool innodb = false);

  // The user of packaging/opendental-grants.sql, made from exactly that file, over TCP with its
  // password in a file. REQUIRES: options.tcp, LoadOpenDental().
  DatabaseSettings LoadGrants();

  // How to reach database opendental as root through the socket; change what the test is about.
  DatabaseSettings settings() const;
  // The same over TCP. REQUIRES: options.tcp.
  DatabaseSettings tcp_settings() const;
  const std::string& dir() const { return dir_.path(); }
  std::string socket() const { return dir_.path() + "/s"; }
  int port() const { return port_; }
  bool running() const { return pid_ > 0; }

 private:
  std::vector<std::string> Command() const;
  void Wait(int signum);
  void RunClient(const std::string& sql_file, const std::string& database,
                 const std::vector<std::string>& arguments = {});

  TestServerOptions options_;
  TempDir dir_;
  int port_ = 0;
  pid_t pid_ = 0;
};

// Waits until `holds` says so, asking every few milliseconds; false after `timeout_ms`.
bool WaitFor(const std::function<bool()>& holds, int timeout_ms = 30000);

// Runs a program to its end; its exit status. Output goes to `log`.
int RunProgram(const std::vector<std::string>& command, const std::string& log,
               const std::string& input = "/dev/null");

}  // namespace atozsync
