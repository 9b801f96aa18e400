// Bytes of ReadDirectoryChangesW(), also such as no Windows ever gives.
#include "watcher/windows_changes.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace atozsync {
namespace {

void AppendU32(Bytes& bytes, uint32_t value) {
  for (int i = 0; i < 4; ++i) bytes.push_back(static_cast<uint8_t>(value >> (8 * i)));
}

// One entry as the system lays it out: `last` has no next one; entries begin at multiples of four.
void AppendEntry(Bytes& bytes, uint32_t action, const std::u16string& name, bool last) {
  Bytes entry;
  AppendU32(entry, 0);
  AppendU32(entry, action);
  AppendU32(entry, static_cast<uint32_t>(2 * name.size()));
  for (char16_t unit : name) {
    entry.push_back(static_cast<uint8_t>(unit & 0xFF));
    entry.push_back(static_cast<uint8_t>(unit >> 8));
  }
  while (entry.size() % 4 != 0) entry.push_back(0);
  if (!last) entry[0] = static_cast<uint8_t>(entry.size());
  bytes.insert(bytes.end(), entry.begin(), entry.end());
}

TEST(WindowsChanges, EntriesAreReadInTheirOrder) {
  Bytes bytes;
  AppendEntry(bytes, 1, u"M\u00fcller\\x-ray.jpg", false);
  AppendEntry(bytes, 4, u"old", false);
  AppendEntry(bytes, 5, u"new \U0001F600", true);
  const WindowsChanges decoded = DecodeWindowsChanges(bytes);
  EXPECT_FALSE(decoded.damaged);
  const std::vector<WindowsChange> expected = {
      {WindowsAction::kAdded, RelPath::Trusted("M\xc3\xbcller/x-ray.jpg")},
      {WindowsAction::kRenamedFrom, RelPath::Trusted("old")},
      {WindowsAction::kRenamedTo, RelPath::Trusted("new \xf0\x9f\x98\x80")}};
  EXPECT_EQ(decoded.changes, expected);
}

TEST(WindowsChanges, WhatMakesNoSenseIsToldAndTheRestIsKept) {
  for (const std::u16string name : {u"..", u"a\\\\b", u"\\a", u""}) {
    Bytes bytes;
    AppendEntry(bytes, 3, u"before", false);
    AppendEntry(bytes, 3, name, false);
    AppendEntry(bytes, 3, u"behind", true);
    const WindowsChanges decoded = DecodeWindowsChanges(bytes);
    EXPECT_EQ(decoded.damaged, !name.empty()) << "an empty name is the directory itself";
    EXPECT_EQ(decoded.changes.front().path, RelPath::Trusted("before"));
    EXPECT_EQ(decoded.changes.back().path, RelPath::Trusted("behind"));
  }
  Bytes unknown_action;
  AppendEntry(unknown_action, 77, u"a", true);
  EXPECT_TRUE(DecodeWindowsChanges(unknown_action).damaged);
}

TEST(WindowsChanges, EveryBeginningOfABufferIsSafe) {
  Bytes bytes;
  AppendEntry(bytes, 1, u"first", false);
  AppendEntry(bytes, 2, u"second", true);
  for (size_t size = 1; size + 2 < bytes.size(); ++size) {
    EXPECT_TRUE(DecodeWindowsChanges(ByteSpan(bytes).first(size)).damaged) << size;
  }
  EXPECT_FALSE(DecodeWindowsChanges({}).changes.size());
}

TEST(WindowsChanges, LengthsAreNotTrusted) {
  for (size_t at : {size_t{0}, size_t{8}}) {
    for (uint32_t value : {0xFFFFFFFFu, 0x7FFFFFFEu, 1000u, 7u}) {
      Bytes bytes;
      AppendEntry(bytes, 1, u"name", true);
      for (size_t i = 0; i < 4; ++i) bytes[at + i] = static_cast<uint8_t>(value >> (8 * i));
      EXPECT_TRUE(DecodeWindowsChanges(bytes).damaged) << at << " " << value;
    }
  }
}

}  // namespace
}  // namespace atozsync
