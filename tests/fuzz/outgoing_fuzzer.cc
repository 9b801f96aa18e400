// What this side writes into a message is accepted at the other end, however long names, addresses
// and reasons are and whatever bytes they hold: they are cut, not refused.
#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "protocol/codec.h"
#include "protocol/frame.h"
#include "tests/fuzz/input.h"
#include "tests/unit/protocol/message_samples.h"

namespace atozsync::protocol {
namespace {

// Up to some kilobytes, out of a few bytes of the input.
std::string LongText(Input& input) {
  const std::string part = input.Text();
  const size_t times = size_t{1} << (input.Byte() % 12);
  std::string text;
  for (size_t i = 0; i < times && text.size() < 4 * kTextBytesMax; ++i) text += part;
  return text;
}

std::vector<std::string> LongTexts(Input& input, size_t count_max) {
  std::vector<std::string> texts(input.Byte() % (count_max + 1));
  for (std::string& text : texts) text = LongText(input);
  return texts;
}

std::vector<MemberInfo> MakeMembers(Input& input) {
  std::vector<MemberInfo> members(input.Byte() % 4);
  for (MemberInfo& member : members) {
    member.id.bytes.fill(input.Byte());
    member.name = LongText(input);
    member.addresses = LongTexts(input, 2 * kAddressesMax);
    member.stamp = input.Long();
  }
  return members;
}

Bytes LongBytes(Input& input) {
  const std::string text = LongText(input);
  return Bytes(text.begin(), text.end());
}

Message MakeMessage(Input& input) {
  switch (input.Byte() % 6) {
    case 0: return Goodbye{LongText(input)};
    case 1: return PeerStatus{1, true, false, LongText(input), input.Long(), 2, 3, 4};
    case 2: return JoinRequest{LongBytes(input), LongText(input), LongTexts(input, 12), false};
    case 3:
      return JoinReply{true, LongText(input), LongBytes(input), LongText(input),
                       MakeMembers(input)};
    case 4: return Members{MakeMembers(input)};
    default: break;
  }
  Hello hello;
  hello.capabilities = LongTexts(input, kCapabilitiesMax);
  hello.name = LongText(input);
  hello.program_version = LongText(input);
  hello.members = MakeMembers(input);
  return hello;
}

// A text arrives as its beginning.
void CheckCut(const std::string& sent, const std::string& came) {
  CHECK(came == sent.substr(0, kTextBytesMax));
}

void CheckCut(const std::vector<MemberInfo>& sent, const std::vector<MemberInfo>& came) {
  CHECK(came.size() == sent.size());
  for (size_t i = 0; i < sent.size(); ++i) {
    CHECK(came[i].id == sent[i].id && came[i].stamp == sent[i].stamp);
    CheckCut(sent[i].name, came[i].name);
    CHECK(came[i].addresses.size() == std::min(sent[i].addresses.size(), kAddressesMax));
  }
}

void CheckArrived(const Message& sent, const Message& came) {
  if (const auto* hello = std::get_if<Hello>(&sent)) {
    CheckCut(hello->name, std::get<Hello>(came).name);
    CheckCut(hello->members, std::get<Hello>(came).members);
  } else if (const auto* goodbye = std::get_if<Goodbye>(&sent)) {
    CheckCut(goodbye->reason, std::get<Goodbye>(came).reason);
  } else if (const auto* members = std::get_if<Members>(&sent)) {
    CheckCut(members->members, std::get<Members>(came).members);
  }
}

// Values of every kind, within their bounds: each field arrives as it was.
void CheckExact(const Message& sent) {
  const Bytes frame = EncodeFrame(sent);
  const Result<Message> came =
      DecodeMessage(MessageType(sent), ByteSpan(frame).subspan(kFrameHeaderBytes));
  CHECK(came.ok() && *came == sent);
}

}  // namespace
}  // namespace atozsync::protocol

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace atozsync;
  using namespace atozsync::protocol;
  Input input(data, size);
  if (input.Byte() % 2 == 1) {
    while (!input.empty()) CheckExact(RandomMessage(input.Long()));
    return 0;
  }
  const Message sent = MakeMessage(input);
  const Bytes frame = EncodeFrame(sent);
  const Result<FrameHeader> header = ParseFrameHeader(frame);
  CHECK(header.ok());
  const ByteSpan payload = ByteSpan(frame).subspan(kFrameHeaderBytes);
  CHECK(CheckPayload(*header, payload).ok());
  const Result<Message> came = DecodeMessage(header->type, payload);
  CHECK(came.ok());
  CHECK(came->index() == sent.index());
  CheckArrived(sent, *came);
  return 0;
}
