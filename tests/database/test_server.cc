#include "tests/database/test_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "sync/base/check.h"

namespace atozsync {
namespace {

constexpr const char* kServer = "/usr/sbin/mariadbd";
constexpr const char* kInstall = "/usr/bin/mariadb-install-db";
constexpr const char* kClient = "/usr/bin/mariadb";

// Small, and not waiting for the disk: several servers share a test machine, and none of it lasts.
const std::vector<std::string> kSmall = {
    "--user=root",          "--innodb-buffer-pool-size=16M",   "--innodb-log-file-size=4M",
    "--key-buffer-size=1M", "--aria-pagecache-buffer-size=1M", "--performance-schema=0",
    "--skip-name-resolve",
};

void AppendSmall(std::vector<std::string>& command) {
  command.insert(command.end(), kSmall.begin(), kSmall.end());
  // It refuses to run as root unless told so, and to be told by others.
  if (::geteuid() == 0) command.push_back("--user=root");
}

pid_t Spawn(const std::vector<std::string>& command, const std::string& log,
            const std::string& input) {
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  CHECK(pid >= 0);
  if (pid > 0) return pid;
  // A test program that is killed leaves no server behind.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(126);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  const int in = ::open(input.c_str(), O_RDONLY);
  const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  if (in < 0 || out < 0) ::_exit(126);
  ::dup2(in, 0);
  ::dup2(out, 1);
  ::dup2(out, 2);
  ::execv(arguments[0], arguments.data());
  ::_exit(127);
}

int FreePort() {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  CHECK(fd >= 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  CHECK(::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
  socklen_t size = sizeof(address);
  CHECK(::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  ::close(fd);
  return ntohs(address.sin_port);
}

std::string ReadAll(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  CHECK(in.good());
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

// A data directory with the system tables and nothing else; made by the first test that asks.
const std::string& Template() {
  static const TempDir dir;
  static const std::string path = [] {
    const std::string data = dir.path() + "/data";
    // Servers that share a directory for temporary tables remove each other's when they start.
    std::vector<std::string> command = {kInstall,
                                        "--no-defaults",
                                        "--tmpdir=" + dir.path(),
                                        "--datadir=" + data,
                                        "--auth-root-authentication-method=normal",
                                        "--skip-test-db"};
    AppendSmall(command);
    CHECK(RunProgram(command, dir.path() + "/log") == 0);
    return data;
  }();
  return path;
}

}  // namespace

bool TestServer::Available() {
  return std::filesystem::exists(kServer) && std::filesystem::exists(kInstall) &&
         std::filesystem::exists(kClient);
}

TestServer::TestServer(TestServerOptions options) : options_(std::move(options)) {
  std::filesystem::copy(Template(), dir_.path() + "/data",
                        std::filesystem::copy_options::recursive);
  Start();
}

TestServer::~TestServer() {
  if (running()) Kill();
}

std::vector<std::string> TestServer::Command() const {
  std::vector<std::string> command = {kServer,
                                      "--no-defaults",
                                      "--datadir=" + dir_.path() + "/data",
                                      "--socket=" + socket(),
                                      "--tmpdir=" + dir_.path(),
                                      "--pid-file=" + dir_.path() + "/pid"};
  AppendSmall(command);
  if (options_.tcp) {
    command.push_back("--bind-address=127.0.0.1");
    command.push_back("--port=" + std::to_string(port_));
  } else {
    command.push_back("--skip-networking");
  }
  command.insert(command.end(), options_.arguments.begin(), options_.arguments.end());
  return command;
}

void TestServer::Start() {
  CHECK(!running());
  // Somebody may take the free port before the server does: it gives up then, and gets another.
  for (int attempt = 0; attempt < 5; ++attempt) {
    if (options_.tcp && port_ == 0) port_ = FreePort();
    std::filesystem::remove(socket());
    pid_ = Spawn(Command(), dir_.path() + "/log", "/dev/null");
    bool gone = false;
    DatabaseSettings anywhere = settings();
    anywhere.database = "mysql";
    const bool answers = WaitFor([&] {
      int status = 0;
      gone = ::waitpid(pid_, &status, WNOHANG) == pid_;
      return gone || (std::filesystem::exists(socket()) && DatabaseConnection::Open(anywhere).ok());
    });
    if (answers && !gone) return;
    if (!gone) Kill();
    pid_ = 0;
    port_ = 0;
  }
  fprintf(stderr, "%s\n", ReadAll(dir_.path() + "/log").c_str());
  CHECK(running());
}

void TestServer::Wait(int signum) {
  CHECK(running());
  ::kill(pid_, signum);
  int status = 0;
  CHECK(::waitpid(pid_, &status, 0) == pid_);
  pid_ = 0;
}

void TestServer::Stop() {
  Wait(SIGTERM);
}

void TestServer::Kill() {
  Wait(SIGKILL);
}

void TestServer::Freeze() {
  CHECK(::kill(pid_, SIGSTOP) == 0);
}

void TestServer::Resume() {
  CHECK(::kill(pid_, SIGCONT) == 0);
}

void TestServer::RunClient(const std::string& sql_file, const std::string& database,
                           const std::vector<std::string>& arguments) {
  std::vector<std::string> command = {kClient,
                                      "--no-defaults",
                                      "--user=root",
                                      "--socket=" + socket(),
                                      "--default-character-set=utf8mb4",
                                      "--init-command=SET SESSION sql_mode=''"};
  if (!database.empty()) command.push_back("--database=" + database);
  command.insert(command.end(), arguments.begin(), arguments.end());
  const std::string log = dir_.path() + "/client-log";
  std::filesystem::remove(log);
  const int status = RunProgram(command, log, sql_file);
  if (status != 0) fprintf(stderr, "%s\n", ReadAll(log).c_str());
  CHECK(status == 0);
}

void TestServer::ExecuteIn(const std::string& database, const std::string& sql) {
  const std::string path = dir_.path() + "/statement.sql";
  std::ofstream(path, std::ios::binary) << sql << ";\n";
  RunClient(path, database);
}

void TestServer::Execute(const std::string& sql) {
  ExecuteIn("", sql);
}

void TestServer::LoadFile(const std::string& path) {
  RunClient(path, "");
}

Rows TestServer::QueryAsRoot(const std::string& sql) {
  DatabaseSettings anywhere = settings();
  anywhere.database = "mysql";
  Result<std::unique_ptr<DatabaseConnection>> connection =
      DatabaseConnection::Open(anywhere, {5, 60});
  CHECK(connection.ok());
  Result<Rows> rows = (*connection)->Query(sql, 0);
  if (!rows.ok()) fprintf(stderr, "%s\n", rows.status().ToString().c_str());
  CHECK(rows.ok());
  return std::move(rows).value();
}

void TestServer::LoadOpenDental(bool innodb) {
  std::string sql;
  for (const char* name : {"opendental-subset.sql", "appointment.sql"}) {
    sql += ReadAll(std::string(ATOZ_SOURCE_DIR) + "/tests/database/" + name) + "\n";
  }
  const std::string from = "ENGINE=MyISAM";
  for (size_t at = 0; innodb && (at = sql.find(from, at)) != std::string::npos;) {
    sql.replace(at, from.size(), "ENGINE=InnoDB");
  }
  Execute(sql);
}

DatabaseSettings TestServer::LoadGrants() {
  RunClient(std::string(ATOZ_SOURCE_DIR) + "/packaging/opendental-grants.sql", "", {"--force"});
  Execute("SET PASSWORD FOR 'atozsync'@'127.0.0.1' = PASSWORD('a secret')");
  DatabaseSettings settings = tcp_settings();
  settings.user = "atozsync";
  settings.password_file = dir_.path() + "/password";
  std::ofstream(settings.password_file, std::ios::binary) << "a secret\n";
  std::filesystem::permissions(settings.password_file, std::filesystem::perms::owner_read);
  return settings;
}

DatabaseSettings TestServer::settings() const {
  DatabaseSettings settings;
  settings.host = "localhost";
  settings.socket = socket();
  settings.user = "root";
  settings.database = "opendental";
  return settings;
}

DatabaseSettings TestServer::tcp_settings() const {
  CHECK(options_.tcp);
  DatabaseSettings settings;
  settings.host = "127.0.0.1";
  settings.port = static_cast<uint16_t>(port_);
  settings.user = "root";
  settings.database = "opendental";
  return settings;
}

bool WaitFor(const std::function<bool()>& holds, int timeout_ms) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms);
  while (!holds()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

int RunProgram(const std::vector<std::string>& command, const std::string& log,
               const std::string& input) {
  const pid_t pid = Spawn(command, log, input);
  int status = 0;
  CHECK(::waitpid(pid, &status, 0) == pid);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace atozsync
