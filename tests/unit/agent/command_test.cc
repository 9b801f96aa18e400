// Runs the built program: usage errors, `init`, and commands without an agent.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "agent/config.h"
#include "tests/unit/agent/run_command.h"

namespace atozsync {
namespace {

class CommandTest : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directory(dir_.File("root")); }

  Outcome Run(const std::string& arguments) { return RunCommand(dir_, arguments); }
  std::string State() { return "--state " + dir_.File("state") + " "; }
  Outcome Init() {
    return Run(State() + "init --name here --listen 127.0.0.1:22999 --root " + dir_.File("root"));
  }
  TestDir dir_;
};

TEST_F(CommandTest, UsageErrorsAreExitStatusTwoAndSayWhatToDo) {
  for (const char* wrong :
       {"", "nonsense", "status --nonsense", "wait --timeout soon", "join", "restore",
        "conflicts resolve x --keep all", "conflicts export", "held release", "held revert", "init",
        "verify-db --json --csv", "peers add", "--state"}) {
    Outcome outcome = Run(wrong);
    EXPECT_EQ(outcome.code, 2) << wrong;
    EXPECT_EQ(outcome.err.rfind("atozsync: ", 0), 0u) << wrong << ": " << outcome.err;
    EXPECT_EQ(outcome.out, "") << wrong;
  }
}

TEST_F(CommandTest, AnUnknownCommandIsNamed) {
  EXPECT_NE(Run("frobnicate").err.find("'frobnicate' is not a command"), std::string::npos);
}

TEST_F(CommandTest, HelpAndVersion) {
  EXPECT_EQ(Run("--help").code, 0);
  EXPECT_NE(Run("--help").out.find("Exit status"), std::string::npos);
  EXPECT_EQ(Run("conflicts resolve --help").code, 0);
  EXPECT_EQ(Run("--version").out.rfind("atozsync 0.", 0), 0u);
}

TEST_F(CommandTest, WithoutInitEveryCommandSaysSo) {
  for (const char* command : {"id", "run", "invite", "join atozsync1-x", "doctor"}) {
    Outcome outcome = Run(State() + command);
    EXPECT_EQ(outcome.code, 2) << command;
    EXPECT_NE(outcome.err.find("atozsync init"), std::string::npos) << outcome.err;
  }
}

TEST_F(CommandTest, InitMakesAReplica) {
  Outcome init = Init();
  ASSERT_EQ(init.code, 0) << init.err;
  Result<ReplicaId> id = ReplicaId::Parse(init.out.substr(0, init.out.find('\n')));
  ASSERT_TRUE(id.ok()) << init.out;
  EXPECT_EQ(Run("id " + State()).out, init.out) << "--state after the command";
  Result<Config> config = LoadConfig(dir_.File("state/atozsync.toml"));
  ASSERT_TRUE(config.ok()) << config.error().context;
  EXPECT_EQ(config->listen, std::vector<std::string>{"127.0.0.1:22999"});
  for (const char* file : {"state/identity.key", "state/cluster.key", "state/atozsync.toml"}) {
    struct stat info {};
    ASSERT_EQ(::stat(dir_.File(file).c_str(), &info), 0) << file;
    EXPECT_EQ(info.st_mode & 0777, 0600u) << file;
  }
  EXPECT_TRUE(std::filesystem::exists(dir_.File("root/.atozsync/root-id")));
  Outcome again = Init();
  EXPECT_EQ(again.code, 2);
  EXPECT_EQ(Run("id " + State()).out, init.out) << "the identity stays";
}

TEST_F(CommandTest, InitRefusesFoldersThatCannotBe) {
  dir_.Write("file", "x");
  auto refused = [&](const std::string& state, const std::string& root) {
    Outcome outcome = Run("--state " + state + " init --root " + root);
    EXPECT_EQ(outcome.code, 2) << root << ": " << outcome.err;
    EXPECT_EQ(outcome.out, "");
  };
  refused(dir_.File("state"), dir_.File("missing"));
  refused(dir_.File("state"), dir_.File("file"));
  refused(dir_.File("state"), "/");
  refused(dir_.File("root/state"), dir_.File("root"));
  EXPECT_FALSE(std::filesystem::exists(dir_.File("root/state")));
  refused(dir_.path(), dir_.File("root"));
  refused(dir_.File("state"), dir_.File("root") + " --db-user x");
  refused(dir_.File("state"), dir_.File("root") + " --from-open-dental " + dir_.File("missing"));
  refused(dir_.File("state"), dir_.File("root") + " --from-open-dental " + dir_.File("file"));
  refused(dir_.File("state"), dir_.File("root") + " --listen 0.0.0.0:22067");
  refused(dir_.File("state"), dir_.File("root") + " --listen 203.0.113.5:22067");
  EXPECT_EQ(Run("--state " + dir_.File("state") + " id").code, 2);
}

