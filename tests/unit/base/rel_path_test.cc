#include "sync/base/rel_path.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <type_traits>
#include <utility>

namespace atozsync {
namespace {

// `const std::string& dir = path.parent().str();` would otherwise refer to what has ended.
static_assert(std::is_same_v<decltype(std::declval<RelPath>().str()), std::string>);
static_assert(std::is_same_v<decltype(std::declval<const RelPath&>().str()), const std::string&>);

TEST(RelPath, WhatCannotBeAPathBelowTheRootIsRefused) {
  using namespace std::string_literals;
  for (const std::string& bad :
       {"/"s, "/a"s, "a/"s, "a//b"s, "."s, ".."s, "a/."s, "./a"s, "a/../b"s, "../a"s, "a/.."s,
        "a\0b"s, "\0"s, "a/\0"s, std::string(256, 'x'), "a/" + std::string(256, 'x') + "/b"}) {
    Result<RelPath> path = RelPath::Parse(bad);
    EXPECT_TRUE(path.Is(Errc::kInvalid)) << Printable(bad);
  }
}

TEST(RelPath, NamesMayBeAlmostAnything) {
  for (const std::string good :
       {"a", "...", "..a", "a..", ".a", " ", "a b", "\xff\xfe", "\\", "C:", "a\nb", "*", "-rf"}) {
    ASSERT_TRUE(RelPath::Parse(good).ok()) << Printable(good);
    EXPECT_EQ(RelPath::Trusted(good).str(), good);
  }
  EXPECT_TRUE(RelPath::Parse(std::string(255, 'x')).ok());
}

TEST(RelPath, TheWholeIsBounded) {
  std::string longest = "a";
  while (longest.size() + 2 <= RelPath::kPathBytesMax) longest += "/a";
  EXPECT_TRUE(RelPath::Parse(longest).ok());
  EXPECT_TRUE(RelPath::Parse(longest + "/aa").Is(Errc::kInvalid));
}

TEST(RelPath, TheRootIsTheEmptyPath) {
  Result<RelPath> root = RelPath::Parse("");
  ASSERT_TRUE(root.ok());
  EXPECT_TRUE(root->is_root());
  EXPECT_EQ(*root, RelPath());
  EXPECT_EQ(root->name(), "");
  EXPECT_TRUE(root->parent().is_root());
  EXPECT_TRUE(root->components().empty());
  EXPECT_EQ(root->Child("a").str(), "a");
  EXPECT_EQ(Printable(*root), ".");
}

TEST(RelPath, NameParentAndComponents) {
  RelPath path = RelPath::Trusted("A/AaronsonX123/scan 1.jpg");
  EXPECT_EQ(path.name(), "scan 1.jpg");
  EXPECT_EQ(path.parent().str(), "A/AaronsonX123");
  EXPECT_EQ(path.parent().parent().parent(), RelPath());
  EXPECT_EQ(path.components(), (std::vector<std::string_view>{"A", "AaronsonX123", "scan 1.jpg"}));
}

TEST(RelPath, BelowMeansAWholeComponentBelow) {
  RelPath a = RelPath::Trusted("a");
  EXPECT_TRUE(RelPath::Trusted("a/b/c").IsBelow(a));
  EXPECT_FALSE(a.IsBelow(a));
  EXPECT_FALSE(RelPath::Trusted("ab").IsBelow(a));
  EXPECT_FALSE(RelPath::Trusted("ab/c").IsBelow(a));
  EXPECT_FALSE(a.IsBelow(RelPath::Trusted("a/b")));
  EXPECT_FALSE(RelPath::Trusted("A/b").IsBelow(a)) << "letter case matters";
  EXPECT_TRUE(a.IsBelow(RelPath()));
  EXPECT_FALSE(RelPath().IsBelow(RelPath()));
}

RC_GTEST_PROP(RelPath, WhateverIsAcceptedComesApartAndTogetherAgain, (const std::string& noise)) {
  // Bytes that are likely to hit a rule.
  std::string text;
  for (char c : noise) text.push_back("ab./\0"[static_cast<unsigned char>(c) % 5]);
  Result<RelPath> path = RelPath::Parse(text);
  if (!path.ok()) return;
  RelPath again;
  for (std::string_view component : path->components()) {
    RC_ASSERT(RelPath::IsValidName(component));
    again = again.Child(component);
  }
  RC_ASSERT(again == *path);
  if (!path->is_root()) RC_ASSERT(path->parent().Child(path->name()) == *path);
}

TEST(RelPathDeathTest, OnlyGoodNamesAreAppended) {
  EXPECT_DEATH(RelPath().Child(".."), "IsValidName");
  EXPECT_DEATH(RelPath::Trusted("a/../b"), "path.ok");
}

TEST(Printable, KeepsWhatAPersonCanRead) {
  EXPECT_EQ(Printable("Müller/Röntgen 1.jpg"), "Müller/Röntgen 1.jpg");
  EXPECT_EQ(Printable("\xf0\x9f\xa6\xb7"), "\xf0\x9f\xa6\xb7");  // a tooth: four bytes
  EXPECT_EQ(Printable(""), "");
}

TEST(Printable, ANameCannotForgeALine) {
  EXPECT_EQ(Printable("a\nERROR all lost"), "a\\x0aERROR all lost");
  EXPECT_EQ(Printable("\r\t\x1b[31m\x7f"), "\\x0d\\x09\\x1b[31m\\x7f");
  EXPECT_EQ(Printable(std::string_view("\0", 1)), "\\x00");
}

// Control characters of the second block, and what turns the direction of writing round: a terminal
// obeys them like an escape.
TEST(Printable, NeitherCanHigherControlCharacters) {
  EXPECT_EQ(Printable("a\xc2\x9b\x33\x31m"), "a\\xc2\\x9b31m");  // U+009B, CSI
  EXPECT_EQ(Printable("a\xe2\x80\xae"
                      "gpj"),
            "a\\xe2\\x80\\xaegpj");  // U+202E
  EXPECT_EQ(Printable("a\xe2\x80\xa8"
                      "b"),
            "a\\xe2\\x80\\xa8"
            "b");  // U+2028, a line's end
  EXPECT_EQ(Printable("a\xe2\x81\xa6"
                      "b"),
            "a\\xe2\\x81\\xa6"
            "b");  // U+2066
}

TEST(Printable, InvalidUtf8IsSpelledOut) {
  EXPECT_EQ(Printable("a\xff"), "a\\xff");
  EXPECT_EQ(Printable("\xc3"), "\\xc3");                             // cut off
  EXPECT_EQ(Printable("\xc0\x8a"), "\\xc0\\x8a");                    // overlong line feed
  EXPECT_EQ(Printable("\xe0\x80\x8a"), "\\xe0\\x80\\x8a");           // overlong
  EXPECT_EQ(Printable("\xed\xa0\x80"), "\\xed\\xa0\\x80");           // surrogate
  EXPECT_EQ(Printable("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");  // beyond Unicode
  EXPECT_EQ(Printable("\xe2\x82"
                      "a"),
            "\\xe2\\x82"
            "a");
}

RC_GTEST_PROP(Printable, NoControlByteGetsThrough, (const std::string& noise)) {
  for (char c : Printable(noise)) RC_ASSERT(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
}

}  // namespace
}  // namespace atozsync
