// A replica with an upload limit: the limit holds, and what is small does not wait for what is not.
#include <gtest/gtest.h>

#include "tests/sim/checkers.h"
#include "tests/sim/sim_cluster.h"

namespace atozsync {
namespace {

constexpr char kLarge[] = "S/Smith12/large.bin";
constexpr char kSmall[] = "S/Smith12/small.txt";
constexpr uint64_t kEventsMax = 10'000'000;

std::string Noise(uint64_t seed, size_t bytes) {
  return std::string(AsText(SimRandom(seed).SomeBytes(bytes)));
}

// Until content has been flowing from A for a second.
void LetItFlow(SimCluster& c) {
  const uint64_t before = c.network().total_bytes_carried();
  ASSERT_TRUE(c.scheduler().RunUntil(
      [&] { return c.network().total_bytes_carried() > before + 100'000; }, kEventsMax));
  c.RunFor(1'000);
}

uint64_t CarriedFromA(SimCluster& c) {
  uint64_t bytes = 0;
  for (const auto& [name, node] : c.nodes()) {
    if (name != "A") bytes += c.network().bytes_carried("A", name);
  }
  return bytes;
}

void ExpectNear(uint64_t bytes, uint64_t expected) {
  EXPECT_GT(bytes, expected * 95 / 100);
  EXPECT_LT(bytes, expected * 105 / 100);
}

TEST(ScenarioLimit, HoldsWithOnePeer) {
  constexpr uint64_t kRate = 1'000'000;
  SimCluster c(1);
  c.StartAll();
  ASSERT_TRUE(c.Settle());
  c.node("A").replica().SetUploadLimit(kRate);
  c.Write("A", kLarge, Noise(1, 16 << 20));
  LetItFlow(c);
  const uint64_t before = CarriedFromA(c);
  c.RunFor(10'000);
  ExpectNear(CarriedFromA(c) - before, 10 * kRate);
  ASSERT_TRUE(c.Settle());
  ExpectConverged(c);
}

TEST(ScenarioLimit, HoldsWithManySmallFiles) {
  constexpr uint64_t kRate = 500'000;
  SimCluster c(2);
  c.StartAll();
  ASSERT_TRUE(c.Settle());
  c.node("A").replica().SetUploadLimit(kRate);
  for (uint64_t i = 0; i < 600; ++i) {
    c.Write("A", "S/Smith1/" + std::to_string(i) + ".jpg", Noise(i, 1 + i * 37 % 30'000));
  }
  LetItFlow(c);
  const uint64_t before = CarriedFromA(c);
  c.RunFor(10'000);
  ExpectNear(CarriedFromA(c) - before, 10 * kRate);
  ASSERT_TRUE(c.Settle());
  ExpectConverged(c);
}

TEST(ScenarioLimit, TwoPeersShareIt) {
  constexpr uint64_t kRate = 1'000'000;
  SimCluster c(3, {"A", "B", "C"});
  c.Partition("B", "C");
  c.StartAll();
  ASSERT_TRUE(c.Settle());
  c.node("A").replica().SetUploadLimit(kRate);
  c.Write("A", kLarge, Noise(3, 12 << 20));
  LetItFlow(c);
  c.RunFor(1'000);
  const uint64_t to_b = c.network().bytes_carried("A", "B");
  const uint64_t to_c = c.network().bytes_carried("A", "C");
  c.RunFor(10'000);
  ExpectNear(c.network().bytes_carried("A", "B") - to_b, 5 * kRate);
  ExpectNear(c.network().bytes_carried("A", "C") - to_c, 5 * kRate);
  ASSERT_TRUE(c.Settle());
  c.HealAll();
  ExpectConverged(c);
}

// A piece of content takes two minutes: rows, pings and small files pass it by.
TEST(ScenarioLimit, WhatIsSmallIsThereWhileALargeFileCrawls) {
  constexpr uint64_t kRate = 8'000;
  SimCluster c(4);
  c.StartAll();
  ASSERT_TRUE(c.Settle());
  c.node("A").replica().SetUploadLimit(kRate);
  c.Write("A", kLarge, Noise(4, 2 << 20));
  LetItFlow(c);
  const uint64_t before = CarriedFromA(c);
  c.RunFor(100'000);
  ExpectNear(CarriedFromA(c) - before, 100 * kRate);
  for (int i = 0; i < 5; ++i) {
    const std::string name = "S/Smith12/" + std::to_string(i) + ".txt";
    c.Write("A", name, "a letter");
    c.RunFor(5'000);
    EXPECT_EQ(c.Read("B", name), "a letter") << i;
  }
  EXPECT_EQ(c.Read("B", kLarge), "(nothing)");
  // Nobody took the other for dead.
  EXPECT_TRUE(c.node("A").replica().Report().peers[0].connected);
  EXPECT_EQ(c.network().connections(), 1u);
  c.node("A").replica().SetUploadLimit(0);
  ASSERT_TRUE(c.Settle());
  ExpectConverged(c);
}

TEST(ScenarioLimit, ANewLimitHoldsFromThenOn) {
  SimCluster c(5);
  c.StartAll();
  ASSERT_TRUE(c.Settle());
  c.node("A").replica().SetUploadLimit(100'000);
  c.Write("A", kLarge, Noise(5, 24 << 20));
  LetItFlow(c);
  for (uint64_t rate : {2'000'000u, 400'000u}) {
    c.node("A").replica().SetUploadLimit(rate);
    EXPECT_EQ(c.node("A").replica().Report().upload_limit, rate);
    c.RunFor(500);  // what is on its way
    const uint64_t before = CarriedFromA(c);
    c.RunFor(5'000);
    ExpectNear(CarriedFromA(c) - before, 5 * rate);
  }
  c.node("A").replica().SetUploadLimit(0);
  const int64_t now_ns = c.scheduler().now_ns();
  ASSERT_TRUE(c.Settle());
  EXPECT_LT(c.scheduler().now_ns() - now_ns, 20 * kSecond);
  ExpectConverged(c);
}

TEST(ScenarioLimit, WhatIsReceivedIsNotLimited) {
  SimCluster c(6);
  c.StartAll();
  ASSERT_TRUE(c.Settle());
  c.node("A").replica().SetUploadLimit(8'000);
  c.Write("B", kLarge, Noise(6, 4 << 20));
  c.Write("B", kSmall, "a letter");
  c.RunFor(30'000);
  EXPECT_EQ(c.Read("A", kLarge).size(), size_t{4} << 20);
  ASSERT_TRUE(c.Settle());
  ExpectConverged(c);
}

}  // namespace
}  // namespace atozsync
