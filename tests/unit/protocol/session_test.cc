#include "protocol/session.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <random>

#include "protocol/codec.h"
#include "tests/unit/protocol/message_samples.h"

namespace atozsync::protocol {
namespace {

class Collector final : public SessionHandler {
 public:
  Status OnMessage(Message message) override {
    messages.push_back(std::move(message));
    if (reply_through != nullptr) reply_through->Send(IndexAck{messages.size()});
    return answer;
  }
  std::vector<Message> messages;
  Session* reply_through = nullptr;
  Status answer;
};

struct Side {
  Collector collector;
  Session session{&collector, 0};
};

ContentReply ContentOf(uint32_t id, size_t bytes) {
  return {id, true, false, static_cast<uint32_t>(bytes), Bytes(bytes, 1)};
}

void MoveAll(Session& from, Session& to, int64_t now_ms) {
  while (from.has_output()) ASSERT_TRUE(to.OnBytes(from.TakeOutput(1 << 20), now_ms).ok());
}

TEST(SessionTest, MessagesArriveInOrderHoweverTheStreamIsCut) {
  EXPECT_TRUE(rc::check([](uint64_t seed) {
    std::mt19937_64 random(seed);
    Side sender;
    Side receiver;
    std::vector<Message> sent;
    for (int i = 0; i < 12; ++i) {
      Message message = RandomMessage(random());
      if (std::holds_alternative<Ping>(message) || std::holds_alternative<Pong>(message)) continue;
      if (std::holds_alternative<ContentReply>(message)) continue;  // overtaken: its own test
      sender.session.Send(message);
      sent.push_back(std::move(message));
    }
    Bytes stream;
    while (sender.session.has_output()) {
      const Bytes some = sender.session.TakeOutput(random() % 5000);
      RC_ASSERT(!some.empty());
      stream.insert(stream.end(), some.begin(), some.end());
    }
    ByteSpan rest = stream;
    while (!rest.empty()) {
      const size_t bytes = std::min<size_t>(rest.size(), 1 + random() % (1u << (random() % 13)));
      RC_ASSERT(receiver.session.OnBytes(rest.first(bytes), 0).ok());
      rest = rest.subspan(bytes);
    }
    RC_ASSERT(receiver.collector.messages == sent);
  }));
}

TEST(SessionTest, ControlOvertakesContent) {
  Side sender;
  Side receiver;
  for (uint32_t id = 1; id <= 3; ++id) sender.session.Send(ContentOf(id, 1000));
  // One frame of content is on its way when control comes.
  const Bytes first = sender.session.TakeOutput(1);
  sender.session.Send(IndexAck{1});
  sender.session.Send(IndexAck{2});
  ASSERT_TRUE(receiver.session.OnBytes(first, 0).ok());
  MoveAll(sender.session, receiver.session, 0);
  ASSERT_EQ(receiver.collector.messages.size(), 5u);
  EXPECT_EQ(std::get<ContentReply>(receiver.collector.messages[0]).id, 1u);
  EXPECT_EQ(std::get<IndexAck>(receiver.collector.messages[1]).sequence, 1u);
  EXPECT_EQ(std::get<IndexAck>(receiver.collector.messages[2]).sequence, 2u);
  EXPECT_EQ(std::get<ContentReply>(receiver.collector.messages[3]).id, 2u);
  EXPECT_EQ(std::get<ContentReply>(receiver.collector.messages[4]).id, 3u);
}

TEST(SessionTest, OutputIsTakenInWholeFramesUpToTheSizeAskedFor) {
  Side side;
  EXPECT_FALSE(side.session.has_output());
  EXPECT_TRUE(side.session.TakeOutput(1000).empty());
  const size_t one = EncodeFrame(ContentOf(1, 1000)).size();
  for (uint32_t id = 1; id <= 4; ++id) side.session.Send(ContentOf(id, 1000));
  EXPECT_EQ(side.session.queued_bytes(), 4 * one);
  EXPECT_EQ(side.session.TakeOutput(1).size(), one);
  EXPECT_EQ(side.session.TakeOutput(2 * one + 5).size(), 2 * one);
  EXPECT_EQ(side.session.queued_bytes(), one);
  EXPECT_EQ(side.session.TakeOutput(1 << 20).size(), one);
  EXPECT_EQ(side.session.queued_bytes(), 0u);
  EXPECT_FALSE(side.session.has_output());
}

TEST(SessionTest, TheHandlerMaySendWhileItIsTold) {
  Side asker;
  Side answerer;
  answerer.collector.reply_through = &answerer.session;
  asker.session.Send(ListRequest{0});
  asker.session.Send(ListRequest{1});
  MoveAll(asker.session, answerer.session, 0);
  MoveAll(answerer.session, asker.session, 0);
  ASSERT_EQ(asker.collector.messages.size(), 2u);
  EXPECT_EQ(asker.collector.messages[1], Message(IndexAck{2}));
}

TEST(SessionTest, AnErrorOfTheHandlerEndsTheSession) {
  Side side;
  side.collector.answer = {Errc::kProtocol, "not now"};
  const Bytes frame = EncodeFrame(IndexAck{1});
  const Status status = side.session.OnBytes(frame, 0);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().context, "not now");
  EXPECT_FALSE(side.session.OnBytes(frame, 0).ok());
  EXPECT_EQ(side.collector.messages.size(), 1u);
}

TEST(SessionTest, QuietIsAnsweredWithAPingWhoseRoundTripIsMeasured) {
  Side a;
  Side b;
  ASSERT_TRUE(a.session.OnTick(14'999).ok());
  EXPECT_FALSE(a.session.has_output());
  EXPECT_FALSE(a.session.round_trip_ms().has_value());
  ASSERT_TRUE(a.session.OnTick(15'000).ok());
  ASSERT_TRUE(a.session.OnTick(15'001).ok());  // one is under way: no second
  const Bytes ping = a.session.TakeOutput(1 << 20);
  EXPECT_EQ(ping.size(), EncodeFrame(Ping{1}).size());
  ASSERT_TRUE(b.session.OnBytes(ping, 15'010).ok());
  MoveAll(b.session, a.session, 15'042);
  EXPECT_EQ(a.session.round_trip_ms(), 42);
  // Neither is shown to the handlers, and the pong counts as being heard.
  EXPECT_TRUE(a.collector.messages.empty());
  EXPECT_TRUE(b.collector.messages.empty());
  ASSERT_TRUE(a.session.OnTick(15'042 + 44'999).ok());
}

TEST(SessionTest, APongThatWasNotAskedForMeansNothing) {
  Side side;
  ASSERT_TRUE(side.session.OnBytes(EncodeFrame(Pong{0}), 0).ok());
  ASSERT_TRUE(side.session.OnTick(15'000).ok());
  ASSERT_TRUE(side.session.OnBytes(EncodeFrame(Pong{77}), 15'001).ok());
  EXPECT_FALSE(side.session.round_trip_ms().has_value());
}

TEST(SessionTest, ThePongOvertakesContent) {
  Side side;
  side.session.Send(ContentOf(1, 1000));
  ASSERT_TRUE(side.session.OnBytes(EncodeFrame(Ping{5}), 0).ok());
  EXPECT_EQ(side.session.TakeOutput(1), EncodeFrame(Pong{5}));
}

// On a slow line its own Ping would wait behind the frame, and the answer to it is late, too.
TEST(SessionTest, WhoOnlyListensToALargeFrameSaysThatItDoes) {
  Side sender;
  Side receiver;
  sender.session.Send(ContentOf(1, 1 << 20));
  const Bytes frame = sender.session.TakeOutput(2 << 20);
  for (int64_t now_ms = 1'000; now_ms <= 120'000; now_ms += 1'000) {
    const ByteSpan piece = ByteSpan(frame).subspan(static_cast<size_t>(now_ms - 1'000), 1'000);
    ASSERT_TRUE(receiver.session.OnBytes(piece, now_ms).ok());
    ASSERT_TRUE(receiver.session.OnTick(now_ms).ok());
    MoveAll(receiver.session, sender.session, now_ms);
    ASSERT_TRUE(sender.session.OnTick(now_ms).ok()) << "at " << now_ms;
  }
}

TEST(SessionTest, SilenceEndsTheSessionAndAnyByteCountsAsLife) {
  Side side;
  const Bytes frame = EncodeFrame(IndexAck{1});
  ASSERT_TRUE(side.session.OnBytes(ByteSpan(frame).first(1), 40'000).ok());
  ASSERT_TRUE(side.session.OnTick(84'999).ok());
  EXPECT_TRUE(side.session.OnTick(85'000).Is(Errc::kTimeout));
}

}  // namespace
}  // namespace atozsync::protocol
