// The FileSystem contract on the machine's own file system – also as on kernels without openat2()
// and file systems without RENAME_NOREPLACE – and what PosixFileSystem promises beyond it.
#include "sync/os/posix_file_system.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <climits>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <thread>

#include "tests/contract/file_system_contract.h"
#include "tests/contract/temp_dir.h"

namespace atozsync {
namespace {

namespace stdfs = std::filesystem;

PosixFileSystemOptions OldSystem() {
  PosixFileSystemOptions options;
  options.use_openat2 = false;
  options.use_renameat2 = false;
  return options;
}

class PosixUnderTest final : public FileSystemUnderTest {
 public:
  explicit PosixUnderTest(const PosixFileSystemOptions& options)
      : fs_(PosixFileSystem::Open(dir_.path(), options).value()) {}
  FileSystem& fs() override { return *fs_; }
  bool MakeLink(const RelPath& at, const RelPath& target) override {
    const std::string to = dir_.path() + "/" + target.str();
    return ::symlink(to.c_str(), (dir_.path() + "/" + at.str()).c_str()) == 0;
  }

 private:
  TempDir dir_;
  std::unique_ptr<PosixFileSystem> fs_;
};

template <PosixFileSystemOptions (*options)()>
std::unique_ptr<FileSystemUnderTest> Make() {
  return std::make_unique<PosixUnderTest>(options());
}
PosixFileSystemOptions NewSystem() {
  return {};
}

INSTANTIATE_TEST_SUITE_P(Posix, FileSystemContract,
                         testing::Values(FileSystemFactory(&Make<&NewSystem>)));
INSTANTIATE_TEST_SUITE_P(PosixOldSystem, FileSystemContract,
                         testing::Values(FileSystemFactory(&Make<&OldSystem>)));

RelPath P(std::string_view path) {
  return RelPath::Trusted(path);
}

void MustWrite(FileSystem& fs, const RelPath& path, std::string_view content) {
  Result<std::unique_ptr<File>> file = fs.Create(path);
  ASSERT_TRUE(IsOk(file));
  ASSERT_TRUE(IsOk((*file)->WriteAt(0, AsBytes(content))));
}

std::string MustRead(FileSystem& fs, const RelPath& path) {
  Result<std::unique_ptr<File>> file = fs.OpenRead(path);
  if (!file.ok()) return "<" + file.status().ToString() + ">";
  Bytes buffer(1000);
  const size_t got = (*file)->ReadAt(0, buffer).value();
  return std::string(AsText(ByteSpan(buffer).first(got)));
}

// Everything on new and old systems.
class PosixFileSystemTest : public testing::TestWithParam<bool> {
 protected:
  std::string Disk(const std::string& path) const { return root_ + "/" + path; }

