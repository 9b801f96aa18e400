// Whether what this process writes to stderr goes to the system's own log, which keeps times and
// takes old lines away by itself (systemd's journal). Any thread.
#pragma once

namespace atozsync {

bool StderrIsJournal();

}  // namespace atozsync
