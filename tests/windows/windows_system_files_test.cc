// Files of the state directory, the lock, and facts about the machine, on Windows.
#include <gtest/gtest.h>
#include <windows.h>

#include "sync/os/file_lock.h"
#include "sync/os/network.h"
#include "sync/os/os_random.h"
#include "sync/os/process.h"
#include "sync/os/system_files.h"
#include "tests/contract/temp_dir.h"

namespace atozsync {
namespace {

class SystemFilesTest : public testing::Test {
 protected:
  TempDir dir_;
  const std::string root_ = dir_.path() + "/M\xc3\xbcller";
  const Status made_ = MakePrivateDir(root_ + "/a/b");
};

TEST_F(SystemFilesTest, SmallFilesAreWrittenWholeAndReplaced) {
  ASSERT_TRUE(made_.ok()) << made_.ToString();
  const std::string file = root_ + "/a/b/\xe4\xb8\xad.toml";
  for (const char* content : {"first", "", "second, which is longer"}) {
    const Status written = WriteSmallFile(file, content);
    ASSERT_TRUE(written.ok()) << written.ToString();
    const Result<std::string> read = ReadSmallFile(file, 100);
    ASSERT_TRUE(read.ok()) << read.status().ToString();
    EXPECT_EQ(*read, content);
  }
  EXPECT_TRUE(ReadSmallFile(file, 10).Is(Errc::kInvalid)) << "too long";
  EXPECT_TRUE(ReadSmallFile(root_ + "/none", 10).Is(Errc::kNotFound));
  EXPECT_EQ(NamesIn(root_ + "/a/b"), std::vector<std::string>{"\xe4\xb8\xad.toml"});
  RemoveFileIfThere(file);
  EXPECT_FALSE(PathExists(file));
  RemoveDirIfEmpty(root_ + "/a/b");
  EXPECT_FALSE(IsDirectory(root_ + "/a/b"));
}

TEST_F(SystemFilesTest, RenamingReplaces) {
  ASSERT_TRUE(WriteSmallFile(root_ + "/from", "new").ok());
  ASSERT_TRUE(WriteSmallFile(root_ + "/to", "old").ok());
  ASSERT_TRUE(RenameDurably(root_ + "/from", root_ + "/to").ok());
  EXPECT_EQ(ReadSmallFile(root_ + "/to", 10).value(), "new");
  EXPECT_TRUE(RenameDurably(root_ + "/from", root_ + "/to").Is(Errc::kNotFound));
}

TEST_F(SystemFilesTest, RealPathsAreAbsoluteWithForwardSlashes) {
  const Result<std::string> real = RealPath(root_ + "/a/../a/b");
  ASSERT_TRUE(real.ok()) << real.status().ToString();
  EXPECT_TRUE(real->ends_with("/M\xc3\xbcller/a/b")) << *real;
  EXPECT_EQ(real->find('\\'), std::string::npos);
  EXPECT_EQ(real->substr(1, 2), ":/");
  EXPECT_TRUE(RealPath(root_ + "/none").Is(Errc::kNotFound));
}

TEST(NamesTest, NamesOfPeopleBecomeOurs) {
  EXPECT_EQ(CleanName("C:\\Data\\M\xc3\xbcller\\"), "C:/Data/M\xc3\xbcller");
  EXPECT_EQ(CleanName("C:\\"), "C:/") << "not the working directory of that drive";
  EXPECT_EQ(CleanName("\\\\server\\share\\"), "//server/share");
  EXPECT_EQ(CleanName("a/b"), "a/b");
  for (const char* path : {"C:/", "c:\\a", "//server/share", "\\\\server\\share"}) {
    EXPECT_TRUE(IsAbsolute(path)) << path;
  }
  for (const char* path : {"", "C:", "C:a", "/a", "\\a", "a\\b", "1:/"}) {
    EXPECT_FALSE(IsAbsolute(path)) << path;
  }
}

TEST_F(SystemFilesTest, ALockKeepsOthersOutUntilItEnds) {
  const std::string file = root_ + "/lock";
  {
    const Result<FileLock> lock = FileLock::Try(file);
    ASSERT_TRUE(lock.ok()) << lock.status().ToString();
    EXPECT_TRUE(FileLock::Try(file).Is(Errc::kBusy));
  }
  EXPECT_TRUE(FileLock::Try(file).ok());
}

TEST(ProcessTest, TheMachineTellsWhatItIs) {
  EXPECT_FALSE(MachineName().empty());
  EXPECT_GT(ProcessId(), 0);
  EXPECT_TRUE(DefaultStateDirectory().ends_with("/atozsync"));
  EXPECT_TRUE(IsOwnAddress("127.0.0.1"));
  EXPECT_FALSE(IsOwnAddress("192.0.2.1"));
  OsRandom random;
  EXPECT_NE(random.NextU64(), random.NextU64());
}

}  // namespace
}  // namespace atozsync
