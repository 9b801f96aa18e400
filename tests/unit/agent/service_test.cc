// The service under systemd, with a systemctl of our own first in PATH; what the journal gets; what
// `doctor` says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "agent/config.h"
#include "agent/doctor/service_checks.h"
#include "agent/logging.h"
#include "agent/service/journal.h"
#include "agent/service/systemctl.h"
#include "agent/service/systemd_manager.h"
#include "agent/service/watchdog.h"
#include "tests/unit/agent/test_dir.h"

namespace atozsync {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class Environment {
 public:
  Environment(const char* name, const std::string& value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    ::setenv(name, value.c_str(), 1);
  }
  ~Environment() { before_ ? ::setenv(name_, before_->c_str(), 1) : ::unsetenv(name_); }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  const char* name_;
  std::optional<std::string> before_;
};

// Answers `show` and `cat` from files, fails where a file FAIL names the word, notes every call.
constexpr const char* kFakeSystemctl = R"script(#!/bin/sh
dir=$(dirname "$0")
echo "$*" >>"$dir/calls"
[ "$1" != is-system-running ] || { cat "$dir/word"; exit 1; }
if [ -e "$dir/FAIL" ] && [ "$(cat "$dir/FAIL")" = "$1" ]; then echo "no such thing"; exit 1; fi
[ ! -e "$dir/$1" ] || cat "$dir/$1"
)script";

class ServiceTest : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"bin", "state", "root folder", "units"}) {
      std::filesystem::create_directory(dir_.File(name));
    }
    dir_.Write("bin/systemctl", kFakeSystemctl);
    ::chmod(dir_.File("bin/systemctl").c_str(), 0755);
    dir_.Write("bin/word", "degraded\n");
    ::chmod(dir_.File("root folder").c_str(), 02770);
  }
  ServiceSetup Wanted() {
    return {"/usr/bin/atozsync", dir_.File("state"), dir_.File("root folder"), "", false};
  }
  std::string DropIn() { return dir_.Read("units/atozsync.service.d/10-folder.conf"); }
  void Show(const std::string& active, const std::string& enabled) {
    dir_.Write("bin/show", "LoadState=loaded\nActiveState=" + active +
                               "\nSubState=x\nUnitFileState=" + enabled +
                               "\nMainPID=77\nStatusText=running\n");
  }
  Diagnoses Check(bool agent_answers) {
    Config config;
    config.root = dir_.File("root folder");
    return CheckService(manager_, StateDir(dir_.File("state")), config, agent_answers);
  }

  TestDir dir_;
  Environment path_{"PATH", dir_.File("bin") + ":/usr/bin:/bin"};
  SystemdManager manager_{{dir_.File("units"), {dir_.File("packaged")}}};
};

TEST_F(ServiceTest, InstallWritesUnitAndFolderAndEnablesIt) {
  auto written = manager_.Install(Wanted());
  ASSERT_TRUE(written.ok()) << written.status().ToString();
  EXPECT_THAT(*written, ElementsAre(dir_.File("units/atozsync.service"),
                                    dir_.File("units/atozsync.service.d/10-folder.conf")));
  EXPECT_EQ(dir_.Read("units/atozsync.service"), kPackagedUnit);
  EXPECT_EQ(dir_.Read("bin/calls"), "is-system-running\ndaemon-reload\nenable atozsync.service\n");
  const std::string root = "\"" + dir_.File("root folder") + "\"";
  EXPECT_THAT(DropIn(), HasSubstr("\nRequiresMountsFor=" + root + "\n"));
  EXPECT_THAT(DropIn(), HasSubstr("\nBindPaths=" + root + "\n"));
  EXPECT_THAT(DropIn(), HasSubstr("\nBindPaths=\"" + dir_.File("state") + "\"\n"));
  EXPECT_THAT(DropIn(), HasSubstr("\nExecStart=\nExecStart=\"/usr/bin/atozsync\" --state \"" +
                                  dir_.File("state") + "\" run\n"));
  EXPECT_THAT(DropIn(), HasSubstr("\nUMask=0007\n"));
  EXPECT_THAT(DropIn(), Not(HasSubstr("IPAddressDeny")));
}

TEST_F(ServiceTest, ThePackagesUnitIsNotWrittenOver) {
  std::filesystem::create_directory(dir_.File("packaged"));
  dir_.Write("packaged/atozsync.service", "the package's");
  ASSERT_TRUE(manager_.Install(Wanted()).ok());
  EXPECT_FALSE(std::filesystem::exists(dir_.File("units/atozsync.service")));
  EXPECT_NE(DropIn(), "");
}

TEST_F(ServiceTest, TheDropInSaysOnlyWhatThePackageCannotKnow) {
  const std::string usual = DropInText(
      {"/usr/bin/atozsync", "/var/lib/atozsync", "/srv/50% off", "/etc/elsewhere/pw", true},
      {"atozsync", "dental", 0005});
  EXPECT_THAT(usual, HasSubstr("\nUser=atozsync\nGroup=dental\nUMask=0005\n"));
  EXPECT_THAT(usual, HasSubstr("\nBindPaths=\"/srv/50%% off\"\n"));
  EXPECT_THAT(usual, HasSubstr("\nBindReadOnlyPaths=\"-/etc/elsewhere/pw\"\n"));
  EXPECT_THAT(usual, HasSubstr("\nIPAddressDeny=\n"));
  EXPECT_THAT(usual, Not(HasSubstr("ExecStart")));
  EXPECT_THAT(usual, Not(HasSubstr("StateDirectory")));
}

