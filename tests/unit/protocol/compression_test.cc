#include "protocol/compression.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace atozsync::protocol {
namespace {

Bytes Noise(size_t bytes) {
  std::mt19937_64 random(7);
  Bytes noise(bytes);
  for (uint8_t& byte : noise) byte = static_cast<uint8_t>(random());
  return noise;
}

Bytes Letter(size_t bytes) {
  std::string text;
  while (text.size() < bytes)
    text += "Dear Mr. Smith, your appointment " + std::to_string(text.size());
  text.resize(bytes);
  return Bytes(text.begin(), text.end());
}

TEST(CompressionTest, TextShrinksAndComesBack) {
  for (size_t bytes : {size_t{64}, size_t{1000}, size_t{100'000}, size_t{1} << 20}) {
    const Bytes raw = bytes == 64 ? Bytes(64, 'a') : Letter(bytes);
    const std::optional<Bytes> compressed = CompressIfItPays(raw);
    ASSERT_TRUE(compressed.has_value()) << bytes;
    EXPECT_LE(compressed->size(), bytes - bytes / 8);
    const Result<Bytes> expanded = Decompress(*compressed, bytes);
    ASSERT_TRUE(expanded.ok());
    EXPECT_EQ(*expanded, raw);
  }
}

TEST(CompressionTest, WhatDoesNotShrinkIsLeftAlone) {
  for (size_t bytes : {size_t{0}, size_t{1}, size_t{63}, size_t{1000}, size_t{1} << 20}) {
    EXPECT_FALSE(CompressIfItPays(Noise(bytes)).has_value()) << bytes;
  }
}

TEST(CompressionTest, AnEighthHasToBeSaved) {
  Bytes raw = Noise(10'000);
  std::fill(raw.begin(), raw.begin() + 900, uint8_t{0});
  EXPECT_FALSE(CompressIfItPays(raw).has_value());
  std::fill(raw.begin(), raw.begin() + 2'000, uint8_t{0});
  EXPECT_TRUE(CompressIfItPays(raw).has_value());
}

TEST(CompressionTest, OnlyOneWholeFrameOfTheRightSizeExpands) {
  const Bytes raw = Letter(5'000);
  const Bytes good = CompressIfItPays(raw).value();
  EXPECT_TRUE(Decompress(good, 4'999).Is(Errc::kCorrupt));
  EXPECT_TRUE(Decompress(good, 5'001).Is(Errc::kCorrupt));
  EXPECT_TRUE(Decompress(good, 0).Is(Errc::kCorrupt));
  EXPECT_TRUE(Decompress({}, 0).Is(Errc::kCorrupt));
  Bytes longer = good;
  longer.push_back(0);
  EXPECT_TRUE(Decompress(longer, 5'000).Is(Errc::kCorrupt));
  Bytes twice = good;
  twice.insert(twice.end(), good.begin(), good.end());
  EXPECT_TRUE(Decompress(twice, 10'000).Is(Errc::kCorrupt));
  for (size_t size = 0; size < good.size(); ++size) {
    EXPECT_TRUE(Decompress(ByteSpan(good).first(size), 5'000).Is(Errc::kCorrupt)) << size;
  }
}

TEST(CompressionTest, DamagedFramesNeverCrash) {
  const Bytes raw = Letter(5'000);
  const Bytes good = CompressIfItPays(raw).value();
  for (size_t at = 0; at < good.size(); ++at) {
    Bytes bad = good;
    bad[at] = static_cast<uint8_t>(bad[at] ^ 0x55);
    const Result<Bytes> expanded = Decompress(bad, 5'000);
    // Without a checksum of its own a frame may expand to something else: of that very size.
    EXPECT_TRUE(!expanded.ok() || (*expanded).size() == 5'000u) << at;
  }
}

}  // namespace
}  // namespace atozsync::protocol
