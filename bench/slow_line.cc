// A slow line between two network namespaces, where the kernel has no netem: one TUN device in
// each, and this program between them. Every direction is a drop-tail queue of bytes before a
// sender of so many bits a second, then a delay; a share of the packets is lost at random, after
// they have used the line. What comes late is late once: a packet's time is reckoned from the one
// before it, not from when this program woke up. Not a model of jitter, reordering or shared lines.
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
#include <deque>
#include <random>
#include <string>
#include <vector>

namespace atozsync {
namespace {

constexpr size_t kPacketBytesMax = 65536;
constexpr uint64_t kSeed = 1;  // the same losses for everyone

struct Quality {
  int64_t delay_ns = 0;
  int64_t bits_per_s = 1;
  double loss = 0;
  int64_t queue_bytes_max = 0;
};

[[noreturn]] void Fail(const std::string& what) {
  std::fprintf(stderr, "bench_slow_line: %s: %s\n", what.c_str(), std::strerror(errno));
  std::exit(1);
}

int64_t NowNs() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

// One direction. Bounded: what stands before the sender by `queue_bytes_max`, what is on the way by
// the rate times the delay.
class Direction {
 public:
  Direction(const Quality& quality, uint64_t seed) : quality_(quality), random_(seed) {}

  void Enter(const char* bytes, size_t count, int64_t now_ns) {
    if (free_ns_ < now_ns) free_ns_ = now_ns;
    // What the sender has still to do, in bytes.
    int64_t waiting_bytes = (free_ns_ - now_ns) * quality_.bits_per_s / 8 / 1'000'000'000;
    if (waiting_bytes + static_cast<int64_t>(count) > quality_.queue_bytes_max) {
      ++dropped_;
      return;
    }
    free_ns_ += static_cast<int64_t>(count) * 8 * 1'000'000'000 / quality_.bits_per_s;
    if (chance_(random_) < quality_.loss) {
      ++lost_;
      return;
    }
    on_the_way_.push_back({free_ns_ + quality_.delay_ns, std::vector<char>(bytes, bytes + count)});
  }

  void Leave(int fd, int64_t now_ns) {
    while (!on_the_way_.empty() && on_the_way_.front().due_ns <= now_ns) {
      const std::vector<char>& bytes = on_the_way_.front().bytes;
      // A device that does not take it (going down) loses it, as a line does.
      if (::write(fd, bytes.data(), bytes.size()) < 0) ++lost_;
      on_the_way_.pop_front();
      ++passed_;
    }
  }

  // -1: nothing is on the way.
  int64_t NextNs() const { return on_the_way_.empty() ? -1 : on_the_way_.front().due_ns; }

  void Report(const char* name) const {
    std::fprintf(stderr, "%s: %llu passed, %llu lost, %llu dropped by the queue\n", name,
                 static_cast<unsigned long long>(passed_), static_cast<unsigned long long>(lost_),
                 static_cast<unsigned long long>(dropped_));
  }

 private:
  struct Packet {
    int64_t due_ns;
    std::vector<char> bytes;
  };
  Quality quality_;
  std::mt19937_64 random_;
  std::uniform_real_distribution<double> chance_{0, 1};
  std::deque<Packet> on_the_way_;
  int64_t free_ns_ = 0;  // when the sender has sent all it has taken
  uint64_t passed_ = 0, lost_ = 0, dropped_ = 0;
};

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

void TakeAll(int fd, Direction& direction) {
  static std::array<char, kPacketBytesMax> packet;
  while (true) {
    ssize_t got = ::read(fd, packet.data(), packet.size());
    if (got <= 0) return;
    direction.Enter(packet.data(), static_cast<size_t>(got), NowNs());
  }
}

void Run(int a, int b, const Quality& quality) {
  Direction to_b(quality, kSeed);
  Direction to_a(quality, kSeed + 1);
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
    to_b.Leave(b, now_ns);
    to_a.Leave(a, now_ns);
  }
  to_b.Report("a to b");
  to_a.Report("b to a");
}

int Main(const std::vector<std::string>& arguments) {
  if (arguments.size() != 7) {
    std::fprintf(stderr,
                 "usage: bench_slow_line NETNS_A NETNS_B DELAY_MS BITS_PER_S LOSS QUEUE_BYTES "
                 "MTU\n");
    return 2;
  }
  Quality quality;
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
