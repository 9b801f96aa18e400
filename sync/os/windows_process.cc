#include <io.h>
#include <windows.h>

#include <cstdio>

#include "sync/os/process.h"
#include "sync/os/windows_names.h"

namespace atozsync {

int64_t ProcessId() {
  return ::GetCurrentProcessId();
}

bool IsTerminal(Stream stream) {
  return ::_isatty(::_fileno(stream == Stream::kOut ? stdout : stderr)) != 0;
}

std::string MachineName() {
  wchar_t name[256] = {};
  DWORD size = 256;
  if (!::GetComputerNameExW(ComputerNameDnsHostname, name, &size)) return "";
  return FromWide(std::wstring_view(name, size));
}

std::string DefaultStateDirectory() {
  wchar_t data[512] = {};
  const DWORD size = ::GetEnvironmentVariableW(L"ProgramData", data, 512);
  const bool given = size > 0 && size < 512;
  return (given ? PortableName(std::wstring_view(data, size)) : "C:/ProgramData") + "/atozsync";
}

std::tm LocalTime(std::time_t time) {
  std::tm local{};
  ::_tzset();
  ::localtime_s(&local, &time);
  return local;
}

// No such signal here.
void IgnoreBrokenPipes() {}

}  // namespace atozsync
