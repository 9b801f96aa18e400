// UniqueFd: owns a file descriptor of the system and closes it. -1 is none. Movable, not copyable;
// thread-compatible. An error of close() is not reported: whoever needs durable bytes syncs first.
#pragma once

#include <unistd.h>

#include <utility>

namespace atozsync {

class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    if (this != &other) Reset(std::exchange(other.fd_, -1));
    return *this;
  }
  ~UniqueFd() { Reset(-1); }

  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }
  int Release() { return std::exchange(fd_, -1); }

 private:
  void Reset(int fd) {
    if (fd_ >= 0) ::close(fd_);  // EINTR: Linux has closed it all the same
    fd_ = fd;
  }

  int fd_ = -1;
};

}  // namespace atozsync
