#include "sync/index/codec.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "tests/contract/index_contract.h"

namespace atozsync {
namespace {

// As full as a deletion gets.
FileVersion FullVersion() {
  FileVersion version = FullRow("x").version;
  version.kind = VersionKind::kTombstone;
  version.known_by = {1, 0xFFFFFFFF};
  version.complete_by = {0};
  return version;
}

TEST(Codec, VersionsComeBackWhole) {
  for (const FileVersion& version :
       {FileVersion(), FullVersion(), FullRow("x").version, DirOf(5), TombstoneOf(6)}) {
    FileVersion back;
    ASSERT_TRUE(DecodeVersion(EncodeVersion(version), back));
    EXPECT_EQ(back, version);
  }
}

TEST(Codec, IntentPlansComeBackWhole) {
  Intent intent;
  intent.staged_stamp = {~uint64_t{0}, -1, 1, 2};
  intent.old_stamp = {3, 4, 5, ~uint64_t{0}};
  intent.row = FullRow("a/b");
  intent.row.sequence = 9;
  Intent back;
  ASSERT_TRUE(DecodeIntentPlan(EncodeIntentPlan(intent), back));
  EXPECT_EQ(back, intent);
}

TEST(Codec, EveryShorterOrLongerBlobIsRefused) {
  Bytes bytes = EncodeVersion(FullVersion());
  FileVersion version;
  for (size_t length = 0; length < bytes.size(); ++length) {
    EXPECT_FALSE(DecodeVersion(ByteSpan(bytes).first(length), version)) << length;
  }
  bytes.push_back(0);
  EXPECT_FALSE(DecodeVersion(bytes, version));
}

// Peers would refuse it, and sending it would stop the program.
TEST(Codec, AVersionThatCannotBeIsRefused) {
  FileVersion file = FullRow("x").version;
  file.known_by = {1};
  FileVersion disordered = FullVersion();
  disordered.complete_by = {2, 1};
  FileVersion long_chain = FullVersion();
  long_chain.chain.assign(FileVersion::kChainMax + 1, HashOf(1));
  FileVersion huge = FullRow("x").version;
  huge.size = ~uint64_t{0};
  for (const FileVersion& version : {file, disordered, long_chain, huge}) {
    FileVersion back;
    EXPECT_FALSE(DecodeVersion(EncodeVersion(version), back));
    Bytes history;
    EncodeHistory(version, history);
    back.kind = version.kind;
    back.size = version.size;
    EXPECT_FALSE(DecodeHistory(history, back));
    Intent intent;
    intent.row.version = version;
    EXPECT_FALSE(DecodeIntentPlan(EncodeIntentPlan(intent), intent));
  }
}

TEST(Codec, ACountThatPromisesMoreThanThereIsAllocatesNothing) {
  // kind, size, mtime, hash, then a vector of 2^63 entries.
  Bytes bytes(1 + 1 + 8 + 16, 0);
  bytes.insert(bytes.end(), {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F});
  FileVersion version;
  EXPECT_FALSE(DecodeVersion(bytes, version));
}

RC_GTEST_PROP(Codec, AnyBytesAreReadOrRefused, (std::vector<uint8_t> bytes, uint16_t at)) {
  FileVersion version;
  if (DecodeVersion(bytes, version)) RC_ASSERT(version.kind <= VersionKind::kDir);
  Bytes good = EncodeVersion(FullVersion());
  good[at % good.size()] ^= static_cast<uint8_t>(1 + at / 256);
  if (DecodeVersion(good, version)) RC_ASSERT(EncodeVersion(version).size() <= good.size());
}

}  // namespace
}  // namespace atozsync
