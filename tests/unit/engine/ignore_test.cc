#include "sync/engine/ignore.h"

#include <gtest/gtest.h>

namespace atozsync {
namespace {

bool File(const IgnoreRules& rules, std::string_view path) {
  return rules.IgnoredWithin(RelPath::Trusted(path), false);
}
bool Dir(const IgnoreRules& rules, std::string_view path) {
  return rules.IgnoredWithin(RelPath::Trusted(path), true);
}

TEST(BuiltInIgnore, ReasonsOfOtherPrograms) {
  IgnoreRules rules;
  for (const char* path :
       {"A/AaronX1/.hidden", ".DS_Store", "A/AaronX1/Thumbs.db", "A/AaronX1/desktop.ini",
        "A/AaronX1/~$letter.docx", "A/AaronX1/~WRL0001.tmp", "A/AaronX1/scan.tmp",
        "$RECYCLE.BIN/x.jpg", "System Volume Information/x", "lost+found/x"}) {
    EXPECT_TRUE(File(rules, path)) << path;
  }
  EXPECT_TRUE(Dir(rules, "A/AaronX1/.git"));
}

TEST(BuiltInIgnore, ReasonsOfTheVendorsFolders) {
  IgnoreRules rules;
  for (const char* path :
       {"A/AaronX1/Thumbnails/x.jpg", "DBMLogs/x.txt", "DropIndexLogs/x", "QueryMonitorLogs/x",
        "EHG_History/x", "PayConnect/RecurringChargeResult.txt",
        "PaySimple/RecurringChargeResult.txt", "CloudBackupSize", "Sounds/x.wav",
        "Plugins/x.dll"}) {
    EXPECT_TRUE(File(rules, path)) << path;
  }
}

TEST(BuiltInIgnore, ProgramCodeIsOffUntilSomebodyTurnsItOn) {
  for (const char* pattern : {"!Plugins/", "!/plugins/", "!/Plugins"}) {
    const IgnoreRules on({pattern});
    EXPECT_FALSE(Dir(on, "Plugins")) << pattern;
    EXPECT_FALSE(File(on, "Plugins/Bridge.dll")) << pattern;
    EXPECT_FALSE(File(on, "Plugins/Bridge/Bridge.dll.config")) << pattern;
    EXPECT_TRUE(File(on, "Plugins/half.tmp")) << "the rest of the list holds there, too";
    EXPECT_TRUE(File(on, "Sounds/x.wav")) << pattern;
  }
  const IgnoreRules mistaken({"!Plugins/*.dll"});
  EXPECT_TRUE(File(mistaken, "Plugins/Bridge.dll")) << "what is in an ignored folder stays out";
}

TEST(BuiltInIgnore, WhatPatientsNeedIsSynchronized) {
  IgnoreRules rules;
  for (const char* path :
       {"A/AaronX1/scan.jpg", "A/AaronX1/letter~$.docx", "A/AaronX1/thumbs.db.jpg",
        "A/AaronX1/report.tmpl", "EmailAttachments/x.pdf", "A/AaronX1/sub/Thumbnails.jpg",
        "PayConnect/Receipt.txt", "Forms/Plugins/x", "EOBs/lost+found.pdf",
        "A/AaronX1/Sounds/x.wav"}) {
    EXPECT_FALSE(File(rules, path)) << path;
  }
  EXPECT_FALSE(Dir(rules, "A"));
  EXPECT_FALSE(Dir(rules, "Thumbnails")) << "the cache lies in patients' folders only";
  EXPECT_FALSE(File(rules, "A/AaronX1/Thumbnails")) << "a file of that name is no cache";
  EXPECT_FALSE(File(rules, "A/AaronX1/x/Thumbnails/y.jpg"));
}

TEST(Ignore, OurOwnFolderAlwaysWhateverThePatterns) {
  IgnoreRules rules({"!.atozsync", "!.atozsync/**", "!**"});
  EXPECT_TRUE(Dir(rules, ".atozsync"));
  EXPECT_TRUE(File(rules, ".atozsync/staging/1-2"));
  EXPECT_FALSE(rules.Ignored(RelPath(), true));
  EXPECT_TRUE(Dir(IgnoreRules(), "A/.atozsync")) << "a dot name like any other";
}

TEST(Ignore, APatternWithoutSlashMeansAnyDepth) {
  IgnoreRules rules({"*.bak"});
  EXPECT_TRUE(File(rules, "x.bak"));
  EXPECT_TRUE(File(rules, "a/b/x.bak"));
  EXPECT_TRUE(File(rules, "a.bak/x")) << "also of a directory above";
  EXPECT_FALSE(File(rules, "x.bak.jpg"));
}

TEST(Ignore, ASlashTiesAPatternToTheRoot) {
  IgnoreRules rules({"/old", "a/b"});
  EXPECT_TRUE(File(rules, "old"));
  EXPECT_FALSE(File(rules, "x/old"));
  EXPECT_TRUE(File(rules, "a/b"));
  EXPECT_TRUE(File(rules, "a/b/c"));
  EXPECT_FALSE(File(rules, "x/a/b"));
}

TEST(Ignore, ATrailingSlashMeansDirectoriesAtAnyDepth) {
  IgnoreRules rules({"cache/"});
  EXPECT_TRUE(Dir(rules, "cache"));
  EXPECT_TRUE(Dir(rules, "a/cache"));
  EXPECT_TRUE(File(rules, "a/cache/x"));
  EXPECT_FALSE(File(rules, "cache"));
}

TEST(Ignore, TwoStarsGoThroughDirectories) {
  IgnoreRules rules({"**/raw/*.dcm", "logs/**"});
  EXPECT_TRUE(File(rules, "raw/x.dcm"));
  EXPECT_TRUE(File(rules, "a/b/raw/x.dcm"));
  EXPECT_FALSE(File(rules, "a/raw/b/x.dcm"));
  EXPECT_FALSE(File(rules, "a/draw/x.dcm"));
  EXPECT_TRUE(File(rules, "logs/a/b"));
  EXPECT_FALSE(Dir(rules, "logs")) << "the directory itself stays";
}

TEST(Ignore, LetterCaseDoesNotMatter) {
  IgnoreRules rules({"*.Bak", "[A-C]x"});
  EXPECT_TRUE(File(rules, "X.BAK"));
  EXPECT_TRUE(File(rules, "bX"));
  EXPECT_TRUE(File(rules, "A/B/THUMBS.DB"));
  EXPECT_TRUE(Dir(rules, "A/AaronX1/THUMBNAILS"));
}

TEST(Ignore, TheLastPatternThatMatchesDecides) {
  IgnoreRules rules({"*.bak", "!important.bak", "/x/important.bak"});
  EXPECT_TRUE(File(rules, "a.bak"));
  EXPECT_FALSE(File(rules, "important.bak"));
  EXPECT_TRUE(File(rules, "x/important.bak"));
  EXPECT_FALSE(File(IgnoreRules({"!*.tmp"}), "a.tmp")) << "built-in ones can be taken back";
}

TEST(Ignore, WhatLiesBelowAnIgnoredDirectoryCannotComeBack) {
  IgnoreRules rules({"cache/", "!cache/keep.jpg"});
  EXPECT_TRUE(File(rules, "cache/keep.jpg"));
}

TEST(Ignore, CommentsEmptyLinesAndOddPatternsMatchNothing) {
  IgnoreRules rules({"", "# comment", "/", "!", "!/"});
  for (const char* path : {"a", "# comment", "!", "comment"})
    EXPECT_FALSE(File(rules, path)) << path;
}

// Rules look at the ends of a name before they look at the whole of it.
TEST(Ignore, SpecialCharactersAnywhereInAPattern) {
  struct Case {
    const char* pattern;
    const char* path;
    bool ignored;
  };
  const Case cases[] = {
      {"**/raw", "raw", true},     {"**/raw", "a/raw", true},
      {"x/**/raw", "x/raw", true}, {"x/**/raw", "x/a/raw", true},
      {"x/**/raw", "xraw", false}, {"ab*ba", "aba", false},
      {"ab*ba", "abba", true},     {"a[bc]d", "abd", true},
      {"a[bc]d", "aed", false},    {"a[*]d", "a*d", true},
      {"a[*]d", "abd", false},     {"a[b*d", "a[bcd", true},
      {"a[b*d", "abd", false},     {"[]a]b", "]b", true},
      {"a]*c", "a]bc", true},      {"x?", "xy", true},
      {"x?", "x", false},          {"?x", "yx", true},
      {"**", "a/b", true},         {"a**b/c", "a1/2b/c", true},
      {"plain", "plain", true},    {"plain", "plainer", false},
      {"plain*", "plainer", true}, {"*plain", "explain", true},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(File(IgnoreRules({c.pattern}), c.path), c.ignored) << c.pattern << " on " << c.path;
  }
}

}  // namespace
}  // namespace atozsync
