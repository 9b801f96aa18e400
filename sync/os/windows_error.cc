#include "sync/os/windows_error.h"

#include <windows.h>

#include "sync/os/windows_names.h"

namespace atozsync {

namespace {

// The names come with newer headers than Debian 12 has.
constexpr DWORD kDiskQuotaExceeded = 1295;
constexpr DWORD kDirectoryNotSupported = 336;

Errc CodeOf(DWORD code) {
  switch (code) {
    case ERROR_FILE_NOT_FOUND:
    case ERROR_PATH_NOT_FOUND:
    case ERROR_BAD_PATHNAME:
    case ERROR_DELETE_PENDING: return Errc::kNotFound;
    case ERROR_FILE_EXISTS:
    case ERROR_ALREADY_EXISTS:
    case ERROR_DIR_NOT_EMPTY: return Errc::kExists;
    case ERROR_DISK_FULL:
    case ERROR_HANDLE_DISK_FULL:
    case kDiskQuotaExceeded:
    case ERROR_NOT_ENOUGH_QUOTA: return Errc::kNoSpace;
    case ERROR_ACCESS_DENIED:
    case ERROR_WRITE_PROTECT:
    case ERROR_PRIVILEGE_NOT_HELD: return Errc::kPermission;
    case ERROR_SHARING_VIOLATION:
    case ERROR_LOCK_VIOLATION:
    case ERROR_BUSY:
    case ERROR_TOO_MANY_OPEN_FILES: return Errc::kBusy;
    case ERROR_NOT_SUPPORTED:
    case ERROR_NOT_SAME_DEVICE:
    case ERROR_INVALID_FUNCTION:
    case ERROR_CALL_NOT_IMPLEMENTED: return Errc::kUnsupported;
    case ERROR_INVALID_NAME:
    case ERROR_FILENAME_EXCED_RANGE:
    case kDirectoryNotSupported:
    case ERROR_INVALID_PARAMETER: return Errc::kInvalid;
    default: return Errc::kIo;
  }
}

std::string TextOf(DWORD code) {
  wchar_t* text = nullptr;
  const DWORD length = ::FormatMessageW(
      FORMAT_MESSAGE_ALLOCATE_BUFFER | FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS,
      nullptr, code, 0, reinterpret_cast<wchar_t*>(&text), 0, nullptr);
  std::string words = FromWide(std::wstring_view(text == nullptr ? L"" : text, length));
  ::LocalFree(text);
  while (!words.empty() && (words.back() == '\n' || words.back() == '\r' || words.back() == '.' ||
                            words.back() == ' ')) {
    words.pop_back();
  }
  const std::string number = "error " + std::to_string(code);
  return words.empty() ? number : words + " (" + number + ")";
}

}  // namespace

Error WindowsError(uint32_t code, std::string context) {
  return Error{CodeOf(code), static_cast<int>(code), std::move(context) + ": " + TextOf(code),
               false};
}

Error PathError(uint32_t code, const char* doing, const RelPath& path) {
  Error error = WindowsError(code, std::string(doing) + " '" + Printable(path) + "'");
  if (code == ERROR_NOT_SAME_DEVICE) {
    error.context += "; keep everything below the root on one volume";
  } else if (error.code == Errc::kPermission) {
    error.context += "; give the agent's account access to it";
  } else if (error.code == Errc::kBusy) {
    error.context += "; a program has it open";
  }
  return error;
}

bool IsSharingTrouble(uint32_t code) {
  return code == ERROR_SHARING_VIOLATION || code == ERROR_LOCK_VIOLATION ||
         code == ERROR_ACCESS_DENIED || code == ERROR_USER_MAPPED_FILE;
}

}  // namespace atozsync
