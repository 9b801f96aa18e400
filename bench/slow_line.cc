// A slow line between two network namespaces, where the kernel has no netem: one TUN device in
// each, and this program between them (line_direction.h says what the line does to packets).
//
// usage: bench_slow_line NETNS_A NETNS_B DELAY_MS BITS_PER_S LOSS QUEUE_BYTES MTU
//
// NETNS: paths as /proc/PID/ns/net. Devices are called "line"; the caller gives them addresses once
// "ready" was printed. Ends when its input ends. One thread; needs the right to make devices.
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "bench/line_direction.h"

namespace atozsync {
namespace {

constexpr size_t kPacketBytesMax = 65536;
constexpr uint64_t kSeed = 1;  // the same losses for everyone

[[noreturn]] void Fail(const std::string& what) {
  std::fprintf(stderr, "bench_slow_line: %s: %s\n", what.c_str(), std::strerror(errno));
  std::exit(1);
}

int64_t NowNs() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

int OpenDevice(const std::string& netns, int mtu) {
  int space = ::open(netns.c_str(), O_RDONLY | O_CLOEXEC);
  if (space < 0 || ::setns(space, CLONE_NEWNET) != 0) Fail(netns);
  ::close(space);
  int fd = ::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) Fail("/dev/net/tun");
  ifreq request{};
  std::strncpy(request.ifr_name, "line", sizeof(request.ifr_name) - 1);
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  if (::ioctl(fd, TUNSETIFF, &request) != 0) Fail("making the device line in " + netns);
  int any = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  request.ifr_mtu = mtu;
  if (any < 0 || ::ioctl(any, SIOCSIFMTU, &request) != 0) Fail("setting the MTU");
  ::close(any);
  return fd;
}

void TakeAll(int fd, LineDirection& direction) {
  static std::array<char, kPacketBytesMax> packet;
  while (true) {
    ssize_t got = ::read(fd, packet.data(), packet.size());
    if (got <= 0) return;
    direction.Enter(packet.data(), static_cast<size_t>(got), NowNs());
  }
}

void PassOn(LineDirection& direction, int fd, int64_t now_ns) {
  while (auto packet = direction.Leave(now_ns)) {
    // A device that does not take it is going down: the packet is lost, as on a line.
    [[maybe_unused]] ssize_t taken = ::write(fd, packet->data(), packet->size());
  }
}

void Report(const char* name, const LineDirection& direction) {
  std::fprintf(stderr, "%s: %llu taken, %llu lost, %llu dropped by the queue\n", name,
               static_cast<unsigned long long>(direction.taken()),
               static_cast<unsigned long long>(direction.lost()),
               static_cast<unsigned long long>(direction.dropped()));
}

void Run(int a, int b, const LineQuality& quality) {
  LineDirection to_b(quality, kSeed);
  LineDirection to_a(quality, kSeed + 1);
  while (true) {
    int64_t next_ns = to_b.NextNs();
    if (next_ns < 0 || (to_a.NextNs() >= 0 && to_a.NextNs() < next_ns)) next_ns = to_a.NextNs();
    timespec wait{};
    if (next_ns >= 0) {
      int64_t left_ns = std::max<int64_t>(0, next_ns - NowNs());
      wait = {left_ns / 1'000'000'000, left_ns % 1'000'000'000};
    }
    std::array<pollfd, 3> handles{{{a, POLLIN, 0}, {b, POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}}};
    if (::ppoll(handles.data(), handles.size(), next_ns >= 0 ? &wait : nullptr, nullptr) < 0 &&
        errno != EINTR) {
      Fail("poll");
    }
    if (handles[2].revents != 0) break;
    TakeAll(a, to_b);
    TakeAll(b, to_a);
    int64_t now_ns = NowNs();
    PassOn(to_b, b, now_ns);
    PassOn(to_a, a, now_ns);
  }
  Report("a to b", to_b);
  Report("b to a", to_a);
}

int Main(const std::vector<std::string>& arguments) {
  if (arguments.size() != 7) {
    std::fprintf(stderr,
                 "usage: bench_slow_line NETNS_A NETNS_B DELAY_MS BITS_PER_S LOSS QUEUE_BYTES "
                 "MTU\n");
    return 2;
  }
  LineQuality quality;
  quality.delay_ns = static_cast<int64_t>(std::strtod(arguments[2].c_str(), nullptr) * 1'000'000);
  quality.bits_per_s = std::strtoll(arguments[3].c_str(), nullptr, 10);
  quality.loss = std::strtod(arguments[4].c_str(), nullptr);
  quality.queue_bytes_max = std::strtoll(arguments[5].c_str(), nullptr, 10);
  int mtu = static_cast<int>(std::strtol(arguments[6].c_str(), nullptr, 10));
  if (quality.bits_per_s <= 0 || quality.delay_ns < 0 || mtu < 576 || mtu > 65535) {
    std::fprintf(stderr, "bench_slow_line: rate, delay or MTU cannot be\n");
    return 2;
  }
  int a = OpenDevice(arguments[0], mtu);
  int b = OpenDevice(arguments[1], mtu);
  std::printf("ready\n");
  std::fflush(stdout);
  Run(a, b, quality);
  return 0;
}

}  // namespace
}  // namespace atozsync

int main(int count, char** arguments) {
  return atozsync::Main(std::vector<std::string>(arguments + 1, arguments + count));
}
