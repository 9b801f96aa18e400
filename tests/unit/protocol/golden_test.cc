// The bytes of version 1, as the worked example of docs/protocol.md shows them. When this fails,
// replicas of the released version no longer understand us: raise the protocol version instead.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <regex>
#include <sstream>
#include <string>

#include "protocol/codec.h"
#include "protocol/frame.h"
#include "tests/unit/protocol/message_samples.h"

namespace atozsync::protocol {
namespace {

// "### Ping" … "```hex" lines "```" → name and bytes.
std::map<std::string, Bytes> DocumentedFrames() {
  std::ifstream in(ATOZ_PROTOCOL_DOC);
  std::map<std::string, Bytes> frames;
  std::string line;
  std::string name;
  bool inside = false;
  while (std::getline(in, line)) {
    if (line.starts_with("### ")) name = line.substr(4);
    if (line == "```hex") {
      inside = true;
      frames[name];
    } else if (line == "```") {
      inside = false;
    } else if (inside) {
      std::string digits = std::regex_replace(line, std::regex("[^0-9a-f]"), "");
      const Bytes bytes = FromHex(digits);
      frames[name].insert(frames[name].end(), bytes.begin(), bytes.end());
    }
  }
  return frames;
}

std::string HexLines(const Bytes& bytes) {
  std::ostringstream out;
  for (size_t at = 0; at < bytes.size(); at += 32) {
    const ByteSpan rest = ByteSpan(bytes).subspan(at);
    out << ToHex(rest.first(std::min<size_t>(32, rest.size()))) << '\n';
  }
  return out.str();
}

TEST(GoldenTest, EveryKindOfMessageHasTheDocumentedBytes) {
  const std::map<std::string, Bytes> documented = DocumentedFrames();
  for (const Message& message : SampleMessages()) {
    const std::string name = MessageName(message);
    ASSERT_TRUE(documented.contains(name)) << name << '\n' << HexLines(EncodeFrame(message));
    EXPECT_EQ(HexLines(EncodeFrame(message)), HexLines(documented.at(name))) << name;
  }
}

TEST(GoldenTest, TheDocumentedBytesDecodeToTheExample) {
  const std::map<std::string, Bytes> documented = DocumentedFrames();
  for (const Message& message : SampleMessages()) {
    ASSERT_TRUE(documented.contains(MessageName(message)));
    const Bytes& frame = documented.at(MessageName(message));
    ASSERT_GE(frame.size(), kFrameHeaderBytes) << MessageName(message);
    const Result<FrameHeader> header = ParseFrameHeader(frame);
    ASSERT_TRUE(header.ok());
    const ByteSpan payload = ByteSpan(frame).subspan(kFrameHeaderBytes);
    ASSERT_EQ(payload.size(), (*header).payload_bytes);
    EXPECT_TRUE(CheckPayload(*header, payload).ok());
    const Result<Message> decoded = DecodeMessage((*header).type, payload);
    ASSERT_TRUE(decoded.ok()) << decoded.status().ToString();
    EXPECT_EQ(*decoded, message);
  }
}

}  // namespace
}  // namespace atozsync::protocol
