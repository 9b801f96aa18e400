// Who has a file open for writing, as the kernel of this machine answers it.
#include "sync/os/posix_writers.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <atomic>
#include <csignal>
#include <thread>

#include "sync/os/posix_file_system.h"
#include "sync/os/unique_fd.h"
#include "tests/contract/temp_dir.h"

namespace atozsync {
namespace {

class PosixWriters : public testing::Test {
 protected:
  PosixWriters() { UniqueFd made(::open(file_.c_str(), O_WRONLY | O_CREAT, 0644)); }
  UniqueFd Open(int flags) const { return UniqueFd(::open(file_.c_str(), flags | O_CLOEXEC)); }
  Writers Asked() { return fs_->WritersOf(RelPath::Trusted("file")); }

  TempDir dir_;
  const std::string file_ = dir_.path() + "/file";
  const std::unique_ptr<PosixFileSystem> fs_ = PosixFileSystem::Open(dir_.path()).value();
};

TEST_F(PosixWriters, OneThatHasItOpenForWritingIsSeenUntilItClosesIt) {
  EXPECT_EQ(Asked(), Writers::kNone);
  {
    const UniqueFd reader = Open(O_RDONLY);
    EXPECT_EQ(Asked(), Writers::kNone);
    const UniqueFd writer = Open(O_WRONLY | O_APPEND);
    EXPECT_EQ(Asked(), Writers::kSome);
  }
  EXPECT_EQ(Asked(), Writers::kNone);
}

TEST_F(PosixWriters, OneThatHasItMappedForWritingIsSeenWithoutADescriptor) {
  constexpr size_t kBytes = 4096;
  void* mapped = nullptr;
  {
    const UniqueFd writer = Open(O_RDWR);
    mapped = ::mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_SHARED, writer.get(), 0);
    ASSERT_NE(mapped, MAP_FAILED);
  }
  EXPECT_EQ(Asked(), Writers::kSome);
  ::munmap(mapped, kBytes);
  EXPECT_EQ(Asked(), Writers::kNone);
}

TEST_F(PosixWriters, WhatIsNoFileHasNoAnswer) {
  EXPECT_EQ(fs_->WritersOf(RelPath()), Writers::kUnknown);
  EXPECT_EQ(fs_->WritersOf(RelPath::Trusted("missing")), Writers::kUnknown);
  ASSERT_EQ(::mkfifo((dir_.path() + "/pipe").c_str(), 0644), 0);
  EXPECT_EQ(fs_->WritersOf(RelPath::Trusted("pipe")), Writers::kUnknown);
}

TEST_F(PosixWriters, NothingStandsInAWritersWayAfterTheAnswer) {
  const UniqueFd reader = Open(O_RDONLY);
  ASSERT_EQ(WritersOfOpenFile(reader.get()), Writers::kNone);
  const UniqueFd writer = Open(O_WRONLY | O_NONBLOCK);  // refused where a lease stands
  EXPECT_TRUE(writer.valid());
}

// The kernel tells the holder of a lease that somebody opens the file: by a signal that must not
// end the program. The test is over when that has happened, or has not for very often.
TEST_F(PosixWriters, AWriterThatComesMeanwhileEndsNobody) {
  struct sigaction before {};
  ASSERT_EQ(::sigaction(SIGIO, nullptr, &before), 0);
  ASSERT_EQ(before.sa_handler, SIG_DFL);  // which would end this program
  std::atomic<bool> over{false};
  std::atomic<int> opened{0};
  std::thread other([&] {
    while (!over) opened += Open(O_WRONLY).valid() ? 1 : 0;
  });
  int none = 0;
  int some = 0;
  for (int i = 0; i < 20'000 || none == 0 || some == 0 || opened == 0; ++i) {
    const Writers writers = Asked();
    none += writers == Writers::kNone ? 1 : 0;
    some += writers == Writers::kSome ? 1 : 0;
    ASSERT_NE(writers, Writers::kUnknown);
  }
  over = true;
  other.join();
}

}  // namespace
}  // namespace atozsync
