// What a job on a worker may use again of what it has opened (sync/os/dir_handles.h), and when it
// has to look anew.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "sync/os/dir_handles.h"
#include "sync/os/posix_file_system.h"
#include "tests/contract/temp_dir.h"

namespace atozsync {
namespace {

namespace stdfs = std::filesystem;

RelPath P(std::string_view path) {
  return RelPath::Trusted(path);
}

class DirHandlesTest : public testing::Test {
 protected:
  std::string Disk(const std::string& path) const { return root_ + "/" + path; }
  void Make(const std::string& dir, const std::string& text) {
    stdfs::create_directories(Disk(dir));
    std::ofstream(Disk(dir) + "/f") << text;
  }
  // How many bytes the file has; -1 where there is none.
  int64_t SizeOf(std::string_view path) {
    const Result<FileStat> stat = fs_->Stat(P(path));
    return stat.ok() ? static_cast<int64_t>(stat->size) : -1;
  }

  TempDir dir_;
  const std::string root_ = dir_.path() + "/root";
  const bool made_ = stdfs::create_directory(root_);
  const std::unique_ptr<PosixFileSystem> fs_ = PosixFileSystem::Open(root_).value();
};

TEST_F(DirHandlesTest, AJobGoesOnInTheDirectoryItFound) {
  Make("d", "1");
  const DirHandles::Job job;
  EXPECT_EQ(SizeOf("d/f"), 1);
  stdfs::rename(Disk("d"), Disk("moved"));
  Make("d", "22");
  EXPECT_EQ(SizeOf("d/f"), 1) << "opened again for each file";
}

TEST_F(DirHandlesTest, TheNextJobLooksAnew) {
  Make("d", "1");
  {
    const DirHandles::Job job;
    EXPECT_EQ(SizeOf("d/f"), 1);
  }
  stdfs::rename(Disk("d"), Disk("moved"));
  Make("d", "22");
  const DirHandles::Job job;
  EXPECT_EQ(SizeOf("d/f"), 2);
}

TEST_F(DirHandlesTest, WithoutAJobEveryCallLooksAnew) {
  Make("d", "1");
  EXPECT_EQ(SizeOf("d/f"), 1);
  stdfs::rename(Disk("d"), Disk("moved"));
  Make("d", "22");
  EXPECT_EQ(SizeOf("d/f"), 2);
}

TEST_F(DirHandlesTest, WhatTheJobItselfMovesIsLookedForAnew) {
  Make("d/below", "1");
  Make("other", "22");
  const DirHandles::Job job;
  EXPECT_EQ(SizeOf("d/below/f"), 1);
  ASSERT_TRUE(fs_->RenameNoReplace(P("d"), P("moved")).ok());
  EXPECT_EQ(SizeOf("d/below/f"), -1);
  EXPECT_EQ(SizeOf("moved/below/f"), 1);
  EXPECT_EQ(SizeOf("other/f"), 2);
  ASSERT_TRUE(fs_->Exchange(P("moved/below"), P("other")).ok());
  EXPECT_EQ(SizeOf("moved/below/f"), 2);
  EXPECT_EQ(SizeOf("other/f"), 1);
}

TEST_F(DirHandlesTest, ADirectoryThatTheJobMakesAnewIsUsed) {
  Make("d", "1");
  const DirHandles::Job job;
  EXPECT_EQ(SizeOf("d/f"), 1);
  ASSERT_TRUE(fs_->RemoveFile(P("d/f")).ok());
  ASSERT_TRUE(fs_->RemoveDir(P("d")).ok());
  ASSERT_TRUE(fs_->MakeDir(P("d")).ok());
  EXPECT_TRUE(fs_->Create(P("d/f")).ok());
  EXPECT_TRUE(stdfs::exists(Disk("d/f")));
}

TEST_F(DirHandlesTest, OneThatAnotherMadeAnewIsUsedAfterTheTryToMakeIt) {
  Make("d", "1");
  const DirHandles::Job job;
  EXPECT_EQ(SizeOf("d/f"), 1);
  stdfs::remove_all(Disk("d"));
  stdfs::create_directory(Disk("d"));
  EXPECT_TRUE(fs_->Create(P("d/f")).Is(Errc::kNotFound));
  EXPECT_TRUE(fs_->MakeDir(P("d")).Is(Errc::kExists));
  EXPECT_TRUE(fs_->Create(P("d/f")).ok());
  EXPECT_TRUE(stdfs::exists(Disk("d/f")));
}

TEST_F(DirHandlesTest, ALinkInItsPlaceIsNotFollowed) {
  Make("d", "1");
  const DirHandles::Job job;
  EXPECT_EQ(SizeOf("d/f"), 1);
  const std::string outside = dir_.path() + "/outside";
  stdfs::create_directory(outside);
  stdfs::rename(Disk("d"), Disk("moved"));
  stdfs::create_symlink(outside, Disk("d"));
  EXPECT_TRUE(fs_->Create(P("d/g")).ok());
  EXPECT_TRUE(stdfs::exists(Disk("moved/g")));
  EXPECT_TRUE(stdfs::is_empty(outside));
}

TEST_F(DirHandlesTest, TheMarkerIsAlwaysAskedForByItsPath) {
  Make(".atozsync", "1");
  std::ofstream(Disk(".atozsync/root-id")) << "x";
  const DirHandles::Job job;
  EXPECT_EQ(SizeOf(".atozsync/f"), 1);
  EXPECT_EQ(SizeOf(".atozsync/root-id"), 1);
  stdfs::rename(root_, root_ + "-away");
  EXPECT_TRUE(fs_->Stat(P(".atozsync/root-id")).Is(Errc::kNotFound));
  stdfs::create_directory(root_);
  EXPECT_TRUE(fs_->Stat(P(".atozsync/root-id")).Is(Errc::kNotFound));
}

// More than a job keeps open, and one more often than it is used.
TEST_F(DirHandlesTest, ManyDirectoriesAndManyUses) {
  for (int i = 0; i < 10; ++i) Make(std::to_string(i), std::string(static_cast<size_t>(i), 'x'));
  const DirHandles::Job job;
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 10; ++i) EXPECT_EQ(SizeOf(std::to_string(i) + "/f"), i);
  }
  for (int use = 0; use < 200; ++use) EXPECT_EQ(SizeOf("7/f"), 7);
}

}  // namespace
}  // namespace atozsync
