// WindowsHandle: owns a handle of the system and closes it. Movable, not copyable;
// thread-compatible. The counterpart of unique_fd.h.
#pragma once

#include <windows.h>

#include <memory>
#include <utility>

namespace atozsync {

class WindowsHandle {
 public:
  WindowsHandle() = default;
  explicit WindowsHandle(HANDLE handle) : handle_(handle) {}
  WindowsHandle(WindowsHandle&& other) noexcept
      : handle_(std::exchange(other.handle_, INVALID_HANDLE_VALUE)) {}
  WindowsHandle& operator=(WindowsHandle&& other) noexcept {
    if (this != &other) Reset(std::exchange(other.handle_, INVALID_HANDLE_VALUE));
    return *this;
  }
  ~WindowsHandle() { Reset(INVALID_HANDLE_VALUE); }

  HANDLE get() const { return handle_; }
  bool valid() const { return handle_ != INVALID_HANDLE_VALUE && handle_ != nullptr; }

 private:
  void Reset(HANDLE handle) {
    if (valid()) ::CloseHandle(handle_);
    handle_ = handle;
  }

  HANDLE handle_ = INVALID_HANDLE_VALUE;
};

// For what the system allocates and LocalFree() gives back: access lists, ids of accounts.
struct LocalDeleter {
  void operator()(void* memory) const { ::LocalFree(memory); }
};
using LocalPtr = std::unique_ptr<void, LocalDeleter>;

}  // namespace atozsync
