#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "sync/engine/ignore.h"

namespace atozsync {
namespace {

struct Case {
  const char* glob;
  const char* text;
  bool matches;
};

TEST(GlobMatches, OneByOne) {
  const Case cases[] = {
      {"", "", true},           {"", "a", false},
      {"a", "", false},         {"*", "", true},
      {"*", "abc", true},       {"*", "a/b", false},
      {"a*", "a", true},        {"*a", "bba", true},
      {"*a*b", "xaybzb", true}, {"*.tmp", "x.tmp.jpg", false},
      {"*.tmp", ".tmp", true},  {"a*/b", "axx/b", true},
      {"a*/b", "a/x/b", false}, {"*/b", "a/b", true},
      {"*/*/c", "a/b/c", true}, {"*/*/c", "a/c", false},
      {"?", "a", true},         {"?", "", false},
      {"?", "/", false},        {"a?c", "abc", true},
      {"[abc]x", "bx", true},   {"[!abc]x", "bx", false},
      {"[!abc]x", "dx", true},  {"[^abc]x", "dx", true},
      {"[a-f]", "e", true},     {"[a-f]", "g", false},
      {"[a-]", "-", true},      {"[]a]", "]", true},
      {"[!]a]", "]", false},    {"[!a]", "/", false},
      {"[a", "[a", true},  // never closed: a bracket like any letter
      {"[", "[", true},         {"[]", "[]", true},
      {"x[", "x", false},       {"~$*", "~$letter.docx", true},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(GlobMatches(c.glob, c.text), c.matches) << c.glob << " on " << c.text;
  }
}

TEST(GlobMatches, TwoStarsCrossDirectories) {
  const Case cases[] = {
      {"**", "", true},
      {"**", "a/b/c", true},
      {"a/**", "a/b/c", true},
      {"a/**", "a", false},
      {"a/**", "ab/c", false},
      {"**/x", "x", true},
      {"**/x", "a/x", true},
      {"**/x", "a/b/x", true},
      {"**/x", "ax", false},  // only whole directories
      {"**/x", "a/bx", false},
      {"a/**/b", "a/b", true},
      {"a/**/b", "a/x/b", true},
      {"a/**/b", "a/x/y/b", true},
      {"a/**/b", "a/xb", false},
      {"a/**/b", "ab", false},
      {"a**b", "a/x/b", true},  // inside a name: anything at all
      {"**/*.log", "a/b/c.log", true},
      {"**/a*b/c", "a1b/x/a2b/c", true},  // the first a*b is not the one
      {"**/a*b/c", "a1b/x/a2c/c", false},
      {"**/*/c", "a/c", true},
      {"**/*/c", "c", false},
      {"**/a/**/b", "x/a/y/a/z/b", true},
      {"**/a/*/b", "a/x/y/a/z/b", true},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(GlobMatches(c.glob, c.text), c.matches) << c.glob << " on " << c.text;
  }
}

// The plainest matcher there is: every way to split. Only for short inputs.
bool PlainMatches(std::string_view glob, std::string_view text, bool at_name = true) {
  if (glob.empty()) return text.empty();
  if (glob.starts_with("**/") && at_name) {
    if (PlainMatches(glob.substr(3), text)) return true;
    size_t slash = text.find('/');
    return slash != std::string_view::npos && PlainMatches(glob, text.substr(slash + 1));
  }
  if (glob.starts_with("**")) {
    for (size_t i = 0; i <= text.size(); ++i) {
      if (PlainMatches(glob.substr(2), text.substr(i), false)) return true;
    }
    return false;
  }
  if (glob[0] == '*') {
    if (PlainMatches(glob.substr(1), text, false)) return true;
    return !text.empty() && text[0] != '/' && PlainMatches(glob, text.substr(1), false);
  }
  if (text.empty()) return false;
  bool one = glob[0] == '?' ? text[0] != '/' : glob[0] == text[0];
  return one && PlainMatches(glob.substr(1), text.substr(1), glob[0] == '/');
}

RC_GTEST_PROP(GlobMatches, AgreesWithTryingEverything, ()) {
  auto any = [](const char* letters, int length_max) {
    return *rc::gen::resize(
        length_max, rc::gen::container<std::string>(rc::gen::elementOf(std::string(letters))));
  };
  std::string glob = any("ab*?/", 8);
  std::string text = any("ab/", 8);
  // Whole components only: paths have no empty names.
  if (text.starts_with("/") || text.find("//") != std::string::npos) return;
  // "***" and the like mean nothing that anybody writes.
  if (glob.find("***") != std::string::npos) return;
  RC_ASSERT(GlobMatches(glob, text) == PlainMatches(glob, text));
}

// With a matcher that tries everything this would not end.
TEST(GlobMatches, ManyStarsDoNotMultiply) {
  std::string text(2'000, 'a');
  std::string stars;
  for (int i = 0; i < 40; ++i) stars += "a*";
  EXPECT_FALSE(GlobMatches(stars + "b", text));
  std::string deep;
  std::string path;
  for (int i = 0; i < 40; ++i) deep += "**/a*/";
  for (int i = 0; i < 400; ++i) path += "aaa/";
  EXPECT_FALSE(GlobMatches(deep + "b", path + "c"));
  EXPECT_TRUE(GlobMatches(deep + "c", path + "c"));
}

}  // namespace
}  // namespace atozsync
