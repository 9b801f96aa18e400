// Part of the FileSystemContract suite: names, directories, moves and swaps. Included by
// file_system_contract.h only.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/contract/file_system_contract.h"

namespace atozsync {

TEST_P(FileSystemContract, TheRootIsAnEmptyDirectory) {
  EXPECT_EQ(StatOf(RelPath()).kind, NodeKind::kDir);
  EXPECT_THAT(NamesIn(RelPath()), testing::IsEmpty());
  EXPECT_TRUE(FailsWith(fs().MakeDir(RelPath()), Errc::kExists));
  EXPECT_TRUE(FailsWith(fs().Create(RelPath()), Errc::kExists));
  EXPECT_FALSE(fs().RemoveDir(RelPath()).ok());
  EXPECT_FALSE(fs().RemoveFile(RelPath()).ok());
}

TEST_P(FileSystemContract, StatTellsKindsAndMissingNames) {
  Write(P("file"), "12345");
  MakeDir(P("dir"));
  Write(P("dir/inner"), "1");
  EXPECT_EQ(StatOf(P("file")).kind, NodeKind::kFile);
  EXPECT_EQ(StatOf(P("file")).size, 5u);
  EXPECT_EQ(StatOf(P("dir")).kind, NodeKind::kDir);
  EXPECT_EQ(StatOf(P("dir")).size, 0u);
  EXPECT_NE(StatOf(P("file")).inode, StatOf(P("dir/inner")).inode);
  EXPECT_TRUE(FailsWith(fs().Stat(P("missing")), Errc::kNotFound));
  EXPECT_TRUE(FailsWith(fs().Stat(P("missing/below")), Errc::kNotFound));
  EXPECT_TRUE(FailsWith(fs().Stat(P("file/below")), Errc::kNotFound));
}

TEST_P(FileSystemContract, ErrorsNameThePath) {
  auto names = [](const Status& status, const std::string& path) {
    return !status.ok() && status.ToString().find(path) != std::string::npos;
  };
  EXPECT_TRUE(names(fs().Stat(P("no/such")).status(), "no/such"));
  EXPECT_TRUE(names(fs().List(P("no such")).status(), "no such"));
  EXPECT_TRUE(names(fs().OpenRead(P("no\nsuch")).status(), "no\\x0asuch"));
  EXPECT_TRUE(names(fs().RemoveFile(P("no-file")), "no-file"));
  EXPECT_TRUE(names(fs().RenameNoReplace(P("no-from"), P("to")), "no-from"));
  EXPECT_TRUE(names(fs().MakeDir(P("no/dir")), "no/dir"));
}

TEST_P(FileSystemContract, ListGivesEveryNameWithItsStat) {
  MakeDir(P("d"));
  MakeDir(P("d/sub"));
  Write(P("d/sub/hidden from this list"), "x");
  std::map<std::string, FileStat> expected = {{"sub", StatOf(P("d/sub"))}};
  for (int i = 0; i < 500; ++i) {
    std::string name = "file " + std::to_string(i);
    Write(P("d/" + name), std::string(static_cast<size_t>(i % 7), 'x'));
    expected[name] = StatOf(P("d/" + name));
  }
  Result<std::vector<DirEntry>> entries = fs().List(P("d"));
  ASSERT_TRUE(IsOk(entries));
  EXPECT_EQ(entries->size(), expected.size());
  std::map<std::string, FileStat> listed;
  for (const DirEntry& entry : *entries) listed[entry.name] = entry.stat;
  EXPECT_TRUE(listed == expected);
}

TEST_P(FileSystemContract, ListNeedsADirectory) {
  MakeDir(P("empty"));
  Write(P("file"), "x");
  EXPECT_THAT(NamesIn(P("empty")), testing::IsEmpty());
  EXPECT_TRUE(FailsWith(fs().List(P("missing")), Errc::kNotFound));
  EXPECT_TRUE(FailsWith(fs().List(P("file")), Errc::kNotFound));
  EXPECT_TRUE(FailsWith(fs().List(P("file/below")), Errc::kNotFound));
}

TEST_P(FileSystemContract, AnyBytesMakeAName) {
  const std::vector<std::string> names = {
      "new\nline",   "tab\t",    "\x01\x7f",  "not utf-8 \xff\xfe\xc0",
      "back\\slash", " ",        " both ",    "dot.",
      "...",         "-rf",      "*?\"<>|:",  "A",
      "a",           "\xc3\xa9", "e\xcc\x81", std::string(255, 'n'),
      "%s%n"};
  std::vector<std::string> held;
  for (const std::string& name : names) {
    if (fs().NameProblem(name)) {
      EXPECT_TRUE(FailsWith(fs().Create(RelPath().Child(name)), Errc::kUnsupported)) << name;
    } else if (fs().case_insensitive() && name == "a") {
      EXPECT_TRUE(FailsWith(fs().Create(RelPath().Child(name)), Errc::kExists));
    } else {
      Write(RelPath().Child(name), name);
      held.push_back(name);
    }
  }
  EXPECT_GE(held.size(), 6u);
  EXPECT_THAT(NamesIn(RelPath()), testing::UnorderedElementsAreArray(held));
  for (const std::string& name : held) EXPECT_EQ(Read(RelPath().Child(name)), name);
  for (const std::string& name : held) {
    EXPECT_TRUE(IsOk(fs().RemoveFile(RelPath().Child(name)))) << name;
  }
  EXPECT_THAT(NamesIn(RelPath()), testing::IsEmpty());
}

TEST_P(FileSystemContract, NamesThatDifferInCaseExcludeEachOtherOrDoNot) {
  MakeDir(P("Dir"));
  Write(P("Dir/name"), "small");
  if (!fs().case_insensitive()) {
    Write(P("Dir/NAME"), "large");
    EXPECT_EQ(Read(P("Dir/name")), "small");
    return;
  }
  EXPECT_TRUE(FailsWith(fs().Create(P("Dir/NAME")), Errc::kExists));
  EXPECT_TRUE(FailsWith(fs().MakeDir(P("Dir/Name")), Errc::kExists));
  Write(P("other"), "other");
  EXPECT_TRUE(FailsWith(fs().RenameNoReplace(P("other"), P("Dir/NAME")), Errc::kExists));
  EXPECT_TRUE(FailsWith(fs().Stat(P("Dir/NAME")), Errc::kNotFound)) << "no name is another";
  EXPECT_TRUE(FailsWith(fs().OpenRead(P("Dir/NAME")), Errc::kNotFound));
  EXPECT_TRUE(FailsWith(fs().OpenWrite(P("Dir/NAME")), Errc::kNotFound));
  EXPECT_TRUE(FailsWith(fs().RemoveFile(P("Dir/NAME")), Errc::kNotFound));
  EXPECT_TRUE(FailsWith(fs().Stat(P("DIR/name")), Errc::kNotFound)) << "on the way, too";
  EXPECT_TRUE(FailsWith(fs().List(P("dir")), Errc::kNotFound));
  EXPECT_EQ(Read(P("Dir/name")), "small");
}

TEST_P(FileSystemContract, ANameCanChangeItsCase) {
  if (!under_test().ChangesCase()) GTEST_SKIP() << "this system cannot";
  Write(P("name"), "x");
  ASSERT_TRUE(IsOk(fs().RenameNoReplace(P("name"), P("Name"))));
  EXPECT_THAT(NamesIn(RelPath()), testing::ElementsAre("Name"));
  EXPECT_EQ(Read(P("Name")), "x");
  EXPECT_TRUE(FailsWith(fs().Stat(P("name")), Errc::kNotFound));
}

TEST_P(FileSystemContract, AnExchangeThatIsDoneLeavesNothingToSettle) {
  Write(P("a"), "a");
  Write(P("b"), "b");
  ASSERT_TRUE(IsOk(fs().Exchange(P("a"), P("b"))));
  Result<Settled> settled = fs().SettleExchange(P("a"), P("b"), P("aside/a"));
  ASSERT_TRUE(IsOk(settled));
  EXPECT_EQ(*settled, Settled::kNothing);
  EXPECT_THAT(NamesIn(RelPath()), testing::UnorderedElementsAre("a", "b"));
}

TEST_P(FileSystemContract, DeepPathsWork) {
  RelPath dir;
  for (int depth = 0; depth < 60; ++depth) {
    dir = dir.Child("level " + std::to_string(depth) + std::string(20, '_'));
    MakeDir(dir);
  }
  Write(dir.Child("leaf"), "deep");
  EXPECT_EQ(Read(dir.Child("leaf")), "deep");
  EXPECT_THAT(NamesIn(dir), testing::ElementsAre("leaf"));
  ASSERT_TRUE(IsOk(fs().RenameNoReplace(dir.Child("leaf"), P("leaf"))));
  EXPECT_EQ(Read(P("leaf")), "deep");
}

TEST_P(FileSystemContract, MakeDirNeedsAFreeNameAndAParent) {
  MakeDir(P("d"));
  Write(P("f"), "x");
  EXPECT_TRUE(FailsWith(fs().MakeDir(P("d")), Errc::kExists));
  EXPECT_TRUE(FailsWith(fs().MakeDir(P("f")), Errc::kExists));
  EXPECT_TRUE(FailsWith(fs().MakeDir(P("missing/d")), Errc::kNotFound));
  EXPECT_TRUE(FailsWith(fs().MakeDir(P("f/d")), Errc::kNotFound));
}

TEST_P(FileSystemContract, RemovalsTakeOnlyTheirOwnKind) {
  MakeDir(P("d"));
  Write(P("d/f"), "x");
  EXPECT_TRUE(FailsWith(fs().RemoveDir(P("d")), Errc::kExists)) << "not empty";
  EXPECT_FALSE(fs().RemoveFile(P("d")).ok());
  EXPECT_FALSE(fs().RemoveDir(P("d/f")).ok());
  EXPECT_EQ(Read(P("d/f")), "x");
  EXPECT_TRUE(IsOk(fs().RemoveFile(P("d/f"))));
  EXPECT_FALSE(IsThere(P("d/f")));
  EXPECT_TRUE(IsOk(fs().RemoveDir(P("d"))));
  EXPECT_FALSE(IsThere(P("d")));
  EXPECT_TRUE(FailsWith(fs().RemoveFile(P("d/f")), Errc::kNotFound));
  EXPECT_TRUE(FailsWith(fs().RemoveFile(P("f")), Errc::kNotFound));
  EXPECT_TRUE(FailsWith(fs().RemoveDir(P("d")), Errc::kNotFound));
}

TEST_P(FileSystemContract, RenameKeepsInodeContentAndTime) {
  MakeDir(P("d"));
  Write(P("a"), "content");
  ASSERT_TRUE(IsOk(fs().SetMtime(P("a"), 1'234'567'890'987'654'321)));
  FileStat before = StatOf(P("a"));
  ASSERT_TRUE(IsOk(fs().RenameNoReplace(P("a"), P("d/b"))));
  FileStat after = StatOf(P("d/b"));
  EXPECT_EQ(after.inode, before.inode);
  EXPECT_EQ(after.mtime_ns, before.mtime_ns);
  EXPECT_EQ(Read(P("d/b")), "content");
  EXPECT_FALSE(IsThere(P("a")));
}

TEST_P(FileSystemContract, RenameMovesADirectoryWithAllBelow) {
  MakeDir(P("from"));
  MakeDir(P("from/sub"));
  Write(P("from/sub/f"), "x");
  MakeDir(P("other"));
  uint64_t inode = StatOf(P("from")).inode;
  ASSERT_TRUE(IsOk(fs().RenameNoReplace(P("from"), P("other/to"))));
  EXPECT_EQ(Read(P("other/to/sub/f")), "x");
  EXPECT_EQ(StatOf(P("other/to")).inode, inode);
  EXPECT_FALSE(IsThere(P("from")));
}

TEST_P(FileSystemContract, RenameNeverReplaces) {
  Write(P("a"), "a");
  Write(P("b"), "b");
  MakeDir(P("empty"));
  MakeDir(P("d"));
  EXPECT_TRUE(FailsWith(fs().RenameNoReplace(P("a"), P("b")), Errc::kExists));
  EXPECT_TRUE(FailsWith(fs().RenameNoReplace(P("a"), P("empty")), Errc::kExists));
  EXPECT_TRUE(FailsWith(fs().RenameNoReplace(P("d"), P("empty")), Errc::kExists));
  EXPECT_TRUE(FailsWith(fs().RenameNoReplace(P("d"), P("a")), Errc::kExists));
  EXPECT_TRUE(FailsWith(fs().RenameNoReplace(P("a"), P("a")), Errc::kExists));
  EXPECT_EQ(Read(P("a")), "a");
  EXPECT_EQ(Read(P("b")), "b");
  EXPECT_TRUE(FailsWith(fs().RenameNoReplace(P("missing"), P("c")), Errc::kNotFound));
  EXPECT_TRUE(FailsWith(fs().RenameNoReplace(P("a"), P("missing/c")), Errc::kNotFound));
  EXPECT_FALSE(fs().RenameNoReplace(P("d"), P("d/below")).ok()) << "into itself";
  EXPECT_TRUE(IsThere(P("d")));
}

TEST_P(FileSystemContract, ExchangeSwapsFiles) {
  MakeDir(P("d"));
  Write(P("a"), "content of a");
  Write(P("d/b"), "b");
  FileStat a = StatOf(P("a"));
  FileStat b = StatOf(P("d/b"));
  ASSERT_TRUE(IsOk(fs().Exchange(P("a"), P("d/b"))));
  EXPECT_EQ(Read(P("a")), "b");
  EXPECT_EQ(Read(P("d/b")), "content of a");
  EXPECT_EQ(StatOf(P("a")).inode, b.inode);
  EXPECT_EQ(StatOf(P("a")).mtime_ns, b.mtime_ns);
  EXPECT_EQ(StatOf(P("d/b")).inode, a.inode);
}

TEST_P(FileSystemContract, ExchangeSwapsDirectoriesAndKinds) {
  MakeDir(P("d1"));
  Write(P("d1/one"), "1");
  MakeDir(P("d2"));
  Write(P("d2/two"), "2");
  ASSERT_TRUE(IsOk(fs().Exchange(P("d1"), P("d2"))));
  EXPECT_THAT(NamesIn(P("d1")), testing::ElementsAre("two"));
  EXPECT_THAT(NamesIn(P("d2")), testing::ElementsAre("one"));
  Write(P("file"), "f");
  ASSERT_TRUE(IsOk(fs().Exchange(P("file"), P("d1"))));
  EXPECT_EQ(Read(P("d1")), "f");
  EXPECT_EQ(Read(P("file/two")), "2");
}

TEST_P(FileSystemContract, ExchangeNeedsBothNames) {
  Write(P("a"), "a");
  EXPECT_TRUE(FailsWith(fs().Exchange(P("a"), P("missing")), Errc::kNotFound));
  EXPECT_TRUE(FailsWith(fs().Exchange(P("missing"), P("a")), Errc::kNotFound));
  EXPECT_TRUE(FailsWith(fs().Exchange(P("a"), P("missing/b")), Errc::kNotFound));
  EXPECT_EQ(Read(P("a")), "a");
  EXPECT_FALSE(IsThere(P("missing")));
}

}  // namespace atozsync
