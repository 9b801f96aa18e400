#include "protocol/frame.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "protocol/messages.h"

namespace atozsync::protocol {
namespace {

Bytes FrameOf(uint8_t type, uint8_t flags, const Bytes& payload) {
  Bytes frame(kFrameHeaderBytes + payload.size());
  std::copy(payload.begin(), payload.end(), frame.begin() + kFrameHeaderBytes);
  SealFrame(type, flags, frame);
  return frame;
}

TEST(FrameTest, HeaderComesBack) {
  const Bytes frame = FrameOf(16, kFrameOptional, {1, 2, 3});
  const Result<FrameHeader> header = ParseFrameHeader(frame);
  ASSERT_TRUE(header.ok());
  EXPECT_EQ((*header).payload_bytes, 3u);
  EXPECT_EQ((*header).type, 16);
  EXPECT_EQ((*header).flags, kFrameOptional);
  EXPECT_TRUE(CheckPayload(*header, ByteSpan(frame).subspan(kFrameHeaderBytes)).ok());
}

TEST(FrameTest, EveryFlippedBitOfThePayloadIsSeen) {
  const Bytes frame = FrameOf(1, 0, {10, 20, 30, 40});
  const FrameHeader header = ParseFrameHeader(frame).value();
  for (size_t bit = 0; bit < 32; ++bit) {
    Bytes payload(frame.begin() + kFrameHeaderBytes, frame.end());
    payload[bit / 8] = static_cast<uint8_t>(payload[bit / 8] ^ (1u << (bit % 8)));
    EXPECT_TRUE(CheckPayload(header, payload).Is(Errc::kCorrupt)) << bit;
  }
}

TEST(FrameTest, LengthIsLimited) {
  Bytes frame = FrameOf(1, 0, {});
  PutU32(frame, kFramePayloadBytesMax);
  EXPECT_TRUE(ParseFrameHeader(frame).ok());
  PutU32(frame, kFramePayloadBytesMax + 1);
  EXPECT_TRUE(ParseFrameHeader(frame).Is(Errc::kProtocol));
  PutU32(frame, UINT32_MAX);
  EXPECT_TRUE(ParseFrameHeader(frame).Is(Errc::kProtocol));
}

TEST(FrameTest, UnknownBitsAreRefused) {
  for (size_t at : {size_t{5}, size_t{6}, size_t{7}}) {
    Bytes frame = FrameOf(1, 0, {});
    frame[at] = 8;
    EXPECT_TRUE(ParseFrameHeader(frame).Is(Errc::kProtocol)) << at;
  }
}

TEST(FrameTest, ALastPartIsAPart) {
  EXPECT_TRUE(ParseFrameHeader(FrameOf(8, kFramePart, {1})).ok());
  EXPECT_TRUE(ParseFrameHeader(FrameOf(8, kFramePart | kFrameLastPart, {1})).ok());
  EXPECT_TRUE(ParseFrameHeader(FrameOf(8, kFrameLastPart, {1})).Is(Errc::kProtocol));
}

}  // namespace
}  // namespace atozsync::protocol
