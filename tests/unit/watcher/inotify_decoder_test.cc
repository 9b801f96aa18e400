#include "watcher/inotify_decoder.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>
#include <sys/inotify.h>

#include <cstring>

namespace atozsync {
namespace {

// Lays an event out as the kernel does: the header, then the name padded with NULs to `padded`.
void Append(Bytes* bytes, int wd, uint32_t mask, uint32_t cookie, const std::string& name,
            uint32_t padded) {
  struct inotify_event header = {};
  header.wd = wd;
  header.mask = mask;
  header.cookie = cookie;
  header.len = padded;
  const auto* raw = reinterpret_cast<const uint8_t*>(&header);
  bytes->insert(bytes->end(), raw, raw + sizeof(header));
  size_t start = bytes->size();
  bytes->resize(start + padded);
  std::memcpy(bytes->data() + start, name.data(), std::min<size_t>(padded, name.size()));
}

TEST(InotifyDecoder, GivesEventsInOrder) {
  Bytes bytes;
  Append(&bytes, 3, IN_CREATE | IN_ISDIR, 0, "B", 16);
  Append(&bytes, 4, IN_MOVED_FROM, 77, "scan.jpg", 16);
  Append(&bytes, 4, IN_IGNORED, 0, "", 0);
  DecodedEvents decoded = DecodeInotify(bytes);
  EXPECT_FALSE(decoded.malformed);
  ASSERT_EQ(decoded.events.size(), 3u);
  EXPECT_EQ(decoded.events[0], (InotifyEvent{3, IN_CREATE | IN_ISDIR, 0, "B"}));
  EXPECT_EQ(decoded.events[1], (InotifyEvent{4, IN_MOVED_FROM, 77, "scan.jpg"}));
  EXPECT_EQ(decoded.events[2], (InotifyEvent{4, IN_IGNORED, 0, ""}));
}

TEST(InotifyDecoder, ReadsFromAnyAddress) {
  Bytes bytes = {0xEE};
  Append(&bytes, 9, IN_MODIFY, 0, "a", 16);
  DecodedEvents decoded = DecodeInotify(ByteSpan(bytes).subspan(1));
  ASSERT_EQ(decoded.events.size(), 1u);
  EXPECT_EQ(decoded.events[0].wd, 9);
  EXPECT_EQ(decoded.events[0].name, "a");
}

TEST(InotifyDecoder, NameMayFillItsSpaceWithoutNul) {
  Bytes bytes;
  Append(&bytes, 1, IN_MODIFY, 0, "0123456789abcdef", 16);
  DecodedEvents decoded = DecodeInotify(bytes);
  ASSERT_EQ(decoded.events.size(), 1u);
  EXPECT_EQ(decoded.events[0].name, "0123456789abcdef");
}

TEST(InotifyDecoder, CutHeaderIsMalformedAndKeepsWhatCameBefore) {
  Bytes bytes;
  Append(&bytes, 1, IN_MODIFY, 0, "a", 16);
  bytes.resize(bytes.size() + 5);
  DecodedEvents decoded = DecodeInotify(bytes);
  EXPECT_TRUE(decoded.malformed);
  EXPECT_EQ(decoded.events.size(), 1u);
}

TEST(InotifyDecoder, NameLongerThanTheBufferIsMalformed) {
  Bytes bytes;
  Append(&bytes, 1, IN_MODIFY, 0, "a", 16);
  bytes.resize(bytes.size() - 1);
  EXPECT_TRUE(DecodeInotify(bytes).malformed);
  EXPECT_TRUE(DecodeInotify(bytes).events.empty());
}

TEST(InotifyDecoder, NameThatLeavesTheDirectoryIsMalformed) {
  for (const char* name : {"..", ".", "a/b"}) {
    Bytes bytes;
    Append(&bytes, 1, IN_CREATE, 0, name, 16);
    EXPECT_TRUE(DecodeInotify(bytes).malformed) << name;
  }
}

RC_GTEST_PROP(InotifyDecoderProperty, AnyBytesAreSafe, (const Bytes& bytes)) {
  DecodedEvents decoded = DecodeInotify(bytes);
  RC_ASSERT(decoded.events.size() * sizeof(struct inotify_event) <= bytes.size());
}

}  // namespace
}  // namespace atozsync
