#include "agent/service/systemctl.h"

#include <sys/wait.h>

#include <cstdio>
#include <memory>

#include "sync/base/rel_path.h"

namespace atozsync {

namespace {

constexpr size_t kAnswerBytesMax = 64 << 10;
constexpr int kNotFound = 127;  // of the shell

Status NoSystemd() {
  return {Errc::kUnsupported,
          "systemd does not run this machine: let its own service manager keep `atozsync run` "
          "running in the foreground, as the user that the state directory belongs to"};
}

std::string FirstLine(const std::string& text) {
  return Printable(text.substr(0, text.find('\n')));
}

}  // namespace

Result<SystemctlAnswer> Systemctl(const std::string& arguments) {
  const std::string command = "systemctl " + arguments + " 2>&1 </dev/null";
  std::FILE* pipe = ::popen(command.c_str(), "re");
  if (pipe == nullptr) return Status(ErrnoError(errno, "run systemctl"));
  SystemctlAnswer answer;
  char buffer[4096];
  for (size_t count = 0; (count = std::fread(buffer, 1, sizeof(buffer), pipe)) > 0;) {
    if (answer.text.size() < kAnswerBytesMax) answer.text.append(buffer, count);
  }
  const int status = ::pclose(pipe);
  answer.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  if (answer.code == kNotFound) return NoSystemd();
  return answer;
}

Status MustSystemctl(const std::string& arguments) {
  ASSIGN_OR_RETURN(SystemctlAnswer answer, Systemctl(arguments));
  if (answer.code == 0) return Status::Ok();
  return {Errc::kIo, "`systemctl " + arguments + "` failed (" + FirstLine(answer.text) +
                         "): `journalctl -u atozsync` says more"};
}

Status CheckSystemdRuns() {
  // Its exit status speaks of failed units too: only the word counts.
  ASSIGN_OR_RETURN(SystemctlAnswer answer, Systemctl("is-system-running"));
  const std::string word = FirstLine(answer.text);
  const bool runs = word == "running" || word == "degraded" || word == "starting" ||
                    word == "initializing" || word == "maintenance" || word == "stopping";
  return runs ? Status::Ok() : NoSystemd();
}

}  // namespace atozsync
