#include "sync/engine/hasher.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "tests/sim/sim_random.h"
#include "tests/unit/engine/test_folder.h"

namespace atozsync {
namespace {

HashedFile Hashed(ByteSpan bytes, ByteSpan secret, size_t piece) {
  FileHasher hasher(secret);
  for (size_t at = 0; at < bytes.size(); at += piece) {
    hasher.Update(bytes.subspan(at, std::min(piece, bytes.size() - at)));
  }
  return hasher.Finish();
}

uint64_t SizeOf(const std::vector<ChunkRef>& chunks) {
  return std::accumulate(chunks.begin(), chunks.end(), uint64_t{0},
                         [](uint64_t sum, const ChunkRef& chunk) { return sum + chunk.size; });
}

const Bytes kSecret = TestSecret();

RC_GTEST_PROP(FileHasher, PiecesDoNotMatter, ()) {
  SimRandom random(*rc::gen::arbitrary<uint64_t>());
  Bytes bytes = random.SomeBytes(static_cast<size_t>(random.Below(600'000)));
  HashedFile whole = Hashed(bytes, kSecret, std::max<size_t>(bytes.size(), 1));
  RC_ASSERT(whole.size == bytes.size());
  RC_ASSERT(whole.hash == HashOf(kSecret, bytes));
  for (size_t piece : {size_t{4099}, size_t{65'536}, size_t{300'000}}) {
    HashedFile cut = Hashed(bytes, kSecret, piece);
    RC_ASSERT(cut.hash == whole.hash);
    RC_ASSERT(cut.chunks == whole.chunks);
  }
  if (bytes.size() < kChunkedBytesMin) {
    RC_ASSERT(whole.chunks.empty());
  } else {
    RC_ASSERT(SizeOf(whole.chunks) == bytes.size());
  }
}

TEST(FileHasher, ChunksNameTheirBytesAndKeepTheLimits) {
  Bytes bytes = SimRandom(3).SomeBytes(4u << 20);
  HashedFile file = Hashed(bytes, kSecret, 1u << 20);
  size_t at = 0;
  std::set<uint32_t> sizes;
  for (size_t i = 0; i < file.chunks.size(); ++i) {
    const ChunkRef& chunk = file.chunks[i];
    EXPECT_EQ(chunk.hash, HashOf(kSecret, ByteSpan(bytes).subspan(at, chunk.size)));
    EXPECT_LE(chunk.size, Chunker::kMaxBytes);
    bool last = i + 1 == file.chunks.size();
    EXPECT_TRUE(last || chunk.size > Chunker::kMinBytes);
    sizes.insert(chunk.size);
    at += chunk.size;
  }
  EXPECT_EQ(at, bytes.size());
  EXPECT_GT(sizes.size(), 10u) << "cut by content, not by length";
  EXPECT_GT(file.chunks.size(), (4u << 20) / Chunker::kNormalBytes / 2);
  EXPECT_LT(file.chunks.size(), (4u << 20) / Chunker::kNormalBytes * 2);
}

TEST(FileHasher, BytesThatAreAllEqualAreCutAtTheLimits) {
  Bytes zeros(1u << 20, 0);
  HashedFile file = Hashed(zeros, kSecret, 1u << 18);
  EXPECT_EQ(SizeOf(file.chunks), zeros.size());
  for (const ChunkRef& chunk : file.chunks) EXPECT_LE(chunk.size, Chunker::kMaxBytes);
}

TEST(FileHasher, AByteAtTheStartChangesFewChunks) {
  Bytes bytes = SimRandom(4).SomeBytes(8u << 20);
  Bytes longer = bytes;
  longer.insert(longer.begin(), 'x');
  auto hashes = [](const HashedFile& file) {
    std::set<ContentHash> set;
    for (const ChunkRef& chunk : file.chunks) set.insert(chunk.hash);
    return set;
  };
  std::set<ContentHash> before = hashes(Hashed(bytes, kSecret, 1u << 20));
  std::set<ContentHash> after = hashes(Hashed(longer, kSecret, 1u << 20));
  std::vector<ContentHash> fresh;
  std::set_difference(after.begin(), after.end(), before.begin(), before.end(),
                      std::back_inserter(fresh));
  EXPECT_GT(after.size(), 60u);
  EXPECT_LE(fresh.size(), 4u);
}

TEST(FileHasher, SmallFilesTravelWholeAndHaveNoChunks) {
  Bytes bytes = SimRandom(5).SomeBytes(kChunkedBytesMin);
  EXPECT_FALSE(Hashed(bytes, kSecret, 1u << 20).chunks.empty());
  bytes.pop_back();
  EXPECT_TRUE(Hashed(bytes, kSecret, 1u << 20).chunks.empty());
  EXPECT_TRUE(Hashed({}, kSecret, 1).chunks.empty());
  EXPECT_EQ(Hashed({}, kSecret, 1).hash, HashOf(kSecret, {}));
}

TEST(FileHasher, CanBeUsedAgain) {
  Bytes bytes = SimRandom(6).SomeBytes(300'000);
  FileHasher hasher(kSecret);
  hasher.Update(bytes);
  HashedFile first = hasher.Finish();
  hasher.Update(bytes);
  HashedFile second = hasher.Finish();
  EXPECT_EQ(first.hash, second.hash);
  EXPECT_EQ(first.chunks, second.chunks);
  EXPECT_EQ(first.size, second.size);
}

// Without the secret nobody can prepare two files that collide.
TEST(ContentHasher, AnotherSecretGivesAnotherHash) {
  Bytes other = TestSecret(2);
  for (size_t size :
       {size_t{0}, size_t{1}, size_t{100}, size_t{200}, size_t{1000}, size_t{100'000}}) {
    Bytes bytes = SimRandom(7).SomeBytes(size);
    EXPECT_NE(HashOf(kSecret, bytes), HashOf(other, bytes)) << size;
  }
  Bytes bytes = SimRandom(7).SomeBytes(600'000);
  HashedFile mine = Hashed(bytes, kSecret, 1u << 20);
  HashedFile theirs = Hashed(bytes, other, 1u << 20);
  ASSERT_EQ(mine.chunks.size(), theirs.chunks.size()) << "cut points do not depend on the secret";
  for (size_t i = 0; i < mine.chunks.size(); ++i) {
    EXPECT_EQ(mine.chunks[i].size, theirs.chunks[i].size);
    EXPECT_NE(mine.chunks[i].hash, theirs.chunks[i].hash);
  }
}

TEST(ContentHasherDeathTest, AShortSecretIsRefused) {
  Bytes short_secret(135);
  EXPECT_DEATH(ContentHasher{short_secret}, "secret");
}

// Replicas of two releases must cut and name alike.
TEST(FileHasher, CutsAndNamesAsItAlwaysDid) {
  Bytes bytes(1'000'000);
  uint32_t state = 1;
  for (uint8_t& byte : bytes) {
    state = state * 1'664'525 + 1'013'904'223;
    byte = static_cast<uint8_t>(state >> 24);
  }
  HashedFile file = Hashed(bytes, kSecret, 100'000);
  std::vector<uint32_t> sizes;
  for (const ChunkRef& chunk : file.chunks) sizes.push_back(chunk.size);
  EXPECT_EQ(file.hash.ToHex(), "4ce45a2d7690da9d499ad74bdc53d294");
  EXPECT_EQ(sizes, (std::vector<uint32_t>{71147, 67938, 78289, 54116, 66161, 99713, 88578, 28730,
                                          19880, 67444, 97320, 72463, 85482, 83460, 19279}));
}

}  // namespace
}  // namespace atozsync
