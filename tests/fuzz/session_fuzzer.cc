// A session that is fed by a peer who does not keep to the protocol. However the bytes are cut into
// pieces, the same messages come out and the same error ends it; after an error nothing more comes
// out; memory stays within one frame; what is sent back is understood by another session.
//
// The input is a list of steps, so that checksums can be right: see AddStep().
#include <cstdint>
#include <random>
#include <vector>

#include "protocol/codec.h"
#include "protocol/frame.h"
#include "protocol/session.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/memory_meter.h"

namespace atozsync::protocol {
namespace {

constexpr size_t kStreamBytesMax = 6u << 20;
// One frame while it is put together, and the message that is made of it.
constexpr size_t kSessionBytesMax = 13 * kFramePayloadBytesMax;

struct Step {
  Bytes bytes;
  int64_t later_ms = 0;  // the clock goes on by so much afterwards
};

// One step of the input becomes bytes on the stream.
void AddStep(Input& input, std::vector<Step>& steps, size_t& stream_bytes) {
  Step step;
  const uint8_t kind = input.Byte();
  const uint8_t type = input.Byte();
  if (kind % 8 == 0) {  // anything
    const ByteSpan raw = input.Take(type);
    step.bytes.assign(raw.begin(), raw.end());
  } else if (kind % 8 == 1) {  // time goes by
    step.later_ms = int64_t{type} * 500;
  } else {  // a frame, whole and right, of any type; its payload is repeated to make large ones
    const ByteSpan part = input.Piece();
    const size_t times = kind % 8 == 2 && !part.empty() ? size_t{1} << (kind >> 4) : 1;
    step.bytes.resize(kFrameHeaderBytes);
    for (size_t i = 0; i < times && step.bytes.size() + part.size() <= kFramePayloadBytesMax; ++i) {
      step.bytes.insert(step.bytes.end(), part.begin(), part.end());
    }
    const uint8_t flags = kind % 8 == 3   ? kFrameOptional
                          : kind % 8 == 6 ? kFramePart
                          : kind % 8 == 7 ? kFramePart | kFrameLastPart
                                          : 0;
    SealFrame(type, flags, step.bytes);
    if (kind % 8 == 4) step.bytes.resize(step.bytes.size() - 1);  // cut off
  }
  if (stream_bytes + step.bytes.size() > kStreamBytesMax) return;
  stream_bytes += step.bytes.size();
  steps.push_back(std::move(step));
}

// Remembers what came; sends each message back, as long as there is room.
class Echo final : public SessionHandler {
 public:
  static constexpr size_t kQueuedBytesMax = 1u << 20;

  Status OnMessage(Message message) override {
    CHECK(!ended);
    if (session != nullptr && session->queued_bytes() < kQueuedBytesMax) {
      session->Send(message);
      echoed.push_back(message);
    }
    const bool goodbye = std::holds_alternative<Goodbye>(message);
    if (keep) came.push_back(std::move(message));
    return goodbye ? Status(Errc::kCancelled, "goodbye") : Status::Ok();
  }

  Session* session = nullptr;
  bool keep = true;
  bool ended = false;
  std::vector<Message> came;
  std::vector<Message> echoed;
};

struct Outcome {
  std::vector<Message> came;
  bool ok = true;
  Errc code = Errc::kProtocol;
  bool operator==(const Outcome&) const = default;
};

// Gives `bytes` to the session in pieces; `piece_max` 0: all at once.
Status Feed(Session& session, ByteSpan bytes, int64_t now_ms, size_t piece_max,
            std::minstd_rand& random) {
  Status status;
  do {
    const size_t piece =
        piece_max == 0 ? bytes.size() : std::min<size_t>(bytes.size(), 1 + random() % piece_max);
    status = session.OnBytes(bytes.first(piece), now_ms);
    bytes = bytes.subspan(piece);
  } while (status.ok() && !bytes.empty());
  return status;
}

Outcome Run(const std::vector<Step>& steps, size_t piece_max) {
  std::minstd_rand random(1);
  Echo echo;
  int64_t now_ms = 1'000'000;
  Session session(&echo, now_ms);
  Status status;
  for (const Step& step : steps) {
    status = Feed(session, step.bytes, now_ms, piece_max, random);
    if (!status.ok()) break;
    now_ms += step.later_ms;
    status = session.OnTick(now_ms);
    if (!status.ok()) break;
  }
  echo.ended = true;
  if (!status.ok() && !status.Is(Errc::kTimeout)) {
    const Bytes ping = EncodeFrame(Goodbye{"more"});
    CHECK(!session.OnBytes(ping, now_ms).ok());  // and Echo sees to it that nothing came
  }
  return {std::move(echo.came), status.ok(), status.ok() ? Errc::kProtocol : status.code()};
}

// Nobody keeps the messages: what is in use is the session's own.
void CheckMemory(const std::vector<Step>& steps) {
  Echo nobody;
  nobody.keep = false;
  std::minstd_rand random(1);
  const MemoryMeter meter;
  Session session(&nobody, 0);
  for (const Step& step : steps) {
    if (!Feed(session, step.bytes, 0, 4096, random).ok()) break;
    // A peer that asks and never reads: one answer at most waits.
    CHECK(session.queued_bytes() == 0);
    CHECK(meter.peak_bytes() <= kSessionBytesMax);
  }
}

// What one session sends back another one accepts, in order within each of the two queues.
void CheckEcho(const std::vector<Step>& steps) {
  Echo echo;
  Session session(&echo, 0);
  echo.session = &session;
  std::minstd_rand random(1);
  for (const Step& step : steps) {
    if (!Feed(session, step.bytes, 0, 0, random).ok()) break;
  }
  Echo other;
  Session reader(&other, 0);
  while (session.has_output()) {
    const Bytes output = session.TakeOutput(8192);
    CHECK(!output.empty());
    const Status status = reader.OnBytes(output, 0);
    CHECK(status.ok() || status.Is(Errc::kCancelled));
    if (!status.ok()) return;  // it was told goodbye
  }
  CHECK(session.queued_bytes() == 0);
  std::vector<Message> expected;
  for (const bool content : {false, true}) {
    for (const Message& message : echo.echoed) {
      if (std::holds_alternative<ContentReply>(message) == content) expected.push_back(message);
    }
  }
  CHECK(other.came == expected);
}

}  // namespace
}  // namespace atozsync::protocol

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace atozsync;
  using namespace atozsync::protocol;
  Input input(data, size);
  std::vector<Step> steps;
  size_t stream_bytes = 0;
  while (!input.empty()) AddStep(input, steps, stream_bytes);
  const Outcome whole = Run(steps, 0);
  CHECK(Run(steps, stream_bytes < (64u << 10) ? 40 : 40'000) == whole);
  if (stream_bytes < 4096) CHECK(Run(steps, 1) == whole);
  CheckMemory(steps);
  CheckEcho(steps);
  return 0;
}
