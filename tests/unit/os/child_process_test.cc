#include "sync/os/child_process.h"

#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <optional>
#include <sstream>

#include "tests/contract/temp_dir.h"

namespace atozsync {
namespace {

class ChildProcessTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { std::signal(SIGPIPE, SIG_IGN); }  // as the agent does
  Status RunToTheEnd(std::vector<std::string> words, const std::string& input,
                     int64_t time_ms = 60'000) {
    std::optional<Status> result;
    auto child =
        ChildProcess::Run(executor_, std::move(words), input, time_ms, [&](const Status& status) {
          result = status;
          executor_.Stop();
        });
    EXPECT_FALSE(result.has_value()) << "answered inside the call";
    executor_.Run();
    return *result;
  }
  std::string Read(const std::string& file) {
    std::ostringstream text;
    text << std::ifstream(file, std::ios::binary).rdbuf();
    return text.str();
  }

  TempDir dir_;
  UvExecutor executor_{1};
};

TEST_F(ChildProcessTest, GetsItsWordsAndItsInput) {
  const std::string out = dir_.path() + "/out";
  const Status status = RunToTheEnd(
      {"/bin/sh", "-c", "cat > \"$1\"; printf %s \"$2\" >> \"$1\"", "sh", out, "$(id) `x` \"'"},
      "text\n");
  EXPECT_TRUE(status.ok()) << status.ToString();
  EXPECT_EQ(Read(out), "text\n$(id) `x` \"'");
}

TEST_F(ChildProcessTest, FailuresAreSaid) {
  EXPECT_TRUE(RunToTheEnd({"/bin/sh", "-c", "exit 7"}, "").Is(Errc::kIo));
  EXPECT_TRUE(RunToTheEnd({"/bin/sh", "-c", "kill -9 $$"}, "").Is(Errc::kIo));
  EXPECT_TRUE(RunToTheEnd({"/nothing/here"}, "").Is(Errc::kIo));
}

TEST_F(ChildProcessTest, OneThatDoesNotReadIsNoTrouble) {
  EXPECT_TRUE(RunToTheEnd({"/bin/true"}, std::string(1 << 20, 'x')).ok());
}

TEST_F(ChildProcessTest, OneThatDoesNotEndIsEnded) {
  EXPECT_TRUE(RunToTheEnd({"/bin/sleep", "1000"}, "", 50).Is(Errc::kTimeout));
}

TEST_F(ChildProcessTest, DestroyedWhileItRuns) {
  auto child = ChildProcess::Run(executor_, {"/bin/sleep", "1000"}, "", 60'000,
                                 [](const Status&) { FAIL() << "nobody waits any more"; });
  executor_.PostAfter(10, [&] { child.reset(); });
  executor_.PostAfter(50, [&] { executor_.Stop(); });
  executor_.Run();
}

}  // namespace
}  // namespace atozsync
