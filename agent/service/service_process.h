// The agent's process and the service manager that started it. Does nothing where none did.
#pragma once

#include <functional>
#include <string>

namespace atozsync {

// Runs `agent`, as the service that this process was started for, and returns its exit code. Under
// systemd, and where a person runs it, that is a call and nothing more. Windows' manager wants to
// be asked for the thread that it calls, and then for its own exit code. Main thread, once.
int RunForServiceManager(const std::function<int()>& agent);

// How the service stands: "READY=1", "STOPPING=1", "STATUS=…"; several lines in one call are fine.
// systemd: a datagram to NOTIFY_SOCKET, errors are ignored: nobody waits for the answer. Windows:
// the service's state; the last STATUS is what its event log says when the agent fails. Any thread.
void NotifyServiceManager(const std::string& state);

}  // namespace atozsync
