// One direction of a slow line: a drop-tail queue of bytes before a sender of so many bits a
// second, then a delay; a share of the packets is lost at random, after they have used the line. A
// packet's time is reckoned from the one before it, not from when somebody looked: being late does
// not add up. Not a model of jitter, reordering or shared lines.
//
// One thread. Time comes from the caller, in nanoseconds of any monotonic clock. Bounded: what
// stands before the sender by the queue, what is on the way by rate times delay.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <random>
#include <vector>

namespace atozsync {

struct LineQuality {
  int64_t delay_ns = 0;
  int64_t bits_per_s = 1;
  double loss = 0;  // share of the packets
  int64_t queue_bytes_max = 0;
};

class LineDirection {
 public:
  LineDirection(const LineQuality& quality, uint64_t seed) : quality_(quality), random_(seed) {}

  void Enter(const char* bytes, size_t count, int64_t now_ns);
  // The next packet that has arrived by now.
  std::optional<std::vector<char>> Leave(int64_t now_ns);
  // When the next one arrives; -1: nothing is on the way.
  int64_t NextNs() const { return on_the_way_.empty() ? -1 : on_the_way_.front().due_ns; }

  uint64_t taken() const { return taken_; }
  uint64_t lost() const { return lost_; }
  uint64_t dropped() const { return dropped_; }

 private:
  struct Packet {
    int64_t due_ns;
    std::vector<char> bytes;
  };
  LineQuality quality_;
  std::mt19937_64 random_;
  std::uniform_real_distribution<double> chance_{0, 1};
  std::deque<Packet> on_the_way_;
  int64_t free_ns_ = 0;  // when the sender has sent all it has taken
  uint64_t taken_ = 0, lost_ = 0, dropped_ = 0;
};

}  // namespace atozsync
