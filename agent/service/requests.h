// What the system asks of a running agent: to stop, or to read its configuration again. POSIX:
// SIGTERM and SIGINT; SIGHUP. Windows: Ctrl-C, Ctrl-Break, and a console window that is closed;
// nothing asks for reading again there. Loop thread only.
#pragma once

#include <functional>

#include "sync/os/uv_executor.h"

namespace atozsync {

void OnStopRequest(UvExecutor& executor, const std::function<void()>& handler);
void OnReloadRequest(UvExecutor& executor, const std::function<void()>& handler);

}  // namespace atozsync
