#include <windows.h>

#include <utility>

#include "sync/base/rel_path.h"
#include "sync/os/file_lock.h"
#include "sync/os/windows_error.h"
#include "sync/os/windows_names.h"

namespace atozsync {

// Open without sharing: nobody else can open it, and the system closes it with the process.
Result<FileLock> FileLock::Try(const std::string& path) {
  HANDLE handle = ::CreateFileW(NativeName(path).c_str(), GENERIC_READ | GENERIC_WRITE, 0, nullptr,
                                OPEN_ALWAYS, FILE_ATTRIBUTE_NORMAL, nullptr);
  if (handle != INVALID_HANDLE_VALUE) return FileLock(reinterpret_cast<intptr_t>(handle));
  const DWORD code = ::GetLastError();
  if (code == ERROR_SHARING_VIOLATION) return Status(Errc::kBusy, Printable(path) + ": locked");
  return WindowsError(code, Printable(path) + ": lock");
}

FileLock::FileLock(FileLock&& other) noexcept : handle_(std::exchange(other.handle_, kNone)) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  std::swap(handle_, other.handle_);
  return *this;
}

FileLock::~FileLock() {
  if (handle_ != kNone) ::CloseHandle(reinterpret_cast<HANDLE>(handle_));
}

}  // namespace atozsync