TEST_F(ServiceTest, OthersMayWhatTheyMayInTheFolder) {
  ::chmod(dir_.File("root folder").c_str(), 0775);
  ASSERT_TRUE(manager_.Install(Wanted()).ok());
  EXPECT_THAT(DropIn(), HasSubstr("\nUMask=0002\n"));
}

TEST_F(ServiceTest, NamesThatAUnitCannotHoldAreRefused) {
  for (const char* name : {"a\nUser=root", "a\"b", "a:b", "a\\b"}) {
    ServiceSetup setup = Wanted();
    setup.root = dir_.File(name);
    std::filesystem::create_directory(setup.root);
    Status refused = manager_.Install(setup).status();
    EXPECT_TRUE(refused.Is(Errc::kInvalid)) << refused.ToString();
  }
  EXPECT_EQ(DropIn(), "");
}

TEST_F(ServiceTest, UninstallTakesBackWhatInstallDid) {
  ASSERT_TRUE(manager_.Install(Wanted()).ok());
  Show("active", "enabled");
  dir_.Write("bin/calls", "");
  Status done = manager_.Uninstall();
  ASSERT_TRUE(done.ok()) << done.ToString();
  EXPECT_THAT(dir_.Read("bin/calls"), HasSubstr("disable --now atozsync.service\n"));
  EXPECT_THAT(dir_.Read("bin/calls"), HasSubstr("daemon-reload\n"));
  EXPECT_TRUE(std::filesystem::is_empty(dir_.File("units")));
  EXPECT_TRUE(std::filesystem::exists(dir_.File("state")));
}

TEST_F(ServiceTest, StartStopAndWhatSystemctlSaysAgainstIt) {
  EXPECT_TRUE(manager_.Start().ok());
  EXPECT_TRUE(manager_.Stop().ok());
  EXPECT_EQ(dir_.Read("bin/calls"),
            "is-system-running\nstart atozsync.service\n"
            "is-system-running\nstop atozsync.service\n");
  dir_.Write("bin/FAIL", "start");
  Status failed = manager_.Start();
  EXPECT_THAT(failed.ToString(), HasSubstr("no such thing"));
  EXPECT_THAT(failed.ToString(), HasSubstr("journalctl"));
}

TEST_F(ServiceTest, StateIsWhatSystemctlShows) {
  Show("active", "enabled");
  auto state = manager_.State();
  ASSERT_TRUE(state.ok());
  EXPECT_TRUE(state->installed && state->enabled && state->running);
  EXPECT_EQ(state->pid, 77);
  EXPECT_EQ(state->word, "active (x)");
  EXPECT_EQ(state->status, "running");
  dir_.Write("bin/show", "LoadState=not-found\nActiveState=inactive\n");
  state = manager_.State();
  EXPECT_FALSE(state->installed || state->enabled || state->running);
}

TEST_F(ServiceTest, WithoutSystemdItSaysWhatToDoInstead) {
  dir_.Write("bin/word", "offline\n");
  for (const Status& status : {manager_.Install(Wanted()).status(), manager_.Uninstall(),
                               manager_.Start(), manager_.Stop(), manager_.State().status()}) {
    EXPECT_TRUE(status.Is(Errc::kUnsupported)) << status.ToString();
    EXPECT_THAT(status.ToString(), HasSubstr("atozsync run"));
  }
  EXPECT_THAT(Check(true), IsEmpty());
  EXPECT_EQ(DropIn(), "");
  Environment nothing("PATH", dir_.File("units"));
  EXPECT_TRUE(Systemctl("status").Is(Errc::kUnsupported));
}

TEST_F(ServiceTest, DoctorLooksAtTheServiceAndItsReach) {
  dir_.Write("bin/show", "LoadState=not-found\n");
  ASSERT_EQ(Check(true).size(), 1u);
  EXPECT_EQ(Check(true)[0].grade, Grade::kWarning);
  EXPECT_THAT(Check(true)[0].advice, HasSubstr("service install"));

  ASSERT_TRUE(manager_.Install(Wanted()).ok());
  dir_.Write("bin/cat", DropIn());
  Show("failed", "enabled");
  EXPECT_EQ(Check(false)[0].grade, Grade::kProblem);
  EXPECT_THAT(Check(false)[0].advice, HasSubstr("journalctl"));
  Show("active", "disabled");
  EXPECT_EQ(Check(true)[0].grade, Grade::kWarning);
  EXPECT_EQ(Check(false)[0].grade, Grade::kProblem) << "another agent than this one's";
  Show("active", "enabled");
  for (const Diagnosis& found : Check(true)) EXPECT_EQ(found.grade, Grade::kOk) << found.text;
  ASSERT_EQ(Check(true).size(), 2u);

  // The folder has moved, and nobody told the service.
  std::filesystem::rename(dir_.File("root folder"), dir_.File("moved"));
  Config config;
  config.root = dir_.File("moved");
  Diagnoses moved = CheckService(manager_, StateDir(dir_.File("state")), config, true);
  ASSERT_EQ(moved.size(), 2u);
  EXPECT_EQ(moved[1].grade, Grade::kProblem);
  EXPECT_THAT(moved[1].text, HasSubstr(dir_.File("moved")));
  EXPECT_THAT(moved[1].text, Not(HasSubstr(dir_.File("state"))));
}