TEST_F(CommandTest, WithoutAnAgentTheExitStatusIsFour) {
  ASSERT_EQ(Init().code, 0);
  for (const char* command :
       {"status", "status --json", "wait --timeout 1", "resync", "conflicts list --json",
        "explain a", "history a", "restore a", "pause", "resume", "peers remove x", "held",
        "held list --json", "held release a", "held revert a"}) {
    Outcome outcome = Run(State() + command);
    EXPECT_EQ(outcome.code, 4) << command;
    EXPECT_NE(outcome.err.find("not running"), std::string::npos) << outcome.err;
  }
  EXPECT_EQ(Run(State() + "peers list --json").out, "[]\n");
}

TEST_F(CommandTest, AWrongConfigurationIsExitStatusTwoWithFileLineAndKey) {
  ASSERT_EQ(Init().code, 0);
  dir_.Write("state/atozsync.toml",
             "[replica]\nname = \"a\"\nroot = \"/a\"\n[network]\nlisten = [\"1.2.3.4:1\"]\n");
  Outcome run = Run(State() + "run");
  EXPECT_EQ(run.code, 2);
  EXPECT_NE(run.err.find("state/atozsync.toml:5: [network] listen"), std::string::npos) << run.err;
}

TEST_F(CommandTest, DoctorNeedsNeitherAgentNorDatabase) {
  ASSERT_EQ(Init().code, 0);
  Outcome doctor = Run(State() + "doctor");
  EXPECT_EQ(doctor.code, 1) << "there are warnings";
  for (const char* line :
       {"OK       agent: is not running", "OK       state: ", "warning  database: none"}) {
    EXPECT_NE(doctor.out.find(line), std::string::npos) << doctor.out;
  }
  std::filesystem::remove_all(dir_.File("root"));
  doctor = Run(State() + "doctor");
  EXPECT_EQ(doctor.code, 1);
  EXPECT_NE(doctor.out.find("problem  folder: "), std::string::npos) << doctor.out;
}

TEST_F(CommandTest, PeersAreAddedWithoutAnAgent) {
  ASSERT_EQ(Init().code, 0);
  std::string id = std::string(51, 'B') + 'A';
  EXPECT_EQ(Run(State() + "peers add " + id + " 10.0.0.2:22067 --name north").code, 0);
  EXPECT_NE(Run(State() + "peers list").out.find("north"), std::string::npos);
  EXPECT_EQ(Run(State() + "peers add nonsense 10.0.0.2:22067").code, 2);
  EXPECT_EQ(Run(State() + "peers add " + id + " nonsense").code, 2);
}

TEST_F(CommandTest, InvitationsAreCheckedBeforeAnythingIsSent) {
  ASSERT_EQ(Init().code, 0);
  Outcome invite = Run(State() + "invite --expires 10min");
  ASSERT_EQ(invite.code, 0) << invite.err;
  std::string token = invite.out.substr(0, invite.out.find('\n'));
  EXPECT_EQ(Run(State() + "invite --expires never").code, 2);
  Outcome own = Run(State() + "join " + token);
  EXPECT_EQ(own.code, 2);
  EXPECT_NE(own.err.find("this very replica"), std::string::npos) << own.err;
  Outcome cut = Run(State() + "join " + token.substr(0, 50));
  EXPECT_EQ(cut.code, 2);
  EXPECT_NE(cut.err.find("cut off"), std::string::npos) << cut.err;
  EXPECT_EQ(Run(State() + "join --authority nobody " + token).code, 2);
}

}  // namespace
}  // namespace atozsync
