// The FileSystem contract on Windows' own file system – or Wine's: docs/windows.md names what Wine
// cannot show – and what WindowsFileSystem promises beyond it.
#include "sync/os/windows_file_system.h"

#include <windows.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "sync/base/exchange_by_renames.h"
#include "sync/os/windows_names.h"
#include "tests/contract/file_system_contract.h"
#include "tests/contract/temp_dir.h"

namespace atozsync {
namespace {

namespace stdfs = std::filesystem;

// Wine's ntdll says so; Windows' does not have it.
bool IsWine() {
  const HMODULE ntdll = ::GetModuleHandleW(L"ntdll.dll");
  return ntdll != nullptr && ::GetProcAddress(ntdll, "wine_get_version") != nullptr;
}

class WindowsUnderTest final : public FileSystemUnderTest {
 public:
  WindowsUnderTest() : fs_(WindowsFileSystem::Open(dir_.path()).value()) {}
  FileSystem& fs() override { return *fs_; }
  // Wine says that it did and does nothing.
  bool ChangesCase() const override { return !IsWine(); }
  // Links: Wine says that it made one and makes none; on Windows they need a right that tests
  // lack. MakeLink() stays what it is.

 private:
  TempDir dir_;
  std::unique_ptr<WindowsFileSystem> fs_;
};

std::unique_ptr<FileSystemUnderTest> Make() {
  return std::make_unique<WindowsUnderTest>();
}

INSTANTIATE_TEST_SUITE_P(Windows, FileSystemContract, testing::Values(FileSystemFactory(&Make)));

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

class WindowsFileSystemTest : public testing::Test {
 protected:
  std::wstring Native(const std::string& path) const { return NativeName(root_ + "/" + path); }
  // As some other program opens it.
  WindowsHandle OpenAsProgram(const std::string& path, DWORD access, DWORD share) const {
    return WindowsHandle(::CreateFileW(Native(path).c_str(), access, share, nullptr, OPEN_EXISTING,
                                       FILE_ATTRIBUTE_NORMAL, nullptr));
  }

