// How worker threads are set up. Any thread.
#pragma once

#include <functional>
#include <string>

namespace atozsync {

// Runs `start`, which starts threads that take no signals: a new thread inherits the mask, so there
// is no moment without it. Just runs it where the system has no such masks.
void WithoutSignals(const std::function<void()>& start);

// Runs a worker's job. What the system remembers from call to call to be faster (DirHandles) it
// remembers for the length of it.
void AsOneJob(const std::function<void()>& job);

// What debuggers and `ps -L` show; 15 bytes at most.
void NameThisThread(const std::string& name);

}  // namespace atozsync
