// What a peer may send that no replica would: nothing crashes, nothing is believed, and no memory
// is taken beyond a stated bound.
#include <gtest/gtest.h>
#include <malloc.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <new>
#include <random>

#include "protocol/codec.h"
#include "protocol/frame.h"
#include "protocol/session.h"
#include "tests/unit/protocol/message_samples.h"

namespace {

size_t g_live_bytes = 0;
size_t g_peak_bytes = 0;

}  // namespace

void* operator new(size_t size) {
  void* memory = std::malloc(size);
  if (memory == nullptr) std::abort();
  g_live_bytes += malloc_usable_size(memory);
  g_peak_bytes = std::max(g_peak_bytes, g_live_bytes);
  return memory;
}
void operator delete(void* memory) noexcept {
  g_live_bytes -= malloc_usable_size(memory);
  std::free(memory);
}
void operator delete(void* memory, size_t) noexcept {
  operator delete(memory);
}

namespace atozsync::protocol {
namespace {

constexpr size_t kMiB = 1u << 20;

// How far `work` raised the memory in use at its highest.
size_t PeakOf(const std::function<void()>& work) {
  const size_t before = g_live_bytes;
  g_peak_bytes = before;
  work();
  return g_peak_bytes - before;
}

class Collector final : public SessionHandler {
 public:
  Status OnMessage(Message message) override {
    messages.push_back(std::move(message));
    return Status::Ok();
  }
  std::vector<Message> messages;
};

Bytes PayloadOf(const Message& message) {
  const Bytes frame = EncodeFrame(message);
  return Bytes(frame.begin() + kFrameHeaderBytes, frame.end());
}

Bytes Framed(uint8_t type, uint8_t flags, const Bytes& payload) {
  Bytes frame(kFrameHeaderBytes);
  frame.insert(frame.end(), payload.begin(), payload.end());
  SealFrame(type, flags, frame);
  return frame;
}

// `count` empty entries of the repeated field `number`.
Bytes EmptyEntries(int number, size_t count) {
  Bytes payload;
  payload.reserve(count * 2);
  for (size_t i = 0; i < count; ++i) {
    payload.push_back(static_cast<uint8_t>(number << 3 | 2));
    payload.push_back(0);
  }
  return payload;
}

TEST(CodecHostileTest, AnyCutOfAnyPayloadIsAnErrorOrAMessage) {
  for (const Message& message : SampleMessages()) {
    const Bytes payload = PayloadOf(message);
    for (size_t size = 0; size < payload.size(); ++size) {
      const Result<Message> decoded =
          DecodeMessage(MessageType(message), ByteSpan(payload).first(size));
      if (decoded.ok()) {
        EXPECT_NE(*decoded, message) << MessageName(message) << " cut to " << size;
      } else {
        EXPECT_TRUE(decoded.Is(Errc::kProtocol) || decoded.Is(Errc::kCorrupt));
      }
    }
  }
}

TEST(CodecHostileTest, AnyChangedByteOfAFrameEndsTheSession) {
  for (const Message& message : SampleMessages()) {
    const Bytes good = EncodeFrame(message);
    for (size_t at = 0; at < good.size(); ++at) {
      Bytes bad = good;
      bad[at] = static_cast<uint8_t>(bad[at] ^ 0x41);
      // So that a length that grew is satisfied.
      bad.resize(bad.size() + 4096);
      Collector collector;
      Session session(&collector, 0);
      const bool type_changed = at == 4;  // not covered by the checksum
      const Status status = session.OnBytes(bad, 0);
      EXPECT_TRUE(!status.ok() || type_changed || at < 4) << MessageName(message) << " at " << at;
      for (const Message& got : collector.messages) EXPECT_NE(got, message);
    }
  }
}

TEST(CodecHostileTest, MutatedPayloadsNeverCrash) {
  EXPECT_TRUE(rc::check([](uint64_t seed) {
    std::mt19937_64 random(seed);
    const Message message = RandomMessage(random());
    Bytes payload = PayloadOf(message);
    for (uint64_t edits = random() % 8; edits > 0 && !payload.empty(); --edits) {
      payload[random() % payload.size()] = static_cast<uint8_t>(random());
    }
    // Also as a message of another kind.
    const uint8_t type =
        random() % 2 == 0 ? MessageType(message) : static_cast<uint8_t>(1 + random() % 21);
    const Result<Message> decoded = DecodeMessage(type, payload);
    // What is believed can be passed on: it is within the bounds that EncodeFrame() insists on.
    if (decoded.ok()) RC_ASSERT(!EncodeFrame(*decoded).empty());
  }));
}

TEST(CodecHostileTest, GarbageOnAStreamNeverCrashesAndTakesLittleMemory) {
  EXPECT_TRUE(rc::check([](uint64_t seed) {
    std::mt19937_64 random(seed);
    Bytes garbage(random() % 4096);
    for (uint8_t& byte : garbage) byte = static_cast<uint8_t>(random());
    if (random() % 2 == 0 && garbage.size() > 8) std::fill_n(garbage.begin(), 3, uint8_t{0});
    RC_ASSERT(PeakOf([&] {
                Collector collector;
                Session session(&collector, 0);
                session.OnBytes(garbage, 0).IgnoreError();
              }) < 2 * kFramePayloadBytesMax);
  }));
}

TEST(CodecHostileTest, EmptyEntriesAreCountedBeforeAnythingIsBuilt) {
  struct Case {
    Message kind;
    int field;
  };
  const std::vector<Case> cases = {
      {Hello{}, 3},       {Hello{}, 12},      {Members{}, 1},     {IndexUpdate{}, 4},
      {IndexUpdate{}, 5}, {DigestReply{}, 5}, {JoinRequest{}, 3}, {JoinReply{}, 5},
      {Ping{}, 7},        {Going{}, 1},
  };
  for (const Case& one : cases) {
    const Bytes payload = EmptyEntries(one.field, kFramePayloadBytesMax / 2);
    const size_t peak = PeakOf([&] {
      const Result<Message> decoded = DecodeMessage(MessageType(one.kind), payload);
      EXPECT_TRUE(decoded.Is(Errc::kProtocol)) << MessageName(one.kind);
    });
    EXPECT_LT(peak, 64u << 10) << MessageName(one.kind);
  }
}

TEST(CodecHostileTest, EmptyEntriesInsideAMemberAreCountedToo) {
  const Bytes addresses = EmptyEntries(3, 60'000);
  Bytes payload = {1 << 3 | 2, 0xC0, 0xA9, 0x07};  // field 1, 120000 bytes
  payload.insert(payload.end(), addresses.begin(), addresses.end());
  const size_t peak = PeakOf(
      [&] { EXPECT_TRUE(DecodeMessage(MessageType(Members{}), payload).Is(Errc::kProtocol)); });
  EXPECT_LT(peak, 64u << 10);
}

TEST(CodecHostileTest, AFrameOfNumbersTakesAtMostEightTimesItsSize) {
  // One row whose version lists four million counters of one byte.
  Bytes numbers(kFramePayloadBytesMax - 64, 1);
  const auto append_length = [](Bytes* out, size_t length) {
    for (; length >= 128; length >>= 7) out->push_back(static_cast<uint8_t>(length | 128));
    out->push_back(static_cast<uint8_t>(length));
  };
  Bytes version = {6 << 3 | 2};
  append_length(&version, numbers.size());
  version.insert(version.end(), numbers.begin(), numbers.end());
  Bytes row = {2 << 3 | 2};
  append_length(&row, version.size());
  row.insert(row.end(), version.begin(), version.end());
  Bytes payload = {4 << 3 | 2};
  append_length(&payload, row.size());
  payload.insert(payload.end(), row.begin(), row.end());
  const size_t peak = PeakOf(
      [&] { EXPECT_TRUE(DecodeMessage(MessageType(IndexUpdate{}), payload).Is(Errc::kProtocol)); });
  // The array of numbers grows by doubling: old and new stand side by side for a moment.
  EXPECT_LT(peak, 3 * 8 * kFramePayloadBytesMax);
}

TEST(CodecHostileTest, AnAnnouncedLengthTakesNoMemoryUntilItIsAllowed) {
  Bytes header(kFrameHeaderBytes);
  header[4] = 1;
  PutU32(header, UINT32_MAX);
  EXPECT_LT(PeakOf([&] {
              Collector collector;
              Session session(&collector, 0);
              EXPECT_TRUE(session.OnBytes(header, 0).Is(Errc::kProtocol));
            }),
            kMiB);
}

TEST(CodecHostileTest, EachBoundIsHeld) {
  const auto refused = [](uint8_t type, const Bytes& payload) {
    const Result<Message> decoded = DecodeMessage(type, payload);
    return decoded.Is(Errc::kProtocol) || decoded.Is(Errc::kCorrupt);
  };
  // Each payload is a good one with one field (number, wire type, value) changed by appending it
  // again: the last one counts.
  const auto with = [](const Message& message, std::initializer_list<int> bytes) {
    Bytes payload = PayloadOf(message);
    for (int byte : bytes) payload.push_back(static_cast<uint8_t>(byte));
    return payload;
  };
  const std::vector<Message> samples = SampleMessages();
  const auto sample = [&samples](size_t type) { return samples[type - 1]; };
  constexpr int kVarint = 0;
  constexpr int kBytes = 2;
  // Hello: oldest version spoken 9 > newest 1.
  EXPECT_TRUE(refused(1, with(sample(1), {2 << 3 | kVarint, 9})));
  // Members: an id of one byte.
  EXPECT_TRUE(refused(2, with(sample(2), {1 << 3 | kBytes, 3, 1 << 3 | kBytes, 1, 0xAA})));
  // IndexUpdate: from beyond to; a row of the root; a row with "../x"; an absolute one.
  EXPECT_TRUE(refused(3, with(sample(3), {1 << 3 | kVarint, 0xFF, 0x7F})));
  EXPECT_TRUE(refused(3, with(sample(3), {4 << 3 | kBytes, 0})));
  EXPECT_TRUE(
      refused(3, with(sample(3), {4 << 3 | kBytes, 6, 1 << 3 | kBytes, 4, '.', '.', '/', 'x'})));
  EXPECT_TRUE(refused(3, with(sample(3), {4 << 3 | kBytes, 4, 1 << 3 | kBytes, 2, '/', 'x'})));
  // A row of kind 3; of kind 258, which is 2 in one byte; with a hash of one byte.
  const auto row = [&](std::initializer_list<int> version) {
    std::vector<int> bytes = {
        4 << 3 | kBytes, 5 + static_cast<int>(version.size()), 1 << 3 | kBytes, 1, 'x',
        2 << 3 | kBytes, static_cast<int>(version.size())};
    Bytes payload = PayloadOf(sample(3));
    for (int byte : bytes) payload.push_back(static_cast<uint8_t>(byte));
    for (int byte : version) payload.push_back(static_cast<uint8_t>(byte));
    return payload;
  };
  EXPECT_FALSE(refused(3, row({1 << 3 | kVarint, 1})));
  EXPECT_TRUE(refused(3, row({1 << 3 | kVarint, 3})));
  EXPECT_TRUE(refused(3, row({1 << 3 | kVarint, 0x82, 0x02})));
  EXPECT_TRUE(refused(3, row({4 << 3 | kBytes, 1, 0xAA})));
  // A version vector with a counter and no author; a chain of one byte; known_by out of order.
  EXPECT_TRUE(refused(3, row({6 << 3 | kVarint, 1})));
  EXPECT_TRUE(refused(3, row({10 << 3 | kBytes, 1, 0xAA})));
  EXPECT_TRUE(refused(3, row({11 << 3 | kBytes, 8, 2, 0, 0, 0, 1, 0, 0, 0})));
  // ContentRequest: 2 MiB at once; nothing at offset 1.
  EXPECT_TRUE(refused(7, with(sample(7), {5 << 3 | kVarint, 0x80, 0x80, 0x80, 0x01})));
  EXPECT_TRUE(refused(7, with(sample(7), {5 << 3 | kVarint, 0, 4 << 3 | kVarint, 1})));
  // Sums without a block size; a block size without sums; half a sum.
  constexpr int kSums = 7 << 3 | kBytes;
  constexpr int kBlock = 6 << 3 | kVarint;
  EXPECT_FALSE(refused(7, with(sample(7), {kSums, 8, 1, 2, 3, 4, 5, 6, 7, 8, kBlock, 64})));
  EXPECT_TRUE(refused(7, with(sample(7), {kSums, 8, 1, 2, 3, 4, 5, 6, 7, 8})));
  EXPECT_TRUE(refused(7, with(sample(7), {kBlock, 64})));
  EXPECT_TRUE(refused(7, with(sample(7), {kSums, 4, 1, 2, 3, 4, kBlock, 64})));
  // ChunkListReply: half a chunk; a list that is whole and goes on; one run more than may be.
  EXPECT_TRUE(refused(10, with(sample(10), {4 << 3 | kBytes, 1, 0})));
  EXPECT_TRUE(refused(10, with(sample(10), {3 << 3 | kVarint, 1, 5 << 3 | kBytes, 2, 3 << 3, 1})));
  Bytes runs;
  for (size_t i = 0; i <= kChunkRunsMax; ++i) runs.insert(runs.end(), {5 << 3 | kBytes, 2, 24, 1});
  EXPECT_TRUE(refused(10, runs));
  runs.resize(runs.size() - 4);
  EXPECT_FALSE(refused(10, runs));
  // DigestRequest: after "a/b". DigestReply: a child named "..", a child of kind 3.
  EXPECT_TRUE(refused(11, with(sample(11), {3 << 3 | kBytes, 3, 'a', '/', 'b'})));
  EXPECT_TRUE(refused(12, with(sample(12), {5 << 3 | kBytes, 4, 1 << 3 | kBytes, 2, '.', '.'})));
  EXPECT_TRUE(refused(
      12, with(sample(12), {5 << 3 | kBytes, 5, 1 << 3 | kBytes, 1, 'x', 2 << 3 | kVarint, 3})));
  // Going: the root; "../x"; one path more than may be.
  EXPECT_TRUE(refused(21, with(sample(21), {1 << 3 | kBytes, 0})));
  EXPECT_TRUE(refused(21, with(sample(21), {1 << 3 | kBytes, 4, '.', '.', '/', 'x'})));
  Bytes many;
  for (size_t i = 0; i <= kGoingPathsMax; ++i) many.insert(many.end(), {1 << 3 | kBytes, 1, 'x'});
  EXPECT_TRUE(refused(21, many));
  many.resize(many.size() - 3);
  EXPECT_FALSE(refused(21, many));
}

TEST(CodecHostileTest, ContentThatContradictsItselfIsRefused) {
  const Bytes good = PayloadOf(ContentReply{9, true, false, 4, {1, 2, 3, 4}});
  ASSERT_TRUE(DecodeMessage(8, good).ok());
  const auto changed = [&good](size_t at, uint8_t value) {
    Bytes bad = good;
    bad[at] = value;
    return DecodeMessage(8, bad);
  };
  EXPECT_TRUE(changed(4, 0).Is(Errc::kProtocol));     // data, but not found
  EXPECT_TRUE(changed(4, 3).Is(Errc::kProtocol));     // compressed, but not smaller
  EXPECT_TRUE(changed(4, 4).Is(Errc::kProtocol));     // unknown flag
  EXPECT_TRUE(changed(6, 1).Is(Errc::kProtocol));     // reserved
  EXPECT_TRUE(changed(11, 5).Is(Errc::kProtocol));    // another size
  EXPECT_TRUE(changed(8, 0x10).Is(Errc::kProtocol));  // over the bound
  EXPECT_TRUE(DecodeMessage(8, ByteSpan(good).first(11)).Is(Errc::kProtocol));
}

TEST(CodecHostileTest, FieldsOfALaterVersionAreIgnored) {
  Bytes payload = PayloadOf(Ping{7});
  for (int byte : {15 << 3 | 2, 3, 0x6E, 0x65, 0x77}) payload.push_back(static_cast<uint8_t>(byte));
  const Result<Message> decoded = DecodeMessage(MessageType(Ping{}), payload);
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(*decoded, Message(Ping{7}));
}

TEST(CodecHostileTest, UnknownTypesAreSkippedOnlyWhenMarkedOptional) {
  Bytes stream = Framed(99, kFrameOptional, {1, 2, 3});
  const Bytes ack = EncodeFrame(IndexAck{5});
  stream.insert(stream.end(), ack.begin(), ack.end());
  Collector collector;
  Session session(&collector, 0);
  ASSERT_TRUE(session.OnBytes(stream, 0).ok());
  ASSERT_EQ(collector.messages.size(), 1u);
  EXPECT_EQ(collector.messages[0], Message(IndexAck{5}));
  EXPECT_TRUE(session.OnBytes(Framed(99, 0, {1}), 0).Is(Errc::kProtocol));
}

TEST(CodecHostileTest, PingsThatAreNeverReadFillNoMemory) {
  Bytes pings;
  for (uint64_t i = 1; i <= 10'000; ++i) {
    const Bytes ping = EncodeFrame(Ping{i});
    pings.insert(pings.end(), ping.begin(), ping.end());
  }
  Collector collector;
  Session session(&collector, 0);
  EXPECT_LT(PeakOf([&] { ASSERT_TRUE(session.OnBytes(pings, 0).ok()); }), 64u << 10);
  EXPECT_EQ(session.TakeOutput(kMiB), EncodeFrame(Pong{10'000}));
  EXPECT_FALSE(session.has_output());
}

}  // namespace
}  // namespace atozsync::protocol
