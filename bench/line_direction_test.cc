#include "bench/line_direction.h"

#include <gtest/gtest.h>

#include <string>

namespace atozsync {
namespace {

constexpr int64_t kMs = 1'000'000;
constexpr size_t kPacketBytes = 1250;

// 10,000 bits take one millisecond at 10 Mbit/s.
LineQuality Plain() {
  LineQuality quality;
  quality.delay_ns = 20 * kMs;
  quality.bits_per_s = 10'000'000;
  quality.queue_bytes_max = 10 * kPacketBytes;
  return quality;
}

void EnterPackets(LineDirection& line, size_t count, int64_t now_ns) {
  const std::string packet(kPacketBytes, 'x');
  for (size_t i = 0; i < count; ++i) line.Enter(packet.data(), packet.size(), now_ns);
}

size_t ArrivedBy(LineDirection& line, int64_t now_ns) {
  size_t count = 0;
  while (line.Leave(now_ns)) ++count;
  return count;
}

TEST(LineDirectionTest, APacketTakesItsTimeOnTheLineAndTheDelay) {
  LineDirection line(Plain(), 1);
  line.Enter("abc", 3, 5 * kMs);
  EXPECT_EQ(line.NextNs(), 5 * kMs + 2400 + 20 * kMs);
  EXPECT_FALSE(line.Leave(line.NextNs() - 1));
  auto bytes = line.Leave(line.NextNs());
  ASSERT_TRUE(bytes);
  EXPECT_EQ(std::string(bytes->begin(), bytes->end()), "abc");
  EXPECT_EQ(line.NextNs(), -1);
}

TEST(LineDirectionTest, PacketsFollowEachOtherAtTheRate) {
  LineDirection line(Plain(), 1);
  EnterPackets(line, 5, 0);
  EXPECT_EQ(ArrivedBy(line, 21 * kMs), 1u);
  EXPECT_EQ(ArrivedBy(line, 23 * kMs), 2u);
  EXPECT_EQ(ArrivedBy(line, 25 * kMs), 2u);
}

TEST(LineDirectionTest, WhatTheQueueDoesNotHoldIsDropped) {
  LineDirection line(Plain(), 1);
  EnterPackets(line, 12, 0);
  EXPECT_EQ(line.dropped(), 2u);
  EnterPackets(line, 1, 2 * kMs);  // two have been sent: there is room again
  EXPECT_EQ(line.dropped(), 2u);
  EXPECT_EQ(ArrivedBy(line, 31 * kMs), 11u);
}

TEST(LineDirectionTest, LookingLateDoesNotSlowTheLine) {
  LineDirection line(Plain(), 1);
  EnterPackets(line, 10, 0);
  EXPECT_EQ(ArrivedBy(line, 100 * kMs), 10u);
  EnterPackets(line, 1, 100 * kMs);
  EXPECT_EQ(line.NextNs(), 121 * kMs);
}

TEST(LineDirectionTest, AShareIsLostAndHasUsedTheLine) {
  LineQuality quality = Plain();
  quality.loss = 0.5;
  quality.queue_bytes_max = 1000 * kPacketBytes;
  LineDirection line(quality, 1);
  EnterPackets(line, 1000, 0);
  EXPECT_EQ(line.taken(), 1000u);
  EXPECT_GT(line.lost(), 400u);
  EXPECT_LT(line.lost(), 600u);
  EXPECT_EQ(ArrivedBy(line, 1020 * kMs), 1000u - line.lost());
  EnterPackets(line, 1, 0);
  EXPECT_EQ(line.taken() + line.dropped(), 1001u);
}

}  // namespace
}  // namespace atozsync
