#include "sync/os/windows_names.h"

#include <windows.h>

#include <algorithm>

#include "sync/base/utf16.h"

namespace atozsync {

namespace {

constexpr std::wstring_view kRaw = L"\\\\?\\";
constexpr std::wstring_view kRawShare = L"\\\\?\\UNC\\";

}  // namespace

std::wstring ToWide(std::string_view text) {
  const auto units = ToUtf16(text);
  if (!units) return L"?";  // no file is called that
  return std::wstring(units->begin(), units->end());
}

std::string FromWide(std::wstring_view text) {
  return FromUtf16(std::u16string(text.begin(), text.end()));
}

std::wstring NativeName(const std::string& path) {
  std::wstring given = ToWide(path);
  std::replace(given.begin(), given.end(), L'/', L'\\');
  if (given.starts_with(kRaw)) return given;
  const DWORD room = ::GetFullPathNameW(given.c_str(), 0, nullptr, nullptr);
  if (room == 0) return given;
  std::wstring full(room, L'\0');
  full.resize(::GetFullPathNameW(given.c_str(), room, full.data(), nullptr));
  if (full.starts_with(L"\\\\.\\")) return full;  // a device: as it is
  if (full.starts_with(L"\\\\")) return std::wstring(kRawShare) + full.substr(2);
  return std::wstring(kRaw) + full;
}

std::string PortableName(std::wstring_view native) {
  std::wstring name(native);
  if (native.starts_with(kRawShare)) {
    name = L"\\\\" + name.substr(kRawShare.size());
  } else if (native.starts_with(kRaw)) {
    name = name.substr(kRaw.size());
  }
  std::replace(name.begin(), name.end(), L'\\', L'/');
  return FromWide(name);
}

}  // namespace atozsync
