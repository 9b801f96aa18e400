// `init --from-open-dental` against a real server.
#include <gtest/gtest.h>
#include <unistd.h>

#include "agent/config.h"
#include "agent/setup/practice.h"
#include "tests/unit/agent/practice_rig.h"
#include "tests/unit/agent/run_command.h"

namespace atozsync {
namespace {

std::string HostName() {
  char name[256] = {};
  ::gethostname(name, sizeof(name) - 1);
  std::string text = name;
  return text.substr(0, text.find('.'));
}

class OpenDentalSetupTest : public PracticeTest {
 protected:
  void SetUp() override {
    PracticeTest::SetUp();
    WriteXml("<DatabaseConnection><ComputerName>localhost:" + std::to_string(Server().port()) +
             "</ComputerName><Database>opendental</Database><User>root</User>"
             "<MySQLPassHash>x</MySQLPassHash></DatabaseConnection>");
  }
  void WriteXml(const std::string& inside) {
    dir_.Write("FreeDentalConfig.xml", "<ConnectionSettings>" + inside + "</ConnectionSettings>");
  }
  Outcome Init(const std::string& more = "") {
    return RunCommand(dir_, "init --state " + dir_.File("state") + " --listen 127.0.0.1:22999 " +
                                "--from-open-dental " + dir_.File("FreeDentalConfig.xml") +
                                " --password-file " + dir_.File("password") + " " + more);
  }
  Result<Config> Written() { return LoadConfig(dir_.File("state/atozsync.toml")); }
  void ExpectRefused(const Outcome& outcome, const std::string& reason) {
    EXPECT_EQ(outcome.code, 2) << outcome.err;
    EXPECT_NE(outcome.err.find(reason), std::string::npos) << outcome.err;
    EXPECT_FALSE(std::filesystem::exists(dir_.File("state"))) << "nothing was begun";
  }
};

TEST_F(OpenDentalSetupTest, FindsFolderNameAndDatabase) {
  Outcome init = Init();
  ASSERT_EQ(init.code, 0) << init.err;
  Result<Config> config = Written();
  ASSERT_TRUE(config.ok()) << config.error().context;
  EXPECT_EQ(config->root, dir_.File("images"));
  EXPECT_EQ(config->name, "north") << "the description of the row of this server's id";
  EXPECT_EQ(config->database.url, Url());
  EXPECT_EQ(config->database.password_file, dir_.File("password"));
  EXPECT_TRUE(config->peers.empty()) << "the others are proposed, not added";
  EXPECT_NE(init.err.find("10.8.0.1 (server_id 1)"), std::string::npos) << init.err;
  EXPECT_NE(init.err.find("10.8.0.3 (server_id 3)"), std::string::npos) << init.err;
  EXPECT_EQ(init.err.find("north (server_id"), std::string::npos) << init.err;
}

TEST_F(OpenDentalSetupTest, TheRowOfThisServerAndOfThisComputerGoBeforeDataPaths) {
  for (const char* name : {"replica/A", "mine"}) {
    std::filesystem::create_directories(dir_.File(name));
  }
  Server().ExecuteIn("opendental", "UPDATE replicationserver SET AtoZpath='/nowhere;" +
                                       dir_.File("replica") + "' WHERE ServerId=2");
  ASSERT_EQ(Init().code, 0);
  EXPECT_EQ(Written()->root, dir_.File("replica"));
  std::filesystem::remove_all(dir_.File("state"));
  Server().ExecuteIn("opendental", "INSERT INTO computerpref (ComputerName,AtoZpath) VALUES ('" +
                                       HostName() + "','" + dir_.File("mine") + "')");
  ASSERT_EQ(Init().code, 0);
  EXPECT_EQ(Written()->root, dir_.File("mine"));
}

TEST_F(OpenDentalSetupTest, WhatIsGivenGoesBeforeWhatIsFound) {
  std::filesystem::create_directories(dir_.File("given"));
  Server().ExecuteIn("opendental",
                     "UPDATE preference SET ValueString='\\\\\\\\SERVER1\\\\OpenDentImages' WHERE "
                     "PrefName='DocPath'");
  ASSERT_EQ(Init("--name here --root " + dir_.File("given")).code, 0);
  EXPECT_EQ(Written()->root, dir_.File("given"));
  EXPECT_EQ(Written()->name, "here");
}

TEST_F(OpenDentalSetupTest, APathOfAnotherSystemNeedsRoot) {
  Server().ExecuteIn("opendental",
                     "UPDATE preference SET ValueString='\\\\\\\\SERVER1\\\\OpenDentImages' WHERE "
                     "PrefName='DocPath'");
  Outcome init = Init();
  ExpectRefused(init, "SERVER1");
  EXPECT_NE(init.err.find("--root"), std::string::npos) << init.err;
}

TEST_F(OpenDentalSetupTest, ImagesThatAreInNoFolderAreRefused) {
  const std::pair<const char*, const char*> ways[] = {
      {"0", "inside the database"}, {"2", "Dropbox"}, {"3", "SFTP"}};
  for (const auto& [value, reason] : ways) {
    Server().ExecuteIn("opendental", std::string("UPDATE preference SET ValueString='") + value +
                                         "' WHERE PrefName='AtoZfolderUsed'");
    ExpectRefused(Init(), reason);
  }
}

TEST_F(OpenDentalSetupTest, TheMiddleTierIsRefused) {
  WriteXml("<ServerConnection><URI>http://10.8.0.1/x.asmx</URI></ServerConnection>");
  ExpectRefused(Init(), "middle tier");
}

TEST_F(OpenDentalSetupTest, AWrongPasswordAndAWrongUserAreSaid) {
  dir_.Write("password", "another\n");
  ExpectRefused(Init(), "password file");
  dir_.Write("password", "a secret\n");
  ExpectRefused(Init("--db-user nobody"), "nobody");
}

TEST_F(OpenDentalSetupTest, ReadsWhatThePracticeSays) {
  Server().ExecuteIn("opendental",
                     "UPDATE preference SET ValueString='SERVER1' WHERE "
                     "PrefName='UpdateInProgressOnComputerName';"
                     "INSERT INTO computerpref (ComputerName,AtoZpath) VALUES "
                     "('FRONT','x'),('NONE',''),('NULL',NULL)");
  auto connection = DatabaseConnection::Open(Server().settings());
  ASSERT_TRUE(connection.ok()) << connection.status().ToString();
  Result<PracticeFacts> facts = ReadPractice(**connection);
  ASSERT_TRUE(facts.ok()) << facts.status().ToString();
  EXPECT_EQ(facts->folder_used, "1");
  EXPECT_EQ(facts->doc_path, dir_.File("images"));
  EXPECT_EQ(facts->update_on, "SERVER1");
  EXPECT_EQ(facts->failed_at, "0");
  EXPECT_EQ(facts->server_id, 2u);
  ASSERT_EQ(facts->servers.size(), 3u);
  EXPECT_EQ(facts->servers[1].description, "north");
  ASSERT_EQ(facts->computers.size(), 1u);
  EXPECT_EQ(facts->computers[0].name, "FRONT");
}

}  // namespace
}  // namespace atozsync
