// Seeds of what a peer sends: every message of the worked example in docs/protocol.md and some
// random ones, alone and as a session.
#include <cctype>
#include <string>
#include <vector>

#include "protocol/codec.h"
#include "protocol/compression.h"
#include "protocol/frame.h"
#include "tests/fuzz/seeds.h"
#include "tests/unit/protocol/message_samples.h"

namespace atozsync {
namespace {

using protocol::EncodeFrame;
using protocol::kFrameHeaderBytes;
using protocol::Message;
using protocol::MessageType;

Bytes PayloadOf(const Message& message) {
  const Bytes frame = EncodeFrame(message);
  return Bytes(frame.begin() + kFrameHeaderBytes, frame.end());
}

std::string NameOf(const Message& message) {
  std::string name = protocol::MessageName(message);
  for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return name;
}

// As message_fuzzer.cc reads it.
Bytes MessageInput(const Message& message) {
  Bytes input = {static_cast<uint8_t>(MessageType(message) - 1)};
  Append(input, PayloadOf(message));
  return input;
}

// One step of session_fuzzer.cc.
enum StepKind : uint8_t {
  kRaw = 0,
  kLater = 1,
  kRepeated = 2,
  kOptional = 3,
  kCut = 4,
  kWhole = 5,
  kPart = 6,
  kLastPart = 7
};

void AppendStep(Bytes& input, uint8_t kind, const Message& message) {
  input.push_back(kind);
  input.push_back(MessageType(message));
  AppendPiece(input, PayloadOf(message));
}

void AddMessages(Seeds& seeds) {
  for (const Message& message : protocol::SampleMessages()) {
    seeds["message/seed-" + NameOf(message)] = MessageInput(message);
  }
  for (uint64_t seed = 1; seed <= 12; ++seed) {
    const Bytes input = MessageInput(protocol::RandomMessage(seed));
    if (input.size() <= 4096) seeds["message/seed-random-" + std::to_string(seed)] = input;
  }
  for (const Message& message : protocol::SampleMessages()) {
    const bool has_list = std::holds_alternative<protocol::Members>(message) ||
                          std::holds_alternative<protocol::IndexUpdate>(message) ||
                          std::holds_alternative<protocol::ChunkListReply>(message) ||
                          std::holds_alternative<protocol::DigestReply>(message);
    if (!has_list) continue;
    Bytes input = MessageInput(message);
    input.insert(input.begin() + 1, uint8_t{8});
    seeds["message_large/seed-" + NameOf(message)] = input;
  }
}

void AddFrames(Seeds& seeds) {
  seeds["frame/seed-ping"] = EncodeFrame(protocol::Ping{7});
  seeds["frame/seed-goodbye"] = EncodeFrame(protocol::Goodbye{"the agent is stopping"});
  Bytes optional = EncodeFrame(protocol::Goodbye{"x"});
  protocol::SealFrame(200, protocol::kFrameOptional, optional);
  seeds["frame/seed-optional-unknown"] = optional;
}

void AddSessions(Seeds& seeds) {
  Bytes all;
  Bytes cut;
  for (const Message& message : protocol::SampleMessages()) {
    if (std::holds_alternative<protocol::Goodbye>(message)) continue;
    AppendStep(all, kWhole, message);
    AppendStep(cut, kWhole, message);
  }
  seeds["session/seed-every-message"] = all;
  cut.resize(cut.size() / 2);
  AppendStep(cut, kCut, protocol::Ping{1});
  seeds["session/seed-cut-off"] = cut;

  Bytes pings;
  for (uint64_t i = 0; i < 8; ++i) AppendStep(pings, kWhole, protocol::Ping{i});
  Append(pings, Bytes{kLater, 40});
  AppendStep(pings, kWhole, protocol::Pong{1});
  Append(pings, Bytes{kLater, 200});
  seeds["session/seed-pings-and-silence"] = pings;

  Bytes large = {kRepeated | 8 << 4, 2};
  AppendPiece(large, PayloadOf(protocol::SampleMessages()[1]));
  seeds["session/seed-large-frame"] = large;

  Bytes parts;
  const Message content = protocol::ContentReply{3, true, false, 6, {'1', '2', '3', '4', '5', '6'}};
  const Bytes payload = PayloadOf(content);
  for (size_t at = 0; at < payload.size(); at += 7) {
    const size_t bytes = std::min<size_t>(7, payload.size() - at);
    Append(parts, Bytes{at + bytes == payload.size() ? kLastPart : kPart, MessageType(content)});
    AppendPiece(parts, ByteSpan(payload).subspan(at, bytes));
    if (at == 0) AppendStep(parts, kWhole, protocol::Ping{1});
  }
  seeds["session/seed-parts"] = parts;

  Bytes unknown = {kOptional, 200, 0, 2, 'h', 'i'};
  AppendStep(unknown, kWhole, protocol::Goodbye{"x"});
  AppendStep(unknown, kWhole, protocol::Ping{1});
  seeds["session/seed-unknown-then-goodbye"] = unknown;
}

void AddChunkLists(Seeds& seeds) {
  const auto number = [](uint64_t value) {
    Bytes bytes(8);
    PutU64(bytes, value);
    return bytes;
  };
  const auto page = [](Bytes& out, bool more, uint8_t times_log2, std::vector<uint32_t> sizes) {
    Append(out, Bytes{static_cast<uint8_t>(more), times_log2, static_cast<uint8_t>(sizes.size())});
    for (const uint32_t size : sizes) {
      Bytes bytes(4);
      PutU32(bytes, size);
      Append(out, bytes);
    }
  };
  Bytes whole = number(3 * 65'536 + 100);
  page(whole, true, 1, {65'536});
  page(whole, false, 0, {65'536, 100});
  seeds["chunk_list/seed-two-pages"] = whole;
  Bytes crumbs = number(uint64_t{1} << 62);
  for (int i = 0; i < 40; ++i) page(crumbs, true, 14, {1});
  seeds["chunk_list/seed-crumbs-of-a-huge-file"] = crumbs;
}

void AddDeltas(Seeds& seeds) {
  Bytes text;
  for (int i = 0; i < 60; ++i) Append(text, AsBytes("tooth " + std::to_string(i) + "\n"));
  const auto input = [&](uint8_t flags, const Bytes& rest) {
    Bytes bytes = {0, 31, flags, static_cast<uint8_t>(text.size() >> 8),
                   static_cast<uint8_t>(text.size())};
    Append(bytes, text);
    Append(bytes, rest);
    return bytes;
  };
  seeds["block_delta/seed-true-sums"] = input(0, {2, 0, 99, 3, 'a', 'b', 'c', 1, 1, 0, 0, 0});
  seeds["block_delta/seed-delta"] = input(1, {0, 0, 0, 0, 0, 0, 0, 67, 6, 'x', 'y', 'z', 5, 3});
  seeds["block_delta/seed-made-up-sums"] = input(2, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
}

void AddCompressed(Seeds& seeds) {
  const std::string text = "Date,Patient,Tooth\n";
  Bytes raw;
  for (int i = 0; i < 100; ++i) Append(raw, AsBytes(text + std::to_string(i)));
  const Bytes packed = protocol::CompressIfItPays(raw).value_or(Bytes());
  const uint32_t size = static_cast<uint32_t>(raw.size());
  Bytes input = {3, static_cast<uint8_t>(size >> 16), static_cast<uint8_t>(size >> 8),
                 static_cast<uint8_t>(size)};
  Bytes longer = input;
  longer[3] = static_cast<uint8_t>(longer[3] + 1);
  Append(input, packed);
  Append(longer, packed);
  seeds["compression/seed-packed"] = input;
  seeds["compression/seed-packed-but-longer"] = longer;
  Bytes plain = {6, 0, 0, 19};
  Append(plain, AsBytes(text));
  seeds["compression/seed-text"] = plain;
}

void AddOutgoing(Seeds& seeds) {
  for (uint8_t kind = 0; kind < 6; ++kind) {
    Bytes input = {0, kind};
    for (int i = 0; i < 24; ++i) {
      AppendText(input, i % 2 == 0 ? "K\xC3\xB6ln \xFF" : "10.8.0.2:22067");
      input.push_back(static_cast<uint8_t>(i));
    }
    seeds["outgoing/seed-" + std::to_string(kind)] = input;
  }
  Bytes numbers = {1};
  for (int i = 0; i < 200; ++i) numbers.push_back(static_cast<uint8_t>(i * 37));
  seeds["outgoing/seed-exact"] = numbers;
}

}  // namespace

void AddPeerSeeds(Seeds& seeds) {
  AddMessages(seeds);
  AddFrames(seeds);
  AddSessions(seeds);
  AddChunkLists(seeds);
  AddDeltas(seeds);
  AddCompressed(seeds);
  AddOutgoing(seeds);
  AddText(seeds, "rel_path/seed-patient-file", "A/AdamsJohn12/tooth 3.jpg");
  AddText(seeds, "rel_path/seed-umlaut",
          "M/M\xC3\xBCller\xE2\x80\xAE"
          "7/\xFF.jpg");
  AddText(seeds, "rel_path/seed-upwards", "A/../../etc/passwd");
  AddText(seeds, "rel_path/seed-dots", "A/.../..x/./y");
  AddText(seeds, "rel_path/seed-deep", "a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p");
}

}  // namespace atozsync
