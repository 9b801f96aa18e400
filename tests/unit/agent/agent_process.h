// AgentProcess: `atozsync run` on a state directory. Ended in good order with the test, which fails
// where it does not end so.
#pragma once

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <string>

namespace atozsync {

class AgentProcess {
 public:
  explicit AgentProcess(const std::string& state) {
    pid_ = ::fork();
    if (pid_ != 0) return;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::execl(ATOZSYNC_PROGRAM, "atozsync", "run", "--state", state.c_str(), nullptr);
    ::_exit(127);
  }
  ~AgentProcess() {
    ::kill(pid_, SIGTERM);
    int status = 0;
    ::waitpid(pid_, &status, 0);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  }
  AgentProcess(const AgentProcess&) = delete;
  AgentProcess& operator=(const AgentProcess&) = delete;
  void Reload() const { ::kill(pid_, SIGHUP); }

 private:
  pid_t pid_ = -1;
};

}  // namespace atozsync
