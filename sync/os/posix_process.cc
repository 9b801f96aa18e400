#include <unistd.h>

#include <csignal>
#include <cstdlib>

#include "sync/os/process.h"

namespace atozsync {

namespace {

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

int64_t ProcessId() {
  return ::getpid();
}

bool IsTerminal(Stream stream) {
  return ::isatty(stream == Stream::kOut ? STDOUT_FILENO : STDERR_FILENO) == 1;
}

std::string MachineName() {
  char name[256] = {};
  if (::gethostname(name, sizeof(name) - 1) != 0) return "";
  const std::string text = name;
  return text.substr(0, text.find('.'));
}

std::string DefaultStateDirectory() {
  if (::geteuid() == 0) return "/var/lib/atozsync";
  if (std::string base = Environment("XDG_STATE_HOME"); !base.empty()) return base + "/atozsync";
  return Environment("HOME") + "/.local/state/atozsync";
}

std::tm LocalTime(std::time_t time) {
  std::tm local{};
  ::tzset();
  ::localtime_r(&time, &local);
  return local;
}

void IgnoreBrokenPipes() {
  std::signal(SIGPIPE, SIG_IGN);
}

}  // namespace atozsync
