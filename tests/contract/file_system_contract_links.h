// Part of the FileSystemContract suite: symbolic links are seen, never followed. Included by
// file_system_contract.h only.
#pragma once

#include <map>
#include <string>

#include "tests/contract/file_system_contract.h"

namespace atozsync {

TEST_P(FileSystemContract, ALinkIsOfAnotherKind) {
  Write(P("file"), "behind");
  MakeDir(P("dir"));
  if (!under_test().MakeLink(P("to-file"), P("file"))) return;
  ASSERT_TRUE(under_test().MakeLink(P("to-dir"), P("dir")));
  ASSERT_TRUE(under_test().MakeLink(P("to-nothing"), P("nothing")));
  std::map<std::string, NodeKind> kinds;
  Result<std::vector<DirEntry>> entries = fs().List(RelPath());
  ASSERT_TRUE(IsOk(entries));
  for (const DirEntry& entry : *entries) kinds[entry.name] = entry.stat.kind;
  EXPECT_EQ(kinds, (std::map<std::string, NodeKind>{{"file", NodeKind::kFile},
                                                    {"dir", NodeKind::kDir},
                                                    {"to-file", NodeKind::kOther},
                                                    {"to-dir", NodeKind::kOther},
                                                    {"to-nothing", NodeKind::kOther}}));
  for (const char* link : {"to-file", "to-dir", "to-nothing"}) {
    EXPECT_EQ(StatOf(P(link)).kind, NodeKind::kOther) << link;
  }
}

TEST_P(FileSystemContract, ALinkAtTheEndIsNotFollowed) {
  Write(P("file"), "behind");
  MakeDir(P("dir"));
  ASSERT_TRUE(IsOk(fs().SetMtime(P("file"), 4711)));
  if (!under_test().MakeLink(P("to-file"), P("file"))) return;
  ASSERT_TRUE(under_test().MakeLink(P("to-dir"), P("dir")));
  ASSERT_TRUE(under_test().MakeLink(P("to-nothing"), P("nothing")));
  EXPECT_TRUE(FailsWith(fs().OpenRead(P("to-file")), Errc::kInvalid));
  EXPECT_TRUE(FailsWith(fs().OpenWrite(P("to-file")), Errc::kInvalid));
  EXPECT_TRUE(FailsWith(fs().Create(P("to-nothing")), Errc::kExists));
  EXPECT_TRUE(FailsWith(fs().MakeDir(P("to-nothing")), Errc::kExists));
  EXPECT_TRUE(FailsWith(fs().List(P("to-dir")), Errc::kNotFound));
  EXPECT_TRUE(FailsWith(fs().SyncDir(P("to-dir")), Errc::kNotFound));
  EXPECT_TRUE(FailsWith(fs().RenameNoReplace(P("file"), P("to-nothing")), Errc::kExists));
  fs().SetMtime(P("to-file"), 99).IgnoreError();  // whether a link has a time is not promised
  EXPECT_EQ(StatOf(P("file")).mtime_ns, 4711);
  EXPECT_FALSE(IsThere(P("nothing")));
  EXPECT_FALSE(fs().RemoveDir(P("to-dir")).ok());
  EXPECT_TRUE(IsOk(fs().RemoveFile(P("to-file")))) << "takes the link away, not the file";
  EXPECT_FALSE(IsThere(P("to-file")));
  EXPECT_EQ(Read(P("file")), "behind");
}

TEST_P(FileSystemContract, ALinkOnTheWayIsNotFollowed) {
  MakeDir(P("dir"));
  Write(P("dir/f"), "behind");
  Write(P("outside"), "outside");
  ASSERT_TRUE(IsOk(fs().SetMtime(P("dir/f"), 4711)));
  if (!under_test().MakeLink(P("link"), P("dir"))) return;
  EXPECT_TRUE(FailsWith(fs().Stat(P("link/f")), Errc::kNotFound));
  EXPECT_TRUE(FailsWith(fs().OpenRead(P("link/f")), Errc::kNotFound));
  EXPECT_TRUE(FailsWith(fs().OpenWrite(P("link/f")), Errc::kNotFound));
  EXPECT_TRUE(FailsWith(fs().Create(P("link/new")), Errc::kNotFound));
  EXPECT_TRUE(FailsWith(fs().MakeDir(P("link/new")), Errc::kNotFound));
  EXPECT_TRUE(FailsWith(fs().RemoveFile(P("link/f")), Errc::kNotFound));
  EXPECT_TRUE(FailsWith(fs().SetMtime(P("link/f"), 99), Errc::kNotFound));
  EXPECT_TRUE(FailsWith(fs().RenameNoReplace(P("link/f"), P("taken")), Errc::kNotFound));
  EXPECT_TRUE(FailsWith(fs().RenameNoReplace(P("outside"), P("link/new")), Errc::kNotFound));
  EXPECT_TRUE(FailsWith(fs().Exchange(P("outside"), P("link/f")), Errc::kNotFound));
  EXPECT_TRUE(FailsWith(fs().SyncFiles({P("link/f")}), Errc::kNotFound));
  EXPECT_THAT(NamesIn(P("dir")), testing::ElementsAre("f"));
  EXPECT_EQ(Read(P("dir/f")), "behind");
  EXPECT_EQ(StatOf(P("dir/f")).mtime_ns, 4711);
  EXPECT_EQ(Read(P("outside")), "outside");
}

TEST_P(FileSystemContract, ALinkInTheMiddleOfAPathIsNotFollowed) {
  for (const char* dir : {"a", "a/b", "a/b/c", "top"}) MakeDir(P(dir));
  Write(P("a/b/c/f"), "behind");
  if (!under_test().MakeLink(P("top/link"), P("a"))) return;
  EXPECT_TRUE(FailsWith(fs().Stat(P("top/link/b/c/f")), Errc::kNotFound));
  EXPECT_TRUE(FailsWith(fs().OpenRead(P("top/link/b/c/f")), Errc::kNotFound));
  EXPECT_TRUE(FailsWith(fs().Create(P("top/link/b/new")), Errc::kNotFound));
  EXPECT_TRUE(FailsWith(fs().List(P("top/link/b")), Errc::kNotFound));
  EXPECT_TRUE(FailsWith(fs().RenameNoReplace(P("top/link/b/c"), P("taken")), Errc::kNotFound));
  EXPECT_EQ(Read(P("a/b/c/f")), "behind");
}

TEST_P(FileSystemContract, MovesAndSwapsTakeTheLinkItself) {
  Write(P("file"), "behind");
  if (!under_test().MakeLink(P("link"), P("file"))) return;
  ASSERT_TRUE(IsOk(fs().RenameNoReplace(P("link"), P("moved"))));
  EXPECT_EQ(StatOf(P("moved")).kind, NodeKind::kOther);
  Write(P("other"), "other");
  ASSERT_TRUE(IsOk(fs().Exchange(P("moved"), P("other"))));
  EXPECT_EQ(StatOf(P("other")).kind, NodeKind::kOther);
  EXPECT_EQ(Read(P("moved")), "other");
  EXPECT_EQ(Read(P("file")), "behind");
}

}  // namespace atozsync