  TempDir dir_;
  const std::string root_ = dir_.path() + "/root";
  const bool made_ = stdfs::create_directory(root_);
  const std::unique_ptr<PosixFileSystem> fs_ =
      PosixFileSystem::Open(root_, GetParam() ? NewSystem() : OldSystem()).value();
};
INSTANTIATE_TEST_SUITE_P(Systems, PosixFileSystemTest, testing::Values(true, false),
                         [](const auto& system) { return system.param ? "New" : "Old"; });

TEST_P(PosixFileSystemTest, ADirectoryReplacedByALinkToTheSystemIsNotFollowed) {
  ASSERT_TRUE(IsOk(fs_->MakeDir(P("etc"))));
  MustWrite(*fs_, P("etc/passwd"), "ours");
  EXPECT_EQ(MustRead(*fs_, P("etc/passwd")), "ours");
  stdfs::rename(Disk("etc"), Disk("moved"));
  stdfs::create_symlink("/etc", Disk("etc"));
  EXPECT_TRUE(FailsWith(fs_->Stat(P("etc/passwd")), Errc::kNotFound));
  EXPECT_TRUE(FailsWith(fs_->OpenRead(P("etc/passwd")), Errc::kNotFound));
  EXPECT_TRUE(FailsWith(fs_->List(P("etc")), Errc::kNotFound));
  EXPECT_TRUE(FailsWith(fs_->SyncDir(P("etc")), Errc::kNotFound));
}

TEST_P(PosixFileSystemTest, ADirectorySwappedForALinkMeanwhileIsNotFollowed) {
  const std::string outside = dir_.path() + "/outside";
  stdfs::create_directory(outside);
  ASSERT_TRUE(IsOk(fs_->MakeDir(P("d"))));
  stdfs::create_symlink(outside, Disk("link"));
  std::atomic<bool> stop = false;
  std::thread attacker([&] {
    while (!stop) {
      ::renameat2(AT_FDCWD, Disk("d").c_str(), AT_FDCWD, Disk("link").c_str(), RENAME_EXCHANGE);
    }
  });
  // Until both outcomes were seen often enough, with an end in case one never comes.
  int inside = 0;
  int refused = 0;
  for (int i = 0; i < 200'000 && (inside < 200 || refused < 200); ++i) {
    const Status status = fs_->Create(P("d/" + std::to_string(i))).status();
    if (status.ok()) {
      ++inside;
    } else {
      EXPECT_TRUE(FailsWith(status, Errc::kNotFound));
      ++refused;
    }
  }
  stop = true;
  attacker.join();
  EXPECT_GT(inside, 0);
  EXPECT_GT(refused, 0);
  EXPECT_TRUE(stdfs::is_empty(outside));
}

TEST_P(PosixFileSystemTest, PathsLongerThanTheSystemAllowsWork) {
  RelPath dir;
  while (dir.str().size() < 2 * PATH_MAX) {
    dir = dir.Child(std::string(200, 'd'));
    ASSERT_TRUE(IsOk(fs_->MakeDir(dir)));
  }
  MustWrite(*fs_, dir.Child("a"), "deep");
  EXPECT_EQ(MustRead(*fs_, dir.Child("a")), "deep");
  ASSERT_TRUE(IsOk(fs_->RenameNoReplace(dir.Child("a"), dir.Child("b"))));
  EXPECT_EQ(fs_->List(dir).value().at(0).name, "b");
  EXPECT_TRUE(IsOk(fs_->SyncFiles({dir.Child("b")})));
  EXPECT_TRUE(IsOk(fs_->SyncDir(dir)));
  // Back to the top, so that ordinary tools can remove it.
  for (int i = 0; !dir.is_root(); ++i, dir = dir.parent()) {
    ASSERT_TRUE(IsOk(fs_->RenameNoReplace(dir, P(std::to_string(i)))));
  }
}

TEST_P(PosixFileSystemTest, SpecialFilesAreSeenAndDoNotBlock) {
  ASSERT_EQ(::mkfifo(Disk("pipe").c_str(), 0600), 0);
  EXPECT_EQ(fs_->Stat(P("pipe")).value().kind, NodeKind::kOther);
  EXPECT_EQ(fs_->List(RelPath()).value().at(0).stat.kind, NodeKind::kOther);
  EXPECT_TRUE(FailsWith(fs_->OpenRead(P("pipe")), Errc::kInvalid));
  EXPECT_TRUE(FailsWith(fs_->OpenWrite(P("pipe")), Errc::kInvalid));
}

TEST_P(PosixFileSystemTest, SettingTheTimeKeepsTheAccessTime) {
  MustWrite(*fs_, P("a"), "x");
  const timespec times[2] = {{1000, 7}, {2000, 8}};
  ASSERT_EQ(::utimensat(AT_FDCWD, Disk("a").c_str(), times, 0), 0);
  ASSERT_TRUE(IsOk(fs_->SetMtime(P("a"), 5)));
  ASSERT_TRUE(IsOk(fs_->OpenWrite(P("a")).value()->SetMtime(6)));
  struct stat system {};
  ASSERT_EQ(::stat(Disk("a").c_str(), &system), 0);
  EXPECT_EQ(system.st_atim.tv_sec, 1000);
  EXPECT_EQ(system.st_atim.tv_nsec, 7);
  EXPECT_EQ(system.st_mtim.tv_nsec, 6);
}

TEST_P(PosixFileSystemTest, NewNamesHaveTheModeOfTheUmask) {
  const mode_t before = ::umask(0027);
  MustWrite(*fs_, P("f"), "x");
  EXPECT_TRUE(IsOk(fs_->MakeDir(P("d"))));
  ::umask(before);
  struct stat system {};
  ASSERT_EQ(::stat(Disk("f").c_str(), &system), 0);
  EXPECT_EQ(system.st_mode & 07777, 0640u);
  ASSERT_EQ(::stat(Disk("d").c_str(), &system), 0);
  EXPECT_EQ(system.st_mode & 07777, 0750u);
}

TEST_P(PosixFileSystemTest, ManyFilesAreSyncedTogetherAndMissingOnesTold) {
  std::vector<RelPath> files;
  for (int i = 0; i < 50; ++i) {
    files.push_back(P(std::to_string(i)));
    MustWrite(*fs_, files.back(), "x");
  }
  EXPECT_TRUE(IsOk(fs_->SyncFiles(files)));
  files.push_back(P("missing"));
  EXPECT_TRUE(FailsWith(fs_->SyncFiles(files), Errc::kNotFound));
}

TEST_P(PosixFileSystemTest, ManyDirectoriesAreSyncedTogetherAndMissingOnesSkipped) {
  std::vector<RelPath> dirs = {RelPath(), P("gone"), P("gone/too")};
  for (int i = 0; i < 50; ++i) {
    dirs.push_back(P(std::to_string(i)));
    ASSERT_TRUE(IsOk(fs_->MakeDir(dirs.back())));
  }
  EXPECT_TRUE(IsOk(fs_->SyncDirs(dirs)));
}

TEST_P(PosixFileSystemTest, MovingALinkedFileKeepsItsOtherNames) {
  MustWrite(*fs_, P("a"), "x");
  stdfs::create_hard_link(Disk("a"), Disk("other"));
  ASSERT_TRUE(IsOk(fs_->RenameNoReplace(P("a"), P("b"))));
  EXPECT_TRUE(FailsWith(fs_->RenameNoReplace(P("b"), P("other")), Errc::kExists));
  EXPECT_FALSE(stdfs::exists(Disk("a")));
  EXPECT_EQ(MustRead(*fs_, P("b")), "x");
  EXPECT_EQ(MustRead(*fs_, P("other")), "x");
}

TEST_P(PosixFileSystemTest, ServesSeveralThreads) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([this, t] {
      const RelPath dir = P("thread " + std::to_string(t));
      EXPECT_TRUE(IsOk(fs_->MakeDir(dir)));
      for (int i = 0; i < 50; ++i) {
        MustWrite(*fs_, dir.Child(std::to_string(i)), std::to_string(t));
        EXPECT_TRUE(IsOk(fs_->List(RelPath())));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (int t = 0; t < 4; ++t) {
    const RelPath dir = P("thread " + std::to_string(t));
    EXPECT_EQ(fs_->List(dir).value().size(), 50u);
    EXPECT_EQ(MustRead(*fs_, dir.Child("49")), std::to_string(t));
  }
}

// --- The root goes away ---

TEST_P(PosixFileSystemTest, AMissingRootIsNoDeletion) {
  MustWrite(*fs_, P("a"), "x");
  stdfs::rename(root_, root_ + "-away");
  EXPECT_TRUE(FailsWith(fs_->Stat(P("a")), Errc::kIo));
  EXPECT_TRUE(FailsWith(fs_->List(RelPath()), Errc::kIo));
  EXPECT_TRUE(FailsWith(fs_->OpenRead(P("a")), Errc::kIo));
  EXPECT_TRUE(FailsWith(fs_->Create(P("b")), Errc::kIo));
  EXPECT_TRUE(FailsWith(fs_->Space(), Errc::kIo));
  EXPECT_TRUE(FailsWith(fs_->Stat(RelPath()), Errc::kNotFound));
  EXPECT_TRUE(FailsWith(fs_->Stat(P(".atozsync/root-id")), Errc::kNotFound));
  EXPECT_FALSE(stdfs::exists(root_ + "-away/b"));
  stdfs::rename(root_ + "-away", root_);
  EXPECT_EQ(MustRead(*fs_, P("a")), "x");
}

TEST_P(PosixFileSystemTest, AReplacedRootIsTakenOverOnlyByWhoAsksForTheMarker) {
  MustWrite(*fs_, P("a"), "x");
  stdfs::rename(root_, root_ + "-away");
  stdfs::create_directory(root_);
  EXPECT_TRUE(FailsWith(fs_->Stat(P("a")), Errc::kIo)) << "an unmounted volume looks like this";
  EXPECT_TRUE(FailsWith(fs_->List(RelPath()), Errc::kIo));
  EXPECT_TRUE(FailsWith(fs_->Create(P("b")), Errc::kIo));
  EXPECT_TRUE(FailsWith(fs_->Stat(P(".atozsync/root-id")), Errc::kNotFound));
  stdfs::create_directory(Disk(".atozsync"));
  std::ofstream(Disk(".atozsync/root-id")) << "x";
  EXPECT_TRUE(FailsWith(fs_->Stat(P("a")), Errc::kIo)) << "nobody has asked for it yet";
  EXPECT_TRUE(IsOk(fs_->Stat(P(".atozsync/root-id"))));
  EXPECT_TRUE(FailsWith(fs_->Stat(P("a")), Errc::kNotFound)) << "known from here on";
  MustWrite(*fs_, P("b"), "in the new root");
  EXPECT_TRUE(stdfs::exists(Disk("b")));
  EXPECT_FALSE(stdfs::exists(root_ + "-away/b"));
}

TEST_P(PosixFileSystemTest, NothingIsWrittenWhereNoMarkerIs) {
  MustWrite(*fs_, P("a"), "x");
  stdfs::rename(root_, root_ + "-away");
  stdfs::create_directory(root_);
  EXPECT_TRUE(FailsWith(fs_->Stat(P(".atozsync/root-id")), Errc::kNotFound));
  // Jobs that were under way.
  EXPECT_TRUE(FailsWith(fs_->MakeDir(P(".atozsync")), Errc::kIo));
  EXPECT_TRUE(FailsWith(fs_->Create(P("b")), Errc::kIo));
  EXPECT_TRUE(FailsWith(fs_->Stat(P("a")), Errc::kIo)) << "no deletion";
  EXPECT_TRUE(FailsWith(fs_->List(RelPath()), Errc::kIo));
  EXPECT_TRUE(IsOk(fs_->Stat(RelPath())));
  EXPECT_TRUE(FailsWith(fs_->List(RelPath()), Errc::kIo)) << "however it was asked for";
  EXPECT_TRUE(stdfs::is_empty(root_));
}

TEST_P(PosixFileSystemTest, OpeningNeedsADirectory) {
  EXPECT_TRUE(FailsWith(PosixFileSystem::Open(root_ + "/missing"), Errc::kNotFound));
  MustWrite(*fs_, P("file"), "x");
  EXPECT_TRUE(FailsWith(PosixFileSystem::Open(Disk("file")), Errc::kNotFound));
  stdfs::create_directory_symlink(root_, root_ + "-link");
  EXPECT_TRUE(IsOk(PosixFileSystem::Open(root_ + "-link"))) << "a person may choose a link";
}

}  // namespace
}  // namespace atozsync
