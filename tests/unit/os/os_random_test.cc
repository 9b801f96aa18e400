#include "sync/os/os_random.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace atozsync {
namespace {

TEST(OsRandomTest, FillsEveryByteAndNeverTheSameWay) {
  OsRandom random;
  Bytes first(10'000);  // more than one call of the system gives at once
  Bytes second(first.size());
  random.Fill(first);
  random.Fill(second);
  EXPECT_NE(first, second);
  // A run of 16 zero bytes comes by chance once in 10^34 times.
  const Bytes zeros(16);
  EXPECT_EQ(std::search(first.begin(), first.end(), zeros.begin(), zeros.end()), first.end());
  random.Fill(MutableByteSpan());
  EXPECT_NE(random.NextU64(), random.NextU64());
}

}  // namespace
}  // namespace atozsync