TEST_F(ServiceTest, WhatAPersonAddedToTheUnitCounts) {
  dir_.Write("bin/cat", "[Service]\nReadWritePaths=/one " + dir_.path() + " /two\n");
  EXPECT_THAT(manager_.OutOfReach({dir_.File("state")}), IsEmpty());
  EXPECT_THAT(manager_.OutOfReach({dir_.path() + "-other", "/on"}),
              ElementsAre(dir_.path() + "-other", "/on"));
}

// stderr for one test is a file, and the journal where it is named so.
class StderrFile {
 public:
  explicit StderrFile(const std::string& file) : before_(::dup(STDERR_FILENO)) {
    std::FILE* opened = std::freopen(file.c_str(), "w", stderr);
    CHECK(opened != nullptr);
  }
  ~StderrFile() {
    std::fflush(stderr);
    ::dup2(before_, STDERR_FILENO);
    ::close(before_);
  }
  StderrFile(const StderrFile&) = delete;
  StderrFile& operator=(const StderrFile&) = delete;
  static std::string Stream() {
    struct stat info {};
    CHECK(::fstat(STDERR_FILENO, &info) == 0);
    return std::to_string(info.st_dev) + ":" + std::to_string(info.st_ino);
  }

 private:
  int before_;
};

TEST(JournalTest, TheJournalTakesThePlaceOfTheFile) {
  TestDir dir;
  {
    StderrFile error(dir.File("journal"));
    Environment stream("JOURNAL_STREAM", StderrFile::Stream());
    ASSERT_TRUE(StderrIsJournal());
    auto logger = Logger::Open({"", LogLevel::kDebug, true}, dir.File("log/atozsync.log"));
    ASSERT_TRUE(logger.ok()) << logger.status().ToString();
    (*logger)->Log(LogLevel::kError, "cannot read S/Smith/x.jpg");
    (*logger)->Log(LogLevel::kWarning, "one");
    (*logger)->Log(LogLevel::kInfo, "two");
    (*logger)->Log(LogLevel::kDebug, "three");
  }
  EXPECT_EQ(dir.Read("journal"), "<3>cannot read […]\n<4>one\n<6>two\n<7>three\n");
  EXPECT_FALSE(std::filesystem::exists(dir.File("log")));
}

TEST(JournalTest, AFileThatIsConfiguredIsWrittenAsWell) {
  TestDir dir;
  {
    StderrFile error(dir.File("journal"));
    Environment stream("JOURNAL_STREAM", StderrFile::Stream());
    auto logger = Logger::Open({dir.File("mine"), LogLevel::kInfo, false}, dir.File("log/x"));
    ASSERT_TRUE(logger.ok());
    (*logger)->Log(LogLevel::kInfo, "two");
  }
  EXPECT_EQ(dir.Read("journal"), "<6>two\n");
  EXPECT_THAT(dir.Read("mine"), HasSubstr(" info two\n"));
  EXPECT_FALSE(std::filesystem::exists(dir.File("log")));
}

TEST(JournalTest, AnotherStreamIsNotTheJournal) {
  TestDir dir;
  {
    StderrFile error(dir.File("stderr"));
    Environment stream("JOURNAL_STREAM", "1:1");
    EXPECT_FALSE(StderrIsJournal());
    auto logger = Logger::Open({}, dir.File("log/atozsync.log"));
    ASSERT_TRUE(logger.ok());
    (*logger)->Log(LogLevel::kInfo, "two");
  }
  EXPECT_THAT(dir.Read("log/atozsync.log"), HasSubstr(" info two\n"));
  EXPECT_THAT(dir.Read("stderr"), HasSubstr(" info two\n"));
}

TEST(WatchdogTest, HalfOfWhatTheManagerWaitsAndOnlyForThisProcess) {
  EXPECT_EQ(WatchdogIntervalMs(), 0);
  Environment wait("WATCHDOG_USEC", "300000000");
  EXPECT_EQ(WatchdogIntervalMs(), 150'000);
  Environment pid("WATCHDOG_PID", "1");
  EXPECT_EQ(WatchdogIntervalMs(), 0);
  Environment own("WATCHDOG_PID", std::to_string(::getpid()));
  EXPECT_EQ(WatchdogIntervalMs(), 150'000);
  Environment none("WATCHDOG_USEC", "soon");
  EXPECT_EQ(WatchdogIntervalMs(), 0);
}

}  // namespace
}  // namespace atozsync
