// When the database is not to be believed about what vanished, and what cannot be watched.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/database/rows_rig.h"
#include "tests/database/test_server.h"

namespace atozsync {
namespace {

using testing::HasSubstr;

class HealthTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    server_ = new TestServer({true, {"--server-id=7", "--log-bin=binlog"}});
    server_->LoadOpenDental();
    user_ = new DatabaseSettings(server_->LoadGrants());
  }
  static void TearDownTestSuite() {
    delete server_;
    delete user_;
  }
  static MariaRowsOptions Options() {
    MariaRowsOptions options;
    options.settings = *user_;
    options.health_ms = 20;
    return options;
  }
  HealthTest() : rig_(Options()) { EXPECT_TRUE(rig_.UntilWord(RowsWord::kConnected)); }

  void Prefer(const std::string& name, const std::string& value) {
    server_->ExecuteIn("opendental", "UPDATE preference SET ValueString='" + value +
                                         "' WHERE PrefName='" + name + "'");
  }
  bool UntilFrozen(const std::string& why) {
    return rig_.Until([&] {
      const std::string& frozen = rig_.rows().health().frozen;
      return why.empty() ? frozen.empty() : frozen.find(why) != std::string::npos;
    });
  }
  static TestServer* server_;
  static DatabaseSettings* user_;
  RowsRig rig_;
};
TestServer* HealthTest::server_ = nullptr;
DatabaseSettings* HealthTest::user_ = nullptr;

TEST_F(HealthTest, AllIsWell) {
  EXPECT_EQ(rig_.rows().health(), (RowsHealth{RowsWord::kConnected, "", ""}));
}

TEST_F(HealthTest, AFailureOfReplicationAtThisServerFreezes) {
  Prefer("ReplicationFailureAtServer_id", "8");  // another's
  Prefer("UpdateInProgressOnComputerName", "WORKSTATION3");
  EXPECT_TRUE(UntilFrozen("being updated from WORKSTATION3"));
  Prefer("ReplicationFailureAtServer_id", "7");
  EXPECT_TRUE(UntilFrozen("failure of replication at this server (server_id 7)"));
  EXPECT_EQ(rig_.rows().health().word, RowsWord::kConnected);
  Prefer("UpdateInProgressOnComputerName", "");
  Prefer("ReplicationFailureAtServer_id", "8");
  EXPECT_TRUE(UntilFrozen(""));
  Prefer("ReplicationFailureAtServer_id", "0");
}

TEST_F(HealthTest, StoppedReplicationFreezesAServerThatIsAwayDoesNot) {
  server_->Execute(
      "CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT=1, MASTER_USER='r', "
      "MASTER_CONNECT_RETRY=1");
  EXPECT_TRUE(UntilFrozen("replication from 127.0.0.1 has stopped"));
  server_->Execute("START SLAVE");  // nobody is there: it goes on trying
  EXPECT_TRUE(UntilFrozen(""));
  server_->Execute("STOP SLAVE SQL_THREAD");
  EXPECT_TRUE(UntilFrozen("has stopped"));
  server_->Execute("STOP SLAVE; RESET SLAVE ALL");
  EXPECT_TRUE(UntilFrozen(""));
}

TEST_F(HealthTest, WithoutTheRightToWatchReplicationItSaysSoAndGoesOn) {
  server_->Execute("REVOKE SLAVE MONITOR ON *.* FROM 'atozsync'@'127.0.0.1'");
  rig_.Restart();  // global rights are those of the beginning of a connection
  ASSERT_TRUE(rig_.UntilWord(RowsWord::kConnected));
  EXPECT_THAT(rig_.rows().health().problem, HasSubstr("GRANT SLAVE MONITOR"));
  EXPECT_EQ(rig_.rows().health().frozen, "");
  server_->Execute("GRANT SLAVE MONITOR ON *.* TO 'atozsync'@'127.0.0.1'");
}

TEST_F(HealthTest, ImagesThatAreNotKeptInAFolderAreAProblem) {
  Prefer("AtoZfolderUsed", "2");
  EXPECT_TRUE(rig_.Until([&] {
    return rig_.rows().health().problem.find("AtoZfolderUsed is 2") != std::string::npos;
  }));
  Prefer("AtoZfolderUsed", "1");
  EXPECT_TRUE(rig_.Until([&] { return rig_.rows().health().problem.empty(); }));
}

}  // namespace
}  // namespace atozsync
