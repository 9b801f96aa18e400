// Part of the FileSystemContract suite: bytes, sizes, times and durability calls. Included by
// file_system_contract.h only.
#pragma once

#include <string>
#include <vector>

#include "tests/contract/file_system_contract.h"

namespace atozsync {

TEST_P(FileSystemContract, CreateMakesAnEmptyFileForReadingAndWriting) {
  Result<std::unique_ptr<File>> file = fs().Create(P("a"));
  ASSERT_TRUE(IsOk(file));
  EXPECT_EQ(StatOf(P("a")).kind, NodeKind::kFile);
  EXPECT_EQ(StatOf(P("a")).size, 0u);
  ASSERT_TRUE(IsOk((*file)->WriteAt(0, AsBytes("hello"))));
  EXPECT_EQ(ReadAll(**file), "hello");
  EXPECT_EQ(StatOf(P("a")).size, 5u);
  file->reset();
  EXPECT_EQ(Read(P("a")), "hello");
}

TEST_P(FileSystemContract, CreateNeverOpensWhatIsThere) {
  Write(P("file"), "old");
  MakeDir(P("dir"));
  EXPECT_TRUE(FailsWith(fs().Create(P("file")), Errc::kExists));
  EXPECT_TRUE(FailsWith(fs().Create(P("dir")), Errc::kExists));
  EXPECT_TRUE(FailsWith(fs().Create(P("missing/file")), Errc::kNotFound));
  EXPECT_TRUE(FailsWith(fs().Create(P("file/below")), Errc::kNotFound));
  EXPECT_EQ(Read(P("file")), "old");
}

TEST_P(FileSystemContract, ReadIsShortOnlyAtTheEndAndZeroBehindIt) {
  Write(P("a"), "0123456789");
  Result<std::unique_ptr<File>> file = fs().OpenRead(P("a"));
  ASSERT_TRUE(IsOk(file));
  Bytes buffer(8);
  Result<size_t> got = (*file)->ReadAt(0, buffer);
  ASSERT_TRUE(IsOk(got));
  EXPECT_EQ(*got, 8u);
  EXPECT_EQ(AsText(buffer), "01234567");
  got = (*file)->ReadAt(7, buffer);
  ASSERT_TRUE(IsOk(got));
  EXPECT_EQ(*got, 3u);
  EXPECT_EQ(AsText(ByteSpan(buffer).first(3)), "789");
  for (uint64_t offset : {uint64_t{10}, uint64_t{11}, uint64_t{1} << 40}) {
    got = (*file)->ReadAt(offset, buffer);
    ASSERT_TRUE(IsOk(got));
    EXPECT_EQ(*got, 0u) << offset;
  }
  got = (*file)->ReadAt(0, MutableByteSpan());
  ASSERT_TRUE(IsOk(got));
  EXPECT_EQ(*got, 0u);
}

TEST_P(FileSystemContract, LargeReadsAndWritesAreWhole) {
  std::string content(3 * 1024 * 1024 + 17, '\0');
  for (size_t i = 0; i < content.size(); ++i) content[i] = static_cast<char>(i * 31 >> 3);
  Write(P("large"), content);
  Result<std::unique_ptr<File>> file = fs().OpenRead(P("large"));
  ASSERT_TRUE(IsOk(file));
  Bytes buffer(content.size() + 1);
  Result<size_t> got = (*file)->ReadAt(0, buffer);
  ASSERT_TRUE(IsOk(got));
  ASSERT_EQ(*got, content.size());
  EXPECT_TRUE(AsText(ByteSpan(buffer).first(*got)) == content);
}

TEST_P(FileSystemContract, WritingBehindTheEndLeavesZeroBytes) {
  Result<std::unique_ptr<File>> file = fs().Create(P("a"));
  ASSERT_TRUE(IsOk(file));
  ASSERT_TRUE(IsOk((*file)->WriteAt(4, AsBytes("x"))));
  EXPECT_EQ(ReadAll(**file), std::string("\0\0\0\0x", 5));
  ASSERT_TRUE(IsOk((*file)->WriteAt(1, AsBytes("yz"))));
  EXPECT_EQ(ReadAll(**file), std::string("\0yz\0x", 5));
}

TEST_P(FileSystemContract, TruncateShortensAndExtends) {
  Write(P("a"), "0123456789");
  Result<std::unique_ptr<File>> file = fs().OpenWrite(P("a"));
  ASSERT_TRUE(IsOk(file));
  EXPECT_EQ(ReadAll(**file), "0123456789") << "opening for writing keeps the content";
  ASSERT_TRUE(IsOk((*file)->Truncate(3)));
  EXPECT_EQ(ReadAll(**file), "012");
  ASSERT_TRUE(IsOk((*file)->Truncate(5)));
  EXPECT_EQ(ReadAll(**file), std::string("012\0\0", 5));
  EXPECT_EQ(StatOf(P("a")).size, 5u);
}

TEST_P(FileSystemContract, OpeningNeedsARegularFile) {
  MakeDir(P("dir"));
  EXPECT_TRUE(FailsWith(fs().OpenRead(P("dir")), Errc::kInvalid));
  EXPECT_TRUE(FailsWith(fs().OpenWrite(P("dir")), Errc::kInvalid));
  EXPECT_TRUE(FailsWith(fs().OpenRead(RelPath()), Errc::kInvalid));
  EXPECT_TRUE(FailsWith(fs().OpenRead(P("missing")), Errc::kNotFound));
  EXPECT_TRUE(FailsWith(fs().OpenWrite(P("missing")), Errc::kNotFound));
  EXPECT_TRUE(FailsWith(fs().OpenRead(P("missing/a")), Errc::kNotFound));
  EXPECT_FALSE(IsThere(P("missing"))) << "opening makes nothing";
}

TEST_P(FileSystemContract, AFileOpenedForReadingCannotBeWritten) {
  Write(P("a"), "old");
  Result<std::unique_ptr<File>> file = fs().OpenRead(P("a"));
  ASSERT_TRUE(IsOk(file));
  EXPECT_FALSE((*file)->WriteAt(0, AsBytes("new")).ok());
  EXPECT_FALSE((*file)->Truncate(0).ok());
  EXPECT_EQ(Read(P("a")), "old");
}

TEST_P(FileSystemContract, TimesAreKeptToTheNanosecond) {
  Write(P("a"), "x");
  for (int64_t mtime_ns : {int64_t{1'600'000'000'123'456'789}, int64_t{0}, int64_t{1}, int64_t{-1},
                           int64_t{-315'619'200'999'999'999}}) {
    ASSERT_TRUE(IsOk(fs().SetMtime(P("a"), mtime_ns)));
    EXPECT_EQ(StatOf(P("a")).mtime_ns, fs().TimeAsKept(mtime_ns));
    EXPECT_NE(StatOf(P("a")).ctime_ns, mtime_ns) << "the change time cannot be set";
  }
  Result<std::unique_ptr<File>> file = fs().OpenWrite(P("a"));
  ASSERT_TRUE(IsOk(file));
  ASSERT_TRUE(IsOk((*file)->SetMtime(987'654'321'012'345'678)));
  EXPECT_EQ(StatOf(P("a")).mtime_ns, fs().TimeAsKept(987'654'321'012'345'678));
  EXPECT_TRUE(FailsWith(fs().SetMtime(P("missing"), 5), Errc::kNotFound));
}

TEST_P(FileSystemContract, WritingMovesTheTimesAndKeepsTheInode) {
  Write(P("a"), "x");
  ASSERT_TRUE(IsOk(fs().SetMtime(P("a"), 12345)));
  FileStat before = StatOf(P("a"));
  Result<std::unique_ptr<File>> file = fs().OpenWrite(P("a"));
  ASSERT_TRUE(IsOk(file));
  ASSERT_TRUE(IsOk((*file)->WriteAt(0, AsBytes("y"))));
  FileStat after = StatOf(P("a"));
  EXPECT_NE(after.mtime_ns, 12345);
  EXPECT_GE(after.ctime_ns, before.ctime_ns);
  EXPECT_EQ(after.inode, before.inode);
}

TEST_P(FileSystemContract, AnOpenFileTellsTheSameStatAsItsName) {
  Write(P("a"), "hello");
  Result<std::unique_ptr<File>> file = fs().OpenRead(P("a"));
  ASSERT_TRUE(IsOk(file));
  Result<FileStat> stat = (*file)->Stat();
  ASSERT_TRUE(IsOk(stat));
  EXPECT_EQ(*stat, StatOf(P("a")));
}

TEST_P(FileSystemContract, SyncCallsChangeNothingThatCanBeSeen) {
  MakeDir(P("d"));
  std::vector<RelPath> files;
  for (int i = 0; i < 20; ++i) {
    files.push_back(P("d/" + std::to_string(i)));
    Write(files.back(), "content " + std::to_string(i));
  }
  FileStat before = StatOf(files[7]);
  EXPECT_TRUE(IsOk(fs().SyncFiles({})));
  EXPECT_TRUE(IsOk(fs().SyncFiles({files[0], files[1]})));
  EXPECT_TRUE(IsOk(fs().SyncFiles(files)));
  EXPECT_TRUE(IsOk(fs().SyncDir(P("d"))));
  EXPECT_TRUE(IsOk(fs().SyncDir(RelPath())));
  EXPECT_TRUE(FailsWith(fs().SyncDir(P("missing")), Errc::kNotFound));
  EXPECT_TRUE(IsOk(fs().SyncDirs({})));
  EXPECT_TRUE(IsOk(fs().SyncDirs({RelPath(), P("d"), P("missing"), P("missing/below")})));
  EXPECT_TRUE(FailsWith(fs().SyncFiles({P("d/missing")}), Errc::kNotFound));
  Result<std::unique_ptr<File>> file = fs().OpenWrite(files[7]);
  ASSERT_TRUE(IsOk(file));
  EXPECT_TRUE(IsOk((*file)->Sync()));
  EXPECT_EQ(StatOf(files[7]), before);
  EXPECT_EQ(Read(files[7]), "content 7");
}

TEST_P(FileSystemContract, AWriterIsNeverMissedAndNeverInvented) {
  Write(P("f"), "content");
  EXPECT_NE(fs().WritersOf(P("f")), Writers::kSome);
  {
    Result<std::unique_ptr<File>> file = fs().OpenWrite(P("f"));
    ASSERT_TRUE(IsOk(file));
    EXPECT_NE(fs().WritersOf(P("f")), Writers::kNone);
  }
  {
    Result<std::unique_ptr<File>> file = fs().OpenRead(P("f"));
    ASSERT_TRUE(IsOk(file));
    EXPECT_NE(fs().WritersOf(P("f")), Writers::kSome);
  }
  MakeDir(P("d"));
  EXPECT_EQ(fs().WritersOf(P("d")), Writers::kUnknown);
  EXPECT_EQ(fs().WritersOf(P("missing")), Writers::kUnknown);
}

TEST_P(FileSystemContract, SpaceIsPlausible) {
  Result<VolumeSpace> space = fs().Space();
  ASSERT_TRUE(IsOk(space));
  EXPECT_GT(space->total_bytes, 0u);
  EXPECT_LE(space->free_bytes, space->total_bytes);
}

}  // namespace atozsync
