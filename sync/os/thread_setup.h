// How worker threads are set up. Any thread.
#pragma once

#include <functional>
#include <string>

namespace atozsync {

// Runs `start`, which starts threads that take no signals: a new thread inherits the mask, so there
// is no moment without it. Just runs it where the system has no such masks.
void WithoutSignals(const std::function<void()>& start);

// What debuggers and `ps -L` show; 15 bytes at most.
void NameThisThread(const std::string& name);

}  // namespace atozsync
