// Telling systemd how the service stands, by a datagram to NOTIFY_SOCKET. Does nothing where that
// variable is not set. Errors are ignored: nobody waits for the answer. Any thread.
#pragma once

#include <string>

namespace atozsync {

// "READY=1", "STOPPING=1", "STATUS=…"; several lines in one call are fine.
void NotifyServiceManager(const std::string& state);

}  // namespace atozsync
