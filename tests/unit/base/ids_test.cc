#include "sync/base/ids.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace atozsync {
namespace {

ReplicaId IdOf(const Bytes& bytes) {
  ReplicaId id;
  for (size_t i = 0; i < id.bytes.size() && i < bytes.size(); ++i) id.bytes[i] = bytes[i];
  return id;
}

rc::Gen<Bytes> AnyFingerprint() {
  return rc::gen::container<Bytes>(32, rc::gen::arbitrary<uint8_t>());
}

RC_GTEST_PROP(ReplicaId, ComesBackFromItsText, ()) {
  ReplicaId id = IdOf(*AnyFingerprint());
  std::string text = id.ToString();
  RC_ASSERT(text.size() == 52u + 7u);  // seven dashes between eight groups
  Result<ReplicaId> parsed = ReplicaId::Parse(text);
  RC_ASSERT(parsed.ok() && *parsed == id);

  std::string spoken = text;
  std::erase(spoken, '-');
  std::transform(spoken.begin(), spoken.end(), spoken.begin(),
                 [](char c) { return static_cast<char>(std::tolower(c)); });
  Result<ReplicaId> lower = ReplicaId::Parse(spoken);
  RC_ASSERT(lower.ok() && *lower == id);
}

TEST(ReplicaId, TextIsRfc4648InGroupsOfSeven) {
  EXPECT_EQ(ReplicaId().ToString(), "AAAAAAA-AAAAAAA-AAAAAAA-AAAAAAA-AAAAAAA-AAAAAAA-AAAAAAA-AAA");
  ReplicaId ones;
  ones.bytes.fill(0xff);
  EXPECT_EQ(ones.ToString(), "7777777-7777777-7777777-7777777-7777777-7777777-7777777-77Q");
  ReplicaId start = IdOf({'f', 'o', 'o', 'b', 'a'});
  EXPECT_EQ(start.ToString().substr(0, 9), "MZXW6YT-B");  // "foobar" is MZXW6YTBOI
}

TEST(ReplicaId, GarbageIsRefusedWithWords) {
  std::string good = IdOf({1, 2, 3}).ToString();
  std::string with_one = good;
  with_one[3] = '1';  // neither 0, 1, 8 nor 9 is in the alphabet
  std::string with_byte = good;
  with_byte[3] = '\xc3';
  for (const std::string& garbage :
       {std::string(), std::string("-------"), good.substr(0, 58), good + "A", good + good,
        with_one, with_byte, " " + good, good + "\n", std::string(52, '=')}) {
    Result<ReplicaId> parsed = ReplicaId::Parse(garbage);
    ASSERT_FALSE(parsed.ok()) << garbage;
    EXPECT_TRUE(parsed.Is(Errc::kInvalid));
    EXPECT_NE(parsed.status().ToString().find("not a replica id"), std::string::npos);
  }
}

// Two texts for one id would let a person believe they compare different replicas.
TEST(ReplicaId, BitsBeyondTheIdMustBeZero) {
  std::string text = ReplicaId().ToString();
  text.back() = 'B';
  EXPECT_FALSE(ReplicaId::Parse(text).ok());
}

TEST(ReplicaId, PrefixAndAuthorSplitAgain) {
  ReplicaId id = IdOf({0x1a, 0x2b, 0x3c, 0x4d, 0x5e});
  EXPECT_EQ(id.prefix(), 0x1a2b3c4du);
  EXPECT_EQ(MakeAuthorId(id, 7), 0x1a2b3c4d00000007u);
  EXPECT_EQ(ReplicaPrefixOf(MakeAuthorId(id, 0xffffffff)), id.prefix());
  EXPECT_TRUE(ReplicaId().is_zero());
  EXPECT_FALSE(id.is_zero());
}

RC_GTEST_PROP(ContentHash, ComesBackFromHex, (uint64_t high, uint64_t low)) {
  ContentHash hash{high, low};
  RC_ASSERT(hash.ToHex().size() == 32u);
  Result<ContentHash> parsed = ContentHash::Parse(hash.ToHex());
  RC_ASSERT(parsed.ok() && *parsed == hash);
}

TEST(ContentHash, GarbageIsRefused) {
  for (const std::string& garbage : {std::string(), std::string(30, 'a'), std::string(34, 'a'),
                                     std::string(31, 'a'), std::string(32, 'g')}) {
    EXPECT_TRUE(ContentHash::Parse(garbage).Is(Errc::kInvalid)) << garbage;
  }
}

}  // namespace
}  // namespace atozsync
