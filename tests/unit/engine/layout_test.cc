#include "sync/engine/layout.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <set>

#include "tests/unit/engine/test_folder.h"

namespace atozsync {
namespace {

constexpr ContentHash kHash{0x0123456789abcdef, 0x1122334455667788};

TEST(Layout, EverythingLiesInOurOwnFolder) {
  for (const RelPath& path :
       {layout::Marker(), layout::Staging(), layout::Versions(), layout::Conflicts(),
        layout::Staged(1, kHash), layout::Partial(kHash), layout::ConflictCopy(kHash, 3),
        layout::KeptVersion(P("A/x.jpg"), 1, kHash, 2)}) {
    EXPECT_TRUE(path.IsBelow(layout::Own())) << path.str();
  }
}

TEST(Layout, DifferentThingsHaveDifferentNames) {
  std::set<RelPath> paths = {layout::Staged(1, kHash),
                             layout::Staged(2, kHash),
                             layout::Partial(kHash),
                             layout::ConflictCopy(kHash, 1),
                             layout::ConflictCopy(kHash, 2),
                             layout::KeptVersion(P("A/x"), 1, kHash, 1),
                             layout::KeptVersion(P("A/x"), 1, kHash, 2),
                             layout::KeptVersion(P("A/x"), 2, kHash, 1),
                             layout::KeptVersion(P("B/x"), 1, kHash, 1),
                             layout::KeptVersion(P("A/y"), 1, kHash, 1)};
  EXPECT_EQ(paths.size(), 10u);
}

TEST(Layout, AConflictCopyTellsItsConflict) {
  Result<ContentHash> id = layout::ConflictOfCopy(layout::ConflictCopy(kHash, 3));
  ASSERT_TRUE(id.ok());
  EXPECT_EQ(*id, kHash);
  for (const RelPath& other : {P("A/x.jpg"), layout::Conflicts(), layout::Conflicts().Child("x"),
                               layout::Conflicts().Child("1-0123456789abcdef"),
                               layout::Versions().Child(kHash.ToHex() + "-3")}) {
    EXPECT_FALSE(layout::ConflictOfCopy(other).ok()) << other.str();
  }
}

TEST(KeptVersion, StandsWhereAPersonLooksForIt) {
  RelPath kept = layout::KeptVersion(P("A/AaronX1/scan 1.jpg"), 1'767'600'000'123, kHash, 7);
  EXPECT_EQ(kept.str(), ".atozsync/versions/A/AaronX1/scan 1.jpg~1767600000123-0123456789abcdef-7");
  EXPECT_EQ(layout::KeptVersion(P("x"), 5, kHash, 0).str(),
            ".atozsync/versions/x~0000000000005-0123456789abcdef-0");
}

RC_GTEST_PROP(KeptVersion, IsAlwaysALegalNameThatTellsItsParts, ()) {
  std::string name = *rc::gen::container<std::string>(rc::gen::arbitrary<char>());
  for (char& c : name) {
    if (c == '/' || c == '\0') c = '~';
  }
  size_t length = *rc::gen::inRange<size_t>(1, RelPath::kNameBytesMax + 1);
  while (name.size() < length) name += name.empty() ? "x" : name;
  name.resize(length);
  if (!RelPath::IsValidName(name)) return;
  int64_t kept_ms = *rc::gen::inRange<int64_t>(0, 9'999'999'999'999);
  uint64_t distinct = *rc::gen::arbitrary<uint64_t>();
  ContentHash hash{*rc::gen::arbitrary<uint64_t>(), *rc::gen::arbitrary<uint64_t>()};

  RelPath kept = layout::KeptVersion(P("A").Child(name), kept_ms, hash, distinct);
  RC_ASSERT(RelPath::Parse(kept.str()).ok());
  RC_ASSERT(kept.parent() == layout::Versions().Child("A"));
  layout::KeptName parts = layout::ParseKeptName(kept.name());
  RC_ASSERT(parts.kept_ms == kept_ms);
  RC_ASSERT(parts.content == hash.ToHex().substr(0, 16));
  RC_ASSERT(!parts.name.empty());
  if (name.size() <= 190) RC_ASSERT(parts.name == name);
  RC_ASSERT(name.substr(0, 100) == parts.name.substr(0, 100));
}

TEST(KeptVersion, LongNamesThatDifferAtTheEndStayApart) {
  std::string name(255, 'x');
  std::string other = name;
  other.back() = 'y';
  RelPath kept = layout::KeptVersion(P(name), 1, kHash, 1);
  EXPECT_NE(kept, layout::KeptVersion(P(other), 1, kHash, 1));
  EXPECT_LE(kept.name().size(), RelPath::kNameBytesMax);
}

TEST(KeptVersion, TheLongestPathHasAPlaceToo) {
  std::string longest(255, 'd');
  while (longest.size() + 256 <= RelPath::kPathBytesMax) longest += "/" + std::string(255, 'd');
  RelPath path = P(longest);
  RelPath kept = layout::KeptVersion(path, 1, kHash, 1);
  EXPECT_TRUE(kept.IsBelow(layout::Versions()));
  EXPECT_LE(kept.str().size(), RelPath::kPathBytesMax);
  EXPECT_NE(kept,
            layout::KeptVersion(path.parent().parent().Child("e").Child(path.name()), 1, kHash, 1));
}

TEST(ParseKeptName, OtherNamesAreNotTakenForOurs) {
  for (const char* name :
       {"", "x", "~", "x~", "x~1", "~0000000000005-0123456789abcdef-0",
        "x~000000000005-0123456789abcdef-0", "x~00000000000005-0123456789abcdef-0",
        "x~000000000000a-0123456789abcdef-0", "x~0000000000005-0123456789abcdeg-0",
        "x~0000000000005_0123456789abcdef-0", "x~0000000000005-0123456789abcde"}) {
    EXPECT_EQ(layout::ParseKeptName(name).name, "") << name;
  }
  EXPECT_EQ(layout::ParseKeptName("a~b~0000000000005-0123456789abcdef-0").name, "a~b");
}

}  // namespace
}  // namespace atozsync
