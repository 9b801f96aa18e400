// Runs the built program and keeps what it said.
#pragma once

#include <sys/wait.h>

#include <cstdlib>
#include <string>

#include "tests/unit/agent/test_dir.h"

namespace atozsync {

struct Outcome {
  int code = -1;
  std::string out;
  std::string err;
};

// `arguments` go through a shell: quote what needs it. Output passes through files in `dir`.
inline Outcome RunCommand(const TestDir& dir, const std::string& arguments) {
  std::string command = std::string(ATOZSYNC_PROGRAM) + " " + arguments + " >" + dir.File("out") +
                        " 2>" + dir.File("err") + " </dev/null";
  int status = std::system(command.c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, dir.Read("out"), dir.Read("err")};
}

}  // namespace atozsync
