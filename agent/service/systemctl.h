// Runs systemctl, the first in PATH. Blocking; any thread.
#pragma once

#include <string>

#include "sync/base/status.h"

namespace atozsync {

struct SystemctlAnswer {
  int code = 0;
  std::string text;  // stdout and stderr
};

// `arguments` are words that need no quoting. kUnsupported where there is no systemctl.
Result<SystemctlAnswer> Systemctl(const std::string& arguments);
// The same; what does not succeed is an error that tells what systemctl said.
Status MustSystemctl(const std::string& arguments);
// OK where systemd runs this machine; kUnsupported with what to do instead.
Status CheckSystemdRuns();

}  // namespace atozsync
