#include "sync/engine/stage_job.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "protocol/compression.h"
#include "tests/unit/engine/test_folder.h"

namespace atozsync {
namespace {

const Bytes kSecret = TestSecret();
constexpr int64_t kOldTime = 946'684'800 * kSecond;

Bytes BytesOf(std::string_view text) {
  return Bytes(text.begin(), text.end());
}

class StageJob : public testing::Test {
 protected:
  StageTarget TargetFor(ByteSpan content) {
    StageTarget target;
    target.hash = HashOf(kSecret, content);
    target.size = content.size();
    target.mtime_ns = kOldTime;
    target.staged = layout::Staged(++number_, target.hash);
    return target;
  }
  static protocol::ContentReply Reply(const Bytes& content) {
    protocol::ContentReply reply;
    reply.found = true;
    reply.raw_size = static_cast<uint32_t>(content.size());
    reply.data = content;
    return reply;
  }
  size_t staged_files() { return folder_.files.ListKept(layout::Staging().str()).size(); }
  std::string Staged(const StageTarget& target) { return folder_.Read(target.staged.str()); }

  TestFolder folder_;
  uint64_t number_ = 0;
};

TEST_F(StageJob, AReplyBecomesAWholeFileWithItsTime) {
  Bytes content = BytesOf("scan");
  StageTarget target = TargetFor(content);
  auto chunks = StageReply(folder_.files, kSecret, target, Reply(content));
  ASSERT_TRUE(chunks.ok()) << chunks.status().ToString();
  EXPECT_EQ(Staged(target), "scan");
  EXPECT_EQ(folder_.Stat(target.staged.str()).mtime_ns, kOldTime);
  EXPECT_EQ(folder_.files.UserTree().size(), 2u) << "nothing but what was there";
}

TEST_F(StageJob, AnEmptyFileIsAContentToo) {
  StageTarget target = TargetFor({});
  ASSERT_TRUE(StageReply(folder_.files, kSecret, target, Reply({})).ok());
  EXPECT_EQ(Staged(target), "");
  EXPECT_EQ(folder_.Stat(target.staged.str()).mtime_ns, kOldTime);
}

TEST_F(StageJob, ACompressedReplyIsExpanded) {
  Bytes content(100'000, 'x');
  protocol::ContentReply reply = Reply(content);
  std::optional<Bytes> compressed = protocol::CompressIfItPays(content);
  ASSERT_TRUE(compressed.has_value());
  reply.data = *compressed;
  reply.compressed = true;
  StageTarget target = TargetFor(content);
  ASSERT_TRUE(StageReply(folder_.files, kSecret, target, reply).ok());
  EXPECT_EQ(Staged(target).size(), content.size());
  reply.raw_size -= 1;
  Bytes room;
  EXPECT_TRUE(RawBytes(reply, room).Is(Errc::kCorrupt));
}

TEST_F(StageJob, LargeContentComesBackWithItsChunks) {
  Bytes content = SimRandom(1).SomeBytes(500'000);
  StageTarget target = TargetFor(content);
  auto chunks = StageReply(folder_.files, kSecret, target, Reply(content));
  ASSERT_TRUE(chunks.ok());
  uint64_t sum = 0;
  for (const ChunkRef& chunk : *chunks) sum += chunk.size;
  EXPECT_EQ(sum, content.size());
}

TEST_F(StageJob, BytesThatWereNotAnnouncedNeverReachTheDisk) {
  Bytes content = BytesOf("scan");
  StageTarget target = TargetFor(content);
  Bytes flipped = content;
  flipped[2] ^= 1;
  EXPECT_TRUE(StageReply(folder_.files, kSecret, target, Reply(flipped)).Is(Errc::kCorrupt));
  EXPECT_TRUE(StageReply(folder_.files, kSecret, target, Reply(BytesOf("sca"))).Is(Errc::kCorrupt));
  protocol::ContentReply lying = Reply(content);
  ++lying.raw_size;
  EXPECT_TRUE(StageReply(folder_.files, kSecret, target, lying).Is(Errc::kCorrupt));
  StageTarget wrong_size = target;
  ++wrong_size.size;
  EXPECT_TRUE(StageReply(folder_.files, kSecret, wrong_size, Reply(content)).Is(Errc::kCorrupt));
  EXPECT_EQ(staged_files(), 0u);
  EXPECT_EQ(folder_.files.bytes_written(), 0u);
}

TEST_F(StageJob, WhatAnEarlierTryLeftIsReplaced) {
  StageTarget target = TargetFor(BytesOf("scan"));
  ASSERT_TRUE(folder_.files.WriteFile(target.staged.str(), "much longer rubbish").ok());
  ASSERT_TRUE(StageReply(folder_.files, kSecret, target, Reply(BytesOf("scan"))).ok());
  EXPECT_EQ(Staged(target), "scan");
}

TEST_F(StageJob, TheStagingFolderIsMadeWhenItIsMissing) {
  ASSERT_TRUE(folder_.files.Remove(layout::Staging().str()).ok());
  StageTarget target = TargetFor(BytesOf("scan"));
  ASSERT_TRUE(StageReply(folder_.files, kSecret, target, Reply(BytesOf("scan"))).ok());
  EXPECT_EQ(Staged(target), "scan");
}

TEST_F(StageJob, AFullVolumeIsLeftAsFullAsItWas) {
  folder_.files.SetCapacity(folder_.files.used_bytes() + 10);
  uint64_t used_before = folder_.files.used_bytes();
  Bytes content(100, 'x');
  EXPECT_TRUE(
      StageReply(folder_.files, kSecret, TargetFor(content), Reply(content)).Is(Errc::kNoSpace));
  EXPECT_EQ(staged_files(), 0u);
  EXPECT_EQ(folder_.files.used_bytes(), used_before);
}

TEST_F(StageJob, AFailureAtAnyCallLeavesNothingOrAllOfIt) {
  Bytes content = BytesOf("scan");
  for (uint64_t nth = 1; nth <= 3; ++nth) {
    folder_.files.FailMutation(nth, EIO);
    StageTarget target = TargetFor(content);
    EXPECT_FALSE(StageReply(folder_.files, kSecret, target, Reply(content)).ok()) << nth;
    EXPECT_FALSE(folder_.files.Exists(target.staged.str())) << nth;
  }
}

TEST_F(StageJob, ContentThatIsHereAlreadyIsCopied) {
  folder_.User("A/old.jpg", std::string(3u << 20, 'q'));
  Bytes content(3u << 20, 'q');
  StageTarget target = TargetFor(content);
  ASSERT_TRUE(StageCopy(folder_.files, kSecret, target, P("A/old.jpg")).ok());
  EXPECT_EQ(Staged(target).size(), content.size());
  EXPECT_EQ(folder_.Stat(target.staged.str()).mtime_ns, kOldTime);
  EXPECT_EQ(folder_.Read("A/old.jpg").size(), content.size());
}

TEST_F(StageJob, ASourceThatChangedIsNoSource) {
  StageTarget target = TargetFor(BytesOf("keep"));
  for (const char* now : {"kept", "keeper", "kee", ""}) {
    folder_.User("A/keep.jpg", now);
    EXPECT_TRUE(
        StageCopy(folder_.files, kSecret, target, P("A/keep.jpg")).Is(Errc::kChangedUnderneath))
        << now;
    EXPECT_EQ(staged_files(), 0u);
  }
  EXPECT_TRUE(StageCopy(folder_.files, kSecret, target, P("none")).Is(Errc::kNotFound));
  EXPECT_EQ(staged_files(), 0u);
}

TEST_F(StageJob, ASourceThatGrowsForeverIsReadNoFurtherThanItShould) {
  StageTarget target = TargetFor(BytesOf("keep"));
  folder_.User("A/keep.jpg", std::string(8u << 20, 'x'));
  EXPECT_FALSE(StageCopy(folder_.files, kSecret, target, P("A/keep.jpg")).ok());
  EXPECT_LE(folder_.files.bytes_read(), 1u << 20);
}

TEST_F(StageJob, AFinishedPartialFileTakesItsPlaceInStaging) {
  Bytes content = SimRandom(2).SomeBytes(400'000);
  StageTarget target = TargetFor(content);
  RelPath partial = layout::Partial(target.hash);
  ASSERT_TRUE(folder_.files.WriteFile(partial.str(), AsText(content)).ok());
  auto hashed = FinishPartial(folder_.files, kSecret, partial, target);
  ASSERT_TRUE(hashed.ok()) << hashed.status().ToString();
  EXPECT_FALSE(hashed->chunks.empty());
  EXPECT_FALSE(folder_.files.Exists(partial.str()));
  EXPECT_EQ(Staged(target), AsText(content));
  EXPECT_EQ(folder_.Stat(target.staged.str()).mtime_ns, kOldTime);
}

TEST_F(StageJob, APartialFileWithWrongBytesIsThrownAway) {
  StageTarget target = TargetFor(BytesOf("scan"));
  RelPath partial = layout::Partial(target.hash);
  ASSERT_TRUE(folder_.files.WriteFile(partial.str(), "scam").ok());
  EXPECT_TRUE(FinishPartial(folder_.files, kSecret, partial, target).Is(Errc::kCorrupt));
  EXPECT_EQ(staged_files(), 0u) << "or the next try would find the same bytes again";
}

}  // namespace
}  // namespace atozsync