  TempDir dir_;
  const std::string root_ = dir_.path() + "/root";
  const bool made_ = stdfs::create_directory(root_);
  const std::unique_ptr<WindowsFileSystem> fs_ = WindowsFileSystem::Open(root_).value();
};

TEST_F(WindowsFileSystemTest, UnicodeNamesGoThereAndBack) {
  const std::vector<std::string> names = {"M\xc3\xbcller.jpg", "\xe4\xb8\xad\xe6\x96\x87",
                                          "\xf0\x9f\x98\x80.png", "e\xcc\x81"};
  for (const std::string& name : names) MustWrite(*fs_, RelPath().Child(name), name);
  const auto entries = fs_->List(RelPath());
  ASSERT_TRUE(IsOk(entries));
  std::vector<std::string> listed;
  for (const DirEntry& entry : *entries) listed.push_back(entry.name);
  EXPECT_THAT(listed, testing::UnorderedElementsAreArray(names));
  for (const std::string& name : names) EXPECT_EQ(MustRead(*fs_, RelPath().Child(name)), name);
}

TEST_F(WindowsFileSystemTest, NamesThatWindowsReadsSomethingElseIntoAreRefused) {
  for (const char* name : {"CON", "aux.h", "nul", "a:b", "dot.", "space ", "what?"}) {
    const RelPath path = RelPath().Child(name);
    EXPECT_TRUE(FailsWith(fs_->Create(path), Errc::kUnsupported)) << name;
    EXPECT_TRUE(FailsWith(fs_->MakeDir(path), Errc::kUnsupported)) << name;
    EXPECT_TRUE(FailsWith(fs_->Stat(path.Child("below")), Errc::kUnsupported)) << name;
  }
  EXPECT_TRUE(fs_->List(RelPath()).value().empty());
}

TEST_F(WindowsFileSystemTest, AFileThatAProgramHoldsCannotBeReplacedAndStays) {
  MustWrite(*fs_, P("held"), "old");
  MustWrite(*fs_, P("new"), "new");
  {
    const WindowsHandle program = OpenAsProgram("held", GENERIC_READ, FILE_SHARE_READ);
    ASSERT_TRUE(program.valid());
    EXPECT_TRUE(FailsWith(fs_->Exchange(P("new"), P("held")), Errc::kBusy));
    EXPECT_TRUE(FailsWith(fs_->RemoveFile(P("held")), Errc::kBusy));
    EXPECT_EQ(MustRead(*fs_, P("held")), "old") << "reading is shared";
    EXPECT_EQ(MustRead(*fs_, P("new")), "new");
  }
  EXPECT_TRUE(IsOk(fs_->Exchange(P("new"), P("held"))));
  EXPECT_EQ(MustRead(*fs_, P("held")), "new");
}

TEST_F(WindowsFileSystemTest, AFileThatNobodyMayReadIsBusyAndCanBeLookedAt) {
  MustWrite(*fs_, P("locked"), "12345");
  const WindowsHandle program = OpenAsProgram("locked", GENERIC_READ | GENERIC_WRITE, 0);
  ASSERT_TRUE(program.valid());
  EXPECT_TRUE(FailsWith(fs_->OpenRead(P("locked")), Errc::kBusy));
  EXPECT_EQ(fs_->Stat(P("locked")).value().size, 5u);
  EXPECT_EQ(fs_->List(RelPath()).value().size(), 1u);
}

// What others have open is never in their way because of us.
TEST_F(WindowsFileSystemTest, OurHandlesShareEverything) {
  MustWrite(*fs_, P("a"), "x");
  const auto reading = fs_->OpenRead(P("a"));
  ASSERT_TRUE(IsOk(reading));
  EXPECT_TRUE(OpenAsProgram("a", GENERIC_READ | GENERIC_WRITE | DELETE,
                            FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE)
                  .valid());
  EXPECT_TRUE(IsOk(fs_->RenameNoReplace(P("a"), P("b")))) << "open, and renamed";
}

// A reader finds the old or the new content whole; between two renames it may find no name, but not
// for longer than that.
TEST_F(WindowsFileSystemTest, AReaderNeverSeesATornFile) {
  const std::string old_content(5000, 'o');
  const std::string new_content(5000, 'n');
  MustWrite(*fs_, P("file"), old_content);
  MustWrite(*fs_, P("staged"), new_content);
  std::atomic<bool> stop = false;
  std::atomic<int> torn = 0;
  std::atomic<int> whole = 0;
  std::thread reader([&] {
    while (!stop) {
      const WindowsHandle program = OpenAsProgram(
          "file", GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE);
      if (!program.valid()) continue;
      std::string content(6000, '\0');
      DWORD count = 0;
      ::ReadFile(program.get(), content.data(), 6000, &count, nullptr);
      content.resize(count);
      ++(content == old_content || content == new_content ? whole : torn);
      ::Sleep(5);  // not all the time in the way
    }
  });
  int swapped = 0;
  for (int i = 0; i < 1000 && (swapped < 20 || whole < 20); ++i) {
    const Status status = fs_->Exchange(P("staged"), P("file"));
    if (status.ok()) {
      ++swapped;
    } else {
      EXPECT_TRUE(FailsWith(status, Errc::kBusy));
    }
  }
  stop = true;
  reader.join();
  EXPECT_EQ(torn, 0);
  EXPECT_GE(swapped, 20);
  EXPECT_GE(whole, 20);
}

TEST_F(WindowsFileSystemTest, AnExchangeThatWasCutOffIsSettled) {
  struct Case {
    bool a, b;  // are there, beside what came out
    Settled settled;
    std::string at_a, at_b, aside;
  };
  const std::string gone = "<gone>";
  for (const Case& c : {Case{true, false, Settled::kUndone, "ours", "old", gone},
                        Case{false, true, Settled::kFinished, "old", "theirs", gone},
                        Case{true, true, Settled::kAside, "ours", "theirs", "old"}}) {
    if (c.a) MustWrite(*fs_, P("a"), "ours");
    if (c.b) MustWrite(*fs_, P("b"), "theirs");
    MustWrite(*fs_, ExchangeRoom(P("a")), "old");
    const Result<Settled> settled = fs_->SettleExchange(P("a"), P("b"), P("aside/a"));
    ASSERT_TRUE(IsOk(settled));
    EXPECT_EQ(*settled, c.settled);
    auto at = [&](const RelPath& path) {
      return fs_->Stat(path).ok() ? MustRead(*fs_, path) : gone;
    };
    EXPECT_EQ(at(P("a")), c.at_a);
    EXPECT_EQ(at(P("b")), c.at_b);
    EXPECT_EQ(at(P("aside/a")), c.aside);
    EXPECT_EQ(at(ExchangeRoom(P("a"))), gone);
    for (const char* name : {"a", "b", "aside/a"}) fs_->RemoveFile(P(name)).IgnoreError();
  }
}

TEST_F(WindowsFileSystemTest, TheEnginesOwnFolderIsHidden) {
  ASSERT_TRUE(IsOk(fs_->MakeDir(P(".atozsync"))));
  ASSERT_TRUE(IsOk(fs_->MakeDir(P("other"))));
  if (IsWine()) GTEST_SKIP() << "Wine hides by the dot alone, and does not keep the attribute";
  EXPECT_NE(::GetFileAttributesW(Native(".atozsync").c_str()) & FILE_ATTRIBUTE_HIDDEN, 0u);
  EXPECT_EQ(::GetFileAttributesW(Native("other").c_str()) & FILE_ATTRIBUTE_HIDDEN, 0u);
}

TEST_F(WindowsFileSystemTest, AMissingRootIsNoDeletion) {
  MustWrite(*fs_, P("a"), "x");
  stdfs::rename(root_, root_ + "-away");
  EXPECT_TRUE(FailsWith(fs_->Stat(P("a")), Errc::kIo));
  EXPECT_TRUE(FailsWith(fs_->List(RelPath()), Errc::kIo));
  EXPECT_TRUE(FailsWith(fs_->Create(P("b")), Errc::kIo));
  EXPECT_TRUE(FailsWith(fs_->Stat(RelPath()), Errc::kNotFound));
  EXPECT_TRUE(FailsWith(fs_->Stat(P(".atozsync/root-id")), Errc::kNotFound));
  stdfs::rename(root_ + "-away", root_);
  EXPECT_EQ(MustRead(*fs_, P("a")), "x");
}

TEST_F(WindowsFileSystemTest, AReplacedRootIsTakenOverOnlyByWhoAsksForTheMarker) {
  MustWrite(*fs_, P("a"), "x");
  stdfs::rename(root_, root_ + "-away");
  stdfs::create_directory(root_);
  EXPECT_TRUE(FailsWith(fs_->Stat(P("a")), Errc::kIo));
  EXPECT_TRUE(FailsWith(fs_->Stat(P(".atozsync/root-id")), Errc::kNotFound));
  EXPECT_TRUE(FailsWith(fs_->Create(P("b")), Errc::kIo)) << "no marker in it";
  EXPECT_TRUE(stdfs::is_empty(root_));
}

TEST_F(WindowsFileSystemTest, OpeningNeedsADirectory) {
  EXPECT_TRUE(FailsWith(WindowsFileSystem::Open(root_ + "/missing"), Errc::kNotFound));
  MustWrite(*fs_, P("file"), "x");
  EXPECT_TRUE(FailsWith(WindowsFileSystem::Open(root_ + "/file"), Errc::kNotFound));
}

}  // namespace
}  // namespace atozsync
