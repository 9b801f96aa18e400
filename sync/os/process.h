// This process and the machine it runs on. Any thread.
#pragma once

#include <cstdint>
#include <ctime>
#include <string>

namespace atozsync {

enum class Stream { kOut, kError };

int64_t ProcessId();
// Does a person see what goes there?
bool IsTerminal(Stream stream);
// Of this machine, without its domain; empty where it has none.
std::string MachineName();
// Where the state lies when nobody says otherwise: the system's place for an administrator and for
// services, else one of the user's.
std::string DefaultStateDirectory();
// In the machine's zone as it is set now; the zone may be changed while the program runs.
std::tm LocalTime(std::time_t time);
// Writing to a connection that is gone is an error like any other, and does not end the program.
void IgnoreBrokenPipes();

}  // namespace atozsync
