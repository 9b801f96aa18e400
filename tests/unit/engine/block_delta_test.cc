#include "sync/engine/block_delta.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "tests/sim/sim_random.h"
#include "tests/unit/engine/test_folder.h"

namespace atozsync {
namespace {

const Bytes kSecret = TestSecret();

std::optional<Bytes> DeltaOf(ByteSpan base, ByteSpan raw, uint32_t block_bytes) {
  return MakeDelta(kSecret, SumBlocks(kSecret, base, block_bytes), block_bytes, raw);
}

// A few edits of `base`: replaced, put in, taken out, moved.
Bytes Edited(const Bytes& base, SimRandom& random) {
  Bytes raw = base;
  for (uint64_t i = random.Below(4); i > 0; --i) {
    const size_t at = static_cast<size_t>(random.Below(raw.size() + 1));
    const Bytes fresh = random.SomeBytes(static_cast<size_t>(random.Below(300)));
    const size_t gone = std::min<size_t>(static_cast<size_t>(random.Below(300)), raw.size() - at);
    const auto place = raw.begin() + static_cast<ptrdiff_t>(at);
    raw.erase(place, place + static_cast<ptrdiff_t>(gone));
    raw.insert(raw.begin() + static_cast<ptrdiff_t>(at), fresh.begin(), fresh.end());
  }
  const size_t middle = static_cast<size_t>(random.Below(raw.size() + 1));
  if (random.Below(3) == 0) {
    std::rotate(raw.begin(), raw.begin() + static_cast<ptrdiff_t>(middle), raw.end());
  }
  return raw;
}

RC_GTEST_PROP(BlockDelta, WhatIsMadeOfItIsWhatItWasMadeOf, ()) {
  SimRandom random(*rc::gen::arbitrary<uint64_t>());
  Bytes base = random.SomeBytes(static_cast<size_t>(random.Below(20'000)));
  if (random.Below(2) == 0) {  // few different bytes: blocks repeat
    for (uint8_t& byte : base) byte = byte < 250 ? 0 : byte;
  }
  const Bytes raw = Edited(base, random);
  const uint32_t block_bytes = static_cast<uint32_t>(1 + random.Below(1'500));
  const std::optional<Bytes> delta = DeltaOf(base, raw, block_bytes);
  if (!delta) return;
  RC_ASSERT(delta->size() < raw.size());
  Result<Bytes> made = ApplyDelta(base, block_bytes, *delta, raw.size());
  RC_ASSERT(made.ok());
  RC_ASSERT(*made == raw);
}

TEST(BlockDelta, CostsAboutABlockForEachChange) {
  SimRandom random(5);
  const Bytes base = random.SomeBytes(100'000);
  const uint32_t block_bytes = DeltaBlockBytes(base.size());
  Bytes raw = base;
  raw[40'000] ^= 1;
  raw.insert(raw.begin() + 70'000, 3);
  std::optional<Bytes> delta = DeltaOf(base, raw, block_bytes);
  ASSERT_TRUE(delta);
  // Two blocks, and the rest behind the last whole one.
  EXPECT_LT(delta->size(), 3 * block_bytes + 40);
  EXPECT_LT(SumBlocks(kSecret, base, block_bytes).size(), 1'000u);
}

TEST(BlockDelta, ContentsWithoutAnythingInCommonTravelWhole) {
  SimRandom random(6);
  const Bytes base = random.SomeBytes(50'000);
  const Bytes raw = random.SomeBytes(50'000);
  EXPECT_FALSE(DeltaOf(base, raw, 512));
  EXPECT_FALSE(DeltaOf({}, raw, 512));
  EXPECT_FALSE(DeltaOf(base, random.SomeBytes(511), 512));
}

// Each block has the weak sum of every place of `raw`, and none the strong one: after some looks in
// vain nobody looks any more, so that what follows is not found either.
TEST(BlockDelta, SumsMadeUpToMatchEverywhereEndTheSearch) {
  constexpr uint32_t kBlock = 4'096;
  Bytes sums = SumBlocks(kSecret, Bytes(kBlock, 0), kBlock);
  sums[7] ^= 1;
  const Bytes tail = SimRandom(7).SomeBytes(kBlock);
  const Bytes right = SumBlocks(kSecret, tail, kBlock);
  sums.insert(sums.end(), right.begin(), right.end());
  Bytes raw(100'000, 0);
  raw.insert(raw.end(), tail.begin(), tail.end());
  EXPECT_FALSE(MakeDelta(kSecret, sums, kBlock, raw));
  sums[7] ^= 1;
  std::optional<Bytes> delta = MakeDelta(kSecret, sums, kBlock, raw);
  ASSERT_TRUE(delta);
  EXPECT_LT(delta->size(), 2 * kBlock);
}

TEST(BlockDelta, WhatDoesNotFitIsRefused) {
  const Bytes base(1'000, 'b');
  auto refused = [&](Bytes delta, size_t raw_bytes) {
    return ApplyDelta(base, 100, delta, raw_bytes).Is(Errc::kCorrupt);
  };
  EXPECT_FALSE(refused({2 * 3, 'x', 'y', 'z', 2 * 2 + 1, 8}, 203));
  EXPECT_TRUE(refused({2 * 3, 'x', 'y', 'z', 2 * 2 + 1, 8}, 202)) << "too much";
  EXPECT_TRUE(refused({2 * 3, 'x', 'y', 'z', 2 * 2 + 1, 8}, 204)) << "too little";
  EXPECT_TRUE(refused({2 * 2 + 1, 9}, 200)) << "a block behind the last one";
  EXPECT_TRUE(refused({2 * 1 + 1, 10}, 100));
  EXPECT_TRUE(refused({2 * 3, 'x', 'y'}, 3)) << "cut off";
  EXPECT_TRUE(refused({2 * 1 + 1}, 100)) << "cut off";
  EXPECT_TRUE(refused({0, 2, 'x'}, 1)) << "nothing at all, for ever";
  EXPECT_TRUE(refused({1, 0, 2, 'x'}, 1));
  EXPECT_TRUE(refused({0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1}, 1)) << "a number without end";
  EXPECT_TRUE(refused({0xff, 0xff, 0xff, 0xff, 0x7f, 0}, 1'000));
}

}  // namespace
}  // namespace atozsync
