#include "sync/engine/chunk_names.h"

#include <gtest/gtest.h>

namespace atozsync {
namespace {

using protocol::ChunkListReply;

ChunkListReply PageOf(size_t count, uint32_t size, bool more) {
  ChunkListReply page;
  page.found = true;
  page.more = more;
  page.chunks.assign(count, {{1, 2}, size});
  return page;
}

TEST(ChunkNames, PagesAddUpToTheFile) {
  ChunkNames names(3 * 65'536);
  Result<bool> all = names.Add(PageOf(2, 65'536, true));
  ASSERT_TRUE(all.ok());
  EXPECT_FALSE(*all);
  EXPECT_EQ(names.next(), 2u);
  all = names.Add(PageOf(1, 65'536, false));
  ASSERT_TRUE(all.ok());
  EXPECT_TRUE(*all);
  EXPECT_EQ(names.chunks().size(), 3u);
}

TEST(ChunkNames, TooFewOrTooManyBytesAreRefused) {
  EXPECT_TRUE(ChunkNames(100'001).Add(PageOf(1, 100'000, false)).Is(Errc::kCorrupt));
  EXPECT_TRUE(ChunkNames(99'999).Add(PageOf(1, 100'000, false)).Is(Errc::kCorrupt));
  EXPECT_TRUE(ChunkNames(100'000).Add(PageOf(0, 1, true)).Is(Errc::kCorrupt));
  EXPECT_TRUE(ChunkNames(4u << 20).Add(PageOf(1, 4u << 20, false)).Is(Errc::kCorrupt));
}

// A peer that announces a file of any size and then names chunks of one byte for ever.
TEST(ChunkNames, CrumbsAreRefusedBeforeTheyFillMemory) {
  ChunkNames names(uint64_t{1} << 62);
  Result<bool> all = false;
  size_t pages = 0;
  for (; all.ok() && pages < 1000; ++pages) all = names.Add(PageOf(60'000, 1, true));
  EXPECT_TRUE(all.Is(Errc::kCorrupt));
  EXPECT_LE(names.chunks().size(), ChunkNames::kChunksMax);

  ChunkNames small(1u << 20);
  EXPECT_TRUE(small.Add(PageOf(300, 1, true)).Is(Errc::kCorrupt));
}

}  // namespace
}  // namespace atozsync
