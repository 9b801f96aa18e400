#include "protocol/codec.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <set>

#include "protocol/frame.h"
#include "tests/unit/protocol/message_samples.h"

namespace atozsync::protocol {
namespace {

Result<Message> DecodeFrame(const Bytes& frame) {
  ASSIGN_OR_RETURN(const FrameHeader header, ParseFrameHeader(frame));
  return DecodeMessage(header.type, ByteSpan(frame).subspan(kFrameHeaderBytes));
}

TEST(CodecTest, NumbersOnTheWireAreFixed) {
  const std::vector<Message> samples = SampleMessages();
  ASSERT_EQ(samples.size(), std::variant_size_v<Message>);
  std::set<std::string> names;
  for (size_t i = 0; i < samples.size(); ++i) {
    EXPECT_EQ(MessageType(samples[i]), i + 1);
    EXPECT_EQ(ParseFrameHeader(EncodeFrame(samples[i])).value().type, i + 1);
    names.insert(MessageName(samples[i]));
  }
  EXPECT_EQ(names.size(), samples.size());
  EXPECT_FALSE(IsKnownType(0));
  EXPECT_TRUE(IsKnownType(22));
  EXPECT_FALSE(IsKnownType(23));
}

TEST(CodecTest, OnlyWhatVersionOneBeganWithoutIsOptional) {
  for (const Message& message : SampleMessages()) {
    const uint8_t flags = ParseFrameHeader(EncodeFrame(message)).value().flags;
    // ContentStream is said only to who has said that it knows it.
    EXPECT_EQ(flags, MessageType(message) == 21 ? kFrameOptional : 0) << MessageName(message);
  }
}

TEST(CodecTest, EverySampleComesBack) {
  for (const Message& message : SampleMessages()) {
    const Result<Message> decoded = DecodeFrame(EncodeFrame(message));
    ASSERT_TRUE(decoded.ok()) << MessageName(message) << ": " << decoded.status().ToString();
    EXPECT_EQ(*decoded, message) << MessageName(message);
  }
}

TEST(CodecTest, EveryMessageWithinBoundsComesBack) {
  EXPECT_TRUE(rc::check([](uint64_t seed) {
    const Message message = RandomMessage(seed);
    const Result<Message> decoded = DecodeFrame(EncodeFrame(message));
    RC_ASSERT(decoded.ok());
    RC_ASSERT(*decoded == message);
  }));
}

// A row as large as the bounds allow.
UpdateRow LargestRow() {
  UpdateRow row;
  std::string path(RelPath::kPathBytesMax - 1, 'p');  // 128 names of 255 bytes
  for (size_t at = 255; at < path.size(); at += 256) path[at] = '/';
  row.path = RelPath::Trusted(path);
  row.version.size = uint64_t{1} << 62;
  row.version.mtime_ns = -1;
  row.version.hash = {~0ull, ~0ull};
  std::vector<VersionVector::Entry> entries;
  for (uint64_t i = 0; i < VersionVector::kEntriesMax; ++i)
    entries.push_back({~0ull - 5000 + i, ~0ull});
  row.version.vector = VersionVector::FromEntries(std::move(entries)).value();
  row.version.dot = {~0ull, ~0ull};
  row.version.hlc = ~0ull;
  row.version.chain.assign(FileVersion::kChainMax, row.version.hash);
  for (uint32_t i = 0; i < FileVersion::kMembersMax; ++i) {
    row.version.known_by.push_back(~0u - 300 + i);
    row.version.complete_by.push_back(~0u - 300 + i);
  }
  return row;
}

TEST(CodecTest, ApproximateBytesIsNeverTooSmallAndNotMuchTooLarge) {
  const size_t empty = EncodeFrame(IndexUpdate{}).size();
  const auto check = [empty](const UpdateRow& row) {
    const size_t real = EncodeFrame(IndexUpdate{0, 0, false, {row}, {}}).size() - empty;
    EXPECT_GE(ApproximateBytes(row), real);
    EXPECT_LE(ApproximateBytes(row), real + 128 + 10 * row.version.vector.entries().size());
    ConflictRecord conflict;
    conflict.id = {1, 1};
    conflict.path = row.path;
    conflict.other_path = row.path;
    conflict.winner = row.version;
    conflict.loser = row.version;
    conflict.detected_ms = -1;
    conflict.state_hlc = ~0ull;
    conflict.rule = std::string(kTextBytesMax, 'r');
    EXPECT_GE(ApproximateBytes(conflict),
              EncodeFrame(IndexUpdate{0, 0, false, {}, {conflict}}).size() - empty);
  };
  UpdateRow row = LargestRow();
  EXPECT_LE(ApproximateBytes(row), 112u << 10);
  row.version.kind = VersionKind::kTombstone;
  check(row);
  check({RelPath::Trusted("a"), SampleVersion()});
}

TEST(CodecTest, APageFilledToTheTargetFitsWhateverItsRows) {
  IndexUpdate update;
  size_t bytes = 0;
  while (bytes < kUpdateBytesTarget) {
    update.rows.push_back(LargestRow());
    bytes += ApproximateBytes(update.rows.back());
  }
  EXPECT_LE(EncodeFrame(update).size(), kUpdateBytesTarget + (112u << 10));
  const Result<Message> decoded = DecodeFrame(EncodeFrame(update));
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(*decoded, Message(update));
}

TEST(CodecTest, TheLargestOfEveryListFits) {
  const std::string text(kTextBytesMax, 't');
  MemberInfo member{{}, text, std::vector<std::string>(kAddressesMax, text), true, ~0ull};
  Hello hello;
  hello.capabilities.assign(kCapabilitiesMax, text);
  hello.name = text;
  hello.members.assign(kMembersMax, member);
  ChunkListReply chunks{1, true, true, std::vector<Chunk>(kChunksMax, {{1, 2}, kChunkBytesMax})};
  DigestReply digest;
  digest.children.assign(
      kDigestEntriesMax,
      {std::string(RelPath::kNameBytesMax, 'n'), VersionKind::kDir, {1, 2}, {3, 4}});
  IndexUpdate update;
  update.rows.assign(kUpdateRowsMax, {RelPath::Trusted("a"), SampleVersion()});
  ContentReply content{1, true, false, kContentBytesMax, Bytes(kContentBytesMax, 7)};
  Going going{std::vector<RelPath>(kGoingPathsMax, LargestRow().path)};
  for (const Message& message : {Message(hello), Message(chunks), Message(digest), Message(update),
                                 Message(content), Message(going)}) {
    const Result<Message> decoded = DecodeFrame(EncodeFrame(message));
    ASSERT_TRUE(decoded.ok()) << MessageName(message);
    EXPECT_EQ(*decoded, message) << MessageName(message);
  }
}

TEST(CodecTest, WhatPeopleWroteIsCutNotABug) {
  const std::string text(kTextBytesMax + 1, 'x');
  const std::string cut(kTextBytesMax, 'x');
  const auto sent = [](const Message& message) {
    return DecodeFrame(EncodeFrame(message)).value();
  };
  EXPECT_EQ(sent(Goodbye{text}), Message(Goodbye{cut}));
  PeerStatus status;
  status.state = text;
  EXPECT_EQ(std::get<PeerStatus>(sent(status)).state, cut);
  const MemberInfo member{{}, text, std::vector<std::string>(kAddressesMax + 1, text), false, 0};
  const MemberInfo cut_member{{}, cut, std::vector<std::string>(kAddressesMax, cut), false, 0};
  EXPECT_EQ(sent(Members{{member}}), Message(Members{{cut_member}}));
  Hello hello;
  hello.capabilities = {text};
  hello.name = text;
  hello.program_version = text;
  hello.members = {member};
  EXPECT_EQ(std::get<Hello>(sent(hello)).name, cut);
  const Bytes secret(kSecretBytesMax + 1, 1);
  EXPECT_EQ(
      std::get<JoinRequest>(sent(JoinRequest{secret, text, member.addresses, false})).addresses,
      cut_member.addresses);
  EXPECT_EQ(std::get<JoinReply>(sent(JoinReply{false, text, secret, text, {member}})).problem, cut);
}

TEST(CodecDeathTest, SendingOverABoundStopsTheProgram) {
  IndexUpdate update;
  update.rows.assign(kUpdateRowsMax + 1, {RelPath::Trusted("a"), {}});
  EXPECT_DEATH(EncodeFrame(update), "bounds");
}

}  // namespace
}  // namespace atozsync::protocol
