#include "sync/base/bytes.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace atozsync {
namespace {

TEST(Bytes, NumbersAreBigEndian) {
  Bytes bytes(12);
  PutU32(bytes, 0x01020304);
  PutU64(MutableByteSpan(bytes).subspan(4), 0x05060708090a0b0c);
  EXPECT_EQ(ToHex(bytes), "0102030405060708090a0b0c");
}

RC_GTEST_PROP(Bytes, NumbersComeBack, (uint32_t small, uint64_t large)) {
  Bytes bytes(12);
  PutU32(bytes, small);
  PutU64(MutableByteSpan(bytes).subspan(4), large);
  RC_ASSERT(GetU32(bytes) == small);
  RC_ASSERT(GetU64(ByteSpan(bytes).subspan(4)) == large);
}

RC_GTEST_PROP(Bytes, HexComesBack, (const Bytes& bytes)) {
  RC_ASSERT(FromHex(ToHex(bytes)) == bytes);
}

TEST(Bytes, HexAcceptsCapitalsAndNothingElse) {
  EXPECT_EQ(FromHex("00fFAb"), (Bytes{0x00, 0xff, 0xab}));
  for (const char* garbage : {"0", "abc", "0g", "g0", " 0", "0x", "0\n"}) {
    EXPECT_TRUE(FromHex(garbage).empty()) << garbage;
  }
}

TEST(Bytes, TextIsTheSameBytes) {
  std::string text("a\0\xff", 3);
  EXPECT_EQ(AsText(AsBytes(text)), text);
  EXPECT_EQ(AsBytes(text)[2], 0xff);
}

TEST(BytesDeathTest, ANumberNeedsItsRoom) {
  Bytes seven(7);
  EXPECT_DEATH(PutU64(seven, 1), "CHECK|size");
  EXPECT_DEATH(static_cast<void>(GetU64(seven)), "CHECK|size");
  EXPECT_DEATH(static_cast<void>(GetU32(ByteSpan(seven).first(3))), "CHECK|size");
}

}  // namespace
}  // namespace atozsync
