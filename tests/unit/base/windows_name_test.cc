// What Windows can hold, and that names go to UTF-16 and back unchanged.
#include "sync/base/windows_name.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "sync/base/utf16.h"

namespace atozsync {
namespace {

TEST(WindowsName, OrdinaryNamesHaveNoProblem) {
  for (const char* name :
       {"a", "x-ray.jpg", "SmithJohn12", ".hidden", "a.b.c", " leading", "CONS", "CONFIG",
        "auxiliary", "COM", "COM10", "LPT", "com_1.txt", "nul1",
        "M\xc3\xbcller \xe4\xb8\xad \xf0\x9f\x98\x80.png", "a;b,c=d+e[1]{}'~`!@#$%^&()"}) {
    EXPECT_EQ(WindowsNameProblem(name), std::nullopt) << name;
  }
  EXPECT_EQ(WindowsNameProblem(std::string(255, 'n')), std::nullopt);
}

TEST(WindowsName, WhatWindowsWouldReadSomethingElseIntoIsAProblem) {
  for (const char* name : {"CON",        "con",         "Con.txt",
                           "prn",        "AUX",         "aux.h",
                           "nul",        "NUL.tar.gz",  "COM1",
                           "com9.log",   "COM0",        "LPT1",
                           "lpt3.prn",   "COM\xc2\xb9", "CONIN$",
                           "conout$",    "nul .txt",    "a:b",
                           "a:",         "what?",       "a*b",
                           "<",          ">",           "a|b",
                           "\"quoted\"", "back\\slash", "dot.",
                           "space ",     "...",         "new\nline",
                           "tab\t",      "\x01",        "not utf-8 \xff\xfe\xc0"}) {
    EXPECT_NE(WindowsNameProblem(name), std::nullopt) << name;
  }
  EXPECT_NE(WindowsNameProblem(std::string(256, 'n')), std::nullopt);
}

TEST(WindowsName, LengthCountsCharactersNotBytes) {
  std::string name;
  for (int i = 0; i < 85; ++i) name += "\xe4\xb8\xad";
  EXPECT_EQ(WindowsNameProblem(name), std::nullopt);
}

TEST(Utf16, TellsTextFromOtherBytes) {
  EXPECT_EQ(ToUtf16("a\xc3\xa9\xe4\xb8\xad"), u"a\u00e9\u4e2d");
  EXPECT_EQ(ToUtf16("\xf0\x9f\x98\x80"), u"\U0001F600");
  EXPECT_EQ(ToUtf16(""), u"");
  for (const char* bytes :
       {"\xff", "\xc0\x80", "\xc3", "\xe0\x80\x80", "\xf0\x80\x80\x80", "\xf4\x90\x80\x80", "a\x80",
        "\xe4\xb8", "\xed\xa0\xbd\xed\xb8\x80"}) {  // a pair has its own four bytes
    EXPECT_EQ(ToUtf16(bytes), std::nullopt) << bytes;
  }
}

RC_GTEST_PROP(Utf16, EveryNameOfWindowsGoesThereAndBack, (const std::vector<uint16_t>& units)) {
  const std::u16string text(units.begin(), units.end());
  RC_ASSERT(ToUtf16(FromUtf16(text)) == text);
}

// Halves of surrogate pairs, alone and side by side.
RC_GTEST_PROP(Utf16, HalvesGoThereAndBack, ()) {
  const auto units = *rc::gen::container<std::vector<uint16_t>>(
      rc::gen::element<uint16_t>(0xD83D, 0xDE00, 'a', 0xD800, 0xDFFF, 0xE9));
  const std::u16string text(units.begin(), units.end());
  RC_ASSERT(ToUtf16(FromUtf16(text)) == text);
}

RC_GTEST_PROP(Utf16, BytesThatAreTextComeBackTheSame, (const std::string& bytes)) {
  if (const auto text = ToUtf16(bytes)) RC_ASSERT(FromUtf16(*text) == bytes);
}

}  // namespace
}  // namespace atozsync
