// Content that goes slowly: in parts, overtaken by what is small, and never in the way of control.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <random>

#include "protocol/codec.h"
#include "protocol/session.h"

namespace atozsync::protocol {
namespace {

class Collector final : public SessionHandler {
 public:
  Status OnMessage(Message message) override {
    messages.push_back(std::move(message));
    return Status::Ok();
  }
  std::vector<uint32_t> Contents() const {
    std::vector<uint32_t> ids;
    for (const Message& message : messages) {
      if (const auto* reply = std::get_if<ContentReply>(&message)) ids.push_back(reply->id);
    }
    return ids;
  }
  std::vector<Message> messages;
};

struct Side {
  explicit Side(bool parts = true) {
    if (parts) session.AllowParts();
  }
  void Hear(const Bytes& bytes) { ASSERT_TRUE(session.OnBytes(bytes, 0).ok()); }
  Collector collector;
  Session session{&collector, 0};
};

ContentReply ContentOf(uint32_t id, size_t bytes) {
  Bytes data(bytes);
  for (size_t i = 0; i < bytes; ++i) data[i] = static_cast<uint8_t>(i * 7 + id);
  return {id, true, false, static_cast<uint32_t>(bytes), std::move(data)};
}

TEST(SessionPartsTest, ALargeContentArrivesInParts) {
  Side from;
  Side to;
  from.session.Send(ContentOf(7, 1 << 20));
  size_t outputs = 0;
  while (from.session.has_output()) {
    const Bytes output = from.session.TakeContent(10'000);
    ASSERT_FALSE(output.empty());
    ASSERT_LE(output.size(), 10'000u);
    to.Hear(output);
    ++outputs;
  }
  EXPECT_EQ(outputs, 106u);  // 16 bytes of each are its header
  EXPECT_EQ(to.collector.messages, std::vector<Message>{ContentOf(7, 1 << 20)});
  EXPECT_EQ(from.session.queued_bytes(), 0u);
}

TEST(SessionPartsTest, ControlComesBetweenParts) {
  Side from;
  Side to;
  from.session.Send(ContentOf(7, 100'000));
  to.Hear(from.session.TakeContent(10'000));
  from.session.Send(IndexAck{1});
  EXPECT_TRUE(from.session.has_control());
  to.Hear(from.session.TakeControl(1 << 20));
  EXPECT_FALSE(from.session.has_control());
  EXPECT_TRUE(from.session.TakeControl(1 << 20).empty());
  EXPECT_EQ(to.collector.messages, std::vector<Message>{IndexAck{1}});
  while (from.session.has_output()) to.Hear(from.session.TakeContent(10'000));
  EXPECT_EQ(to.collector.Contents(), std::vector<uint32_t>{7});
}

TEST(SessionPartsTest, SmallOnesOvertakeButNotForEver) {
  Side from;
  Side to;
  from.session.Send(ContentOf(1, 100'000));
  to.Hear(from.session.TakeContent(1'000));
  for (uint32_t id = 2; id < 202; ++id) from.session.Send(ContentOf(id, 3'000));
  to.Hear(from.session.TakeContent(1'000));
  EXPECT_EQ(to.collector.Contents(), std::vector<uint32_t>{2});
  for (int i = 0; i < 134; ++i) to.Hear(from.session.TakeContent(1'000));
  const std::vector<uint32_t> arrived = to.collector.Contents();
  EXPECT_EQ(std::count(arrived.begin(), arrived.end(), 1u), 0);
  while (from.session.has_output()) to.Hear(from.session.TakeContent(1'000));
  // One turn in four was the large one's; at the end it is alone.
  EXPECT_EQ(to.collector.Contents().size(), 201u);
  EXPECT_EQ(to.collector.Contents().back(), 1u);
  EXPECT_EQ(to.collector.messages.back(), Message(ContentOf(1, 100'000)));
}

TEST(SessionPartsTest, TheLargeOneEndsWhileSmallOnesGoOnComing) {
  Side from;
  Side to;
  from.session.Send(ContentOf(1, 20'000));
  to.Hear(from.session.TakeContent(1'000));
  uint32_t id = 2;
  while (to.collector.Contents().empty() || to.collector.Contents().back() != 1) {
    ASSERT_LT(id, 200u);
    from.session.Send(ContentOf(id++, 3'000));
    to.Hear(from.session.TakeContent(1'000));
  }
}

TEST(SessionPartsTest, WhoDoesNotJoinPartsGetsWholeFrames) {
  Side from(false);
  Side to;
  from.session.Send(ContentOf(1, 100'000));
  from.session.Send(ContentOf(2, 100'000));
  const size_t frame_bytes = EncodeFrame(ContentOf(1, 100'000)).size();
  EXPECT_EQ(from.session.TakeContent(1'000).size(), frame_bytes);
  to.Hear(from.session.TakeContent(1'000));
  EXPECT_EQ(to.collector.Contents(), std::vector<uint32_t>{2});
}

TEST(SessionPartsTest, WhatHasBegunEndsWithoutALimit) {
  Side from;
  Side to;
  from.session.Send(ContentOf(1, 100'000));
  from.session.Send(ContentOf(2, 50'000));
  to.Hear(from.session.TakeContent(1'000));
  from.session.Send(IndexAck{5});
  while (from.session.has_output()) to.Hear(from.session.TakeOutput(1 << 20));
  EXPECT_EQ(to.collector.messages,
            (std::vector<Message>{IndexAck{5}, ContentOf(1, 100'000), ContentOf(2, 50'000)}));
  EXPECT_EQ(from.session.queued_bytes(), 0u);
}

TEST(SessionPartsTest, EverythingArrivesHoweverItIsTaken) {
  EXPECT_TRUE(rc::check([](uint64_t seed) {
    std::mt19937_64 random(seed);
    Side from(random() % 4 != 0);
    Side to;
    std::vector<Message> sent;
    for (uint32_t id = 1; id <= 20; ++id) {
      sent.push_back(ContentOf(id, 1 + random() % (1u << (random() % 17))));
      from.session.Send(sent.back());
      while (random() % 3 != 0) {
        const size_t most = 1 + random() % 20'000;
        to.Hear(random() % 5 == 0 ? from.session.TakeOutput(most) : from.session.TakeContent(most));
      }
    }
    while (from.session.has_output()) to.Hear(from.session.TakeContent(1 + random() % 9'000));
    auto by_id = [](const Message& a, const Message& b) {
      return std::get<ContentReply>(a).id < std::get<ContentReply>(b).id;
    };
    std::sort(to.collector.messages.begin(), to.collector.messages.end(), by_id);
    RC_ASSERT(to.collector.messages == sent);
  }));
}

Bytes PartOf(uint8_t type, size_t payload_bytes, uint8_t flags) {
  Bytes frame(kFrameHeaderBytes + payload_bytes);
  SealFrame(type, flags, frame);
  return frame;
}

TEST(SessionPartsTest, OnlyContentComesInParts) {
  Side side;
  const uint8_t ack = MessageType(IndexAck{});
  EXPECT_TRUE(side.session.OnBytes(PartOf(ack, 3, kFramePart), 0).Is(Errc::kProtocol));
}

TEST(SessionPartsTest, EmptyPartsAreRefused) {
  Side side;
  const uint8_t content = MessageType(ContentReply{});
  EXPECT_TRUE(side.session.OnBytes(PartOf(content, 0, kFramePart), 0).Is(Errc::kProtocol));
}

TEST(SessionPartsTest, PartsTogetherAreBounded) {
  Side side;
  const uint8_t content = MessageType(ContentReply{});
  const Bytes part = PartOf(content, 64 << 10, kFramePart);
  for (int i = 0; i < 16; ++i) ASSERT_TRUE(side.session.OnBytes(part, 0).ok());
  EXPECT_TRUE(side.session.OnBytes(part, 0).Is(Errc::kProtocol));
}

}  // namespace
}  // namespace atozsync::protocol
