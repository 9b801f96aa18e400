// `atozsync verify-db` as a person runs it: the built program, a running agent, a real server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <map>

#include "agent/control_client.h"
#include "tests/database/test_server.h"
#include "tests/unit/agent/agent_process.h"
#include "tests/unit/agent/run_command.h"

namespace atozsync {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class VerifyCommandTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    server_ = new TestServer();
    server_->LoadOpenDental();
  }
  static void TearDownTestSuite() {
    delete server_;
    server_ = nullptr;
  }
  void SetUp() override {
    if (!server_->running()) server_->Start();
    Init("a");
    Put("a", "S/SmithJohn15/SmithJohn389.jpg");
    Put("a", "S/SmithJohn15/smithjohn390.TIF");
    Put("a", "S/SmithJohn15/=dropped, by \"a user\".pdf");
    Put("a", "J/JonesJohn15/SmithJohn391.dcm");
    Put("a", "D/delaCruzAna17/delaCruzAna401.jpg");
  }
  void Init(const std::string& name) {
    std::filesystem::create_directory(dir_.File(name));
    Outcome init = RunCommand(dir_, "init --name " + name + " --listen 127.0.0.1:0 --root " +
                                        dir_.File(name) + State(name));
    ASSERT_EQ(init.code, 0) << init.err;
  }
  void UseDatabase(const std::string& name) {
    std::string file = name + "-state/atozsync.toml";
    dir_.Write(file, dir_.Read(file) + "\n[database]\nurl = \"mariadb://root@localhost/opendental" +
                         "?socket=" + server_->socket() + "\"\n");
  }
  void Put(const std::string& root, const std::string& path) {
    std::filesystem::path file = dir_.File(root) + "/" + path;
    std::filesystem::create_directories(file.parent_path());
    dir_.Write(root + "/" + path, path);
  }
  std::string State(const std::string& name) { return " --state " + dir_.File(name + "-state"); }
  Json Status(const std::string& name) {
    Result<Json> status =
        ControlClient(StateDir(dir_.File(name + "-state"))).Call("GET", "/v1/status");
    return status.ok() ? *status : Json();
  }
  std::unique_ptr<AgentProcess> Run(const std::string& name) {
    auto agent = std::make_unique<AgentProcess>(dir_.File(name + "-state"));
    EXPECT_TRUE(WaitFor([&] { return TextAt(Status(name), "state") == "idle"; }, 60'000))
        << Dump(Status(name));
    return agent;
  }
  Outcome Verify(const std::string& options) {
    return RunCommand(dir_, "verify-db " + options + State("a"));
  }
  // kind + path → finding
  static std::map<std::string, Json> ByPath(const Json& report) {
    std::map<std::string, Json> found;
    for (const Json& finding : ListAt(report, "findings")) {
      found[TextAt(finding, "kind") + " " + TextAt(finding, "path")] = finding;
    }
    return found;
  }

  static TestServer* server_;
  TestDir dir_;
};
TestServer* VerifyCommandTest::server_ = nullptr;

TEST_F(VerifyCommandTest, TheReportInItsThreeForms) {
  UseDatabase("a");
  auto agent = Run("a");
  Outcome json = Verify("--json --cluster");
  ASSERT_EQ(json.code, 1) << json.err;
  std::optional<Json> report = ParseJson(json.out);
  ASSERT_TRUE(report.has_value()) << json.out;
  std::map<std::string, Json> found = ByPath(*report);
  EXPECT_EQ(TextAt(found["case-only S/SmithJohn15/SmithJohn390.tif"], "found_at"),
            "S/SmithJohn15/smithjohn390.TIF");
  EXPECT_EQ(TextAt(found["wrong-folder S/SmithJohn15/SmithJohn391.dcm"], "found_at"),
            "J/JonesJohn15/SmithJohn391.dcm");
  EXPECT_EQ(found.count("several-rows D/delaCruzAna17/delaCruzAna401.jpg"), 1u);
  EXPECT_EQ(NumberAt(found["orphan S/SmithJohn15/=dropped, by \"a user\".pdf"], "pat_num"), 15u);
  const Json missing = found["missing O/OBrienLeeZoë16/TPArchive393.pdf"];
  EXPECT_EQ(TextAt(missing, "where"), "nowhere");
  EXPECT_EQ(NumberAt(missing, "key"), 393u);
  EXPECT_EQ(found.count("missing S/SmithJohn15/SmithJohn389.jpg"), 0u);
  EXPECT_EQ(NumberAt(*report, "finding_count"), ListAt(*report, "findings").size());
  EXPECT_EQ(NumberAt((*report)["counts"], "orphan"), 1u);

  Outcome limited = Verify("--json --limit 2");
  ASSERT_EQ(limited.code, 1) << limited.err;
  std::optional<Json> cut = ParseJson(limited.out);
  ASSERT_TRUE(cut.has_value());
  EXPECT_EQ(ListAt(*cut, "findings").size(), 2u);
  EXPECT_EQ(NumberAt(*cut, "finding_count"), NumberAt(*report, "finding_count"));

  Outcome csv = Verify("--csv");
  EXPECT_EQ(csv.code, 1) << csv.err;
  EXPECT_THAT(csv.out, StartsWith("\xEF\xBB\xBF"
                                  "kind,table,key,pat_num,path,found_at,where,from,text\r\n"));
  EXPECT_THAT(csv.out, HasSubstr("\"S/SmithJohn15/=dropped, by \"\"a user\"\".pdf\""));
  EXPECT_EQ(std::count(csv.out.begin(), csv.out.end(), '\n'),
            static_cast<ptrdiff_t>(NumberAt(*report, "finding_count") + 1));

  Outcome text = Verify("");
  EXPECT_EQ(text.code, 1) << text.err;
  EXPECT_THAT(text.out, HasSubstr("orphan        S/SmithJohn15/=dropped"));
  EXPECT_THAT(text.out, HasSubstr("Needs no file: 2 rows: uploaded through the API"));
  EXPECT_THAT(text.out, HasSubstr("Not looked at: emailtemplate: is not in this database"));
  EXPECT_EQ(NumberAt(Status("a")["database"], "orphan_files"), 1u);
}

TEST_F(VerifyCommandTest, WhyThereIsNoReport) {
  Outcome stopped = Verify("");
  EXPECT_EQ(stopped.code, 4) << stopped.err;
  {
    auto agent = Run("a");
    Outcome none = Verify("--json");
    EXPECT_EQ(none.code, 2);
    EXPECT_THAT(none.err, HasSubstr("no [database] is configured"));
  }
  UseDatabase("a");
  auto agent = Run("a");
  server_->Stop();
  Outcome away = Verify("--json");
  EXPECT_EQ(away.code, 5);
  EXPECT_THAT(away.err, HasSubstr("is the server running"));
  EXPECT_EQ(away.out, "");
  for (const auto& left : std::filesystem::directory_iterator(dir_.File("a-state"))) {
    EXPECT_EQ(left.path().filename().string().find("verify-db"), std::string::npos);
  }
}

// Whoever goes away ends the run: the next one finds the place free, though the database hangs.
TEST_F(VerifyCommandTest, AnInterruptedRunEnds) {
  UseDatabase("a");
  auto agent = Run("a");
  auto locker = DatabaseConnection::Open(server_->settings());
  ASSERT_TRUE(locker.ok());
  ASSERT_TRUE((*locker)->Run("SET SESSION TRANSACTION READ WRITE").ok());
  ASSERT_TRUE((*locker)->Run("LOCK TABLES patient WRITE").ok());
  pid_t asking = ::fork();
  if (asking == 0) {
    ::execl(ATOZSYNC_PROGRAM, "atozsync", "verify-db", "--json", "--state",
            dir_.File("a-state").c_str(), nullptr);
    ::_exit(127);
  }
  ASSERT_TRUE(WaitFor([&] {
    auto waiting = (*locker)->Query(
        "SELECT COUNT(*) FROM information_schema.PROCESSLIST"
        " WHERE ID<>CONNECTION_ID() AND INFO LIKE '%FROM patient%'",
        1);
    return waiting.ok() && (*waiting)[0][0] != "0";
  }));
  // A second one is refused while the first is waiting for the lock.
  EXPECT_THAT(Verify("--json --limit 1").err, HasSubstr("already"));
  ::kill(asking, SIGKILL);
  ::waitpid(asking, nullptr, 0);
  ASSERT_TRUE((*locker)->Run("UNLOCK TABLES").ok());
  EXPECT_TRUE(WaitFor([&] { return Verify("--json --limit 1").code == 1; }));
}

TEST_F(VerifyCommandTest, ThePeersAreAsked) {
  UseDatabase("a");
  auto a = Run("a");
  Init("b");
  Outcome invited = RunCommand(dir_, "invite" + State("a"));
  ASSERT_EQ(invited.code, 0) << invited.err;
  std::string token = invited.out.substr(0, invited.out.find_first_of(" \n"));
  auto b = Run("b");
  Outcome joined = RunCommand(dir_, "join " + token + State("b"));
  ASSERT_EQ(joined.code, 0) << joined.err;
  ASSERT_TRUE(WaitFor([&] { return FlagAt(Status("a"), "in_sync"); }, 60'000)) << Dump(Status("a"));
  auto missing = [&] {
    std::optional<Json> report = ParseJson(Verify("--json --cluster").out);
    return report ? ByPath(*report)["missing S/SmithJohn15/Welcome letter392.docx"] : Json();
  };
  EXPECT_EQ(TextAt(missing(), "where"), "nowhere");
  // Nobody can ask a peer that is away.
  b.reset();
  ASSERT_TRUE(WaitFor([&] { return !FlagAt(Status("a")["peers"][0], "connected"); }));
  const Json unknown = missing();
  EXPECT_EQ(TextAt(unknown, "where"), "not-here");
  EXPECT_THAT(TextAt(unknown, "text"), HasSubstr("b could not be asked"));
}

}  // namespace
}  // namespace atozsync
