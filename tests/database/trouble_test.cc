// What is said, and what is answered, while the database is away, locked, hung or refuses – and
// that all of it passes by itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/database/rows_rig.h"
#include "tests/database/test_server.h"

namespace atozsync {
namespace {

using testing::HasSubstr;

constexpr const char* kNamed = "S/SmithJohn15/SmithJohn389.jpg";

class TroubleTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    server_ = new TestServer({true, {}});
    server_->LoadOpenDental();
    user_ = new DatabaseSettings(server_->LoadGrants());
  }
  static void TearDownTestSuite() {
    delete server_;
    delete user_;
  }
  static MariaRowsOptions Options(const DatabaseSettings& settings = *user_) {
    MariaRowsOptions options;
    options.settings = settings;
    options.limits = {1, 1};
    options.poll_ms = 20;
    options.health_ms = 20;
    return options;
  }
  // A session that may lock: held as long as it lives.
  static std::unique_ptr<DatabaseConnection> Locker(const std::string& sql) {
    auto connection = DatabaseConnection::Open(server_->settings(), {5, 60});
    EXPECT_TRUE(connection.ok());
    for (const std::string& statement : {std::string("SET SESSION TRANSACTION READ WRITE"), sql}) {
      const Status status = (*connection)->Run(statement);
      EXPECT_TRUE(status.ok()) << status.ToString();
    }
    return std::move(connection).value();
  }
  static TestServer* server_;
  static DatabaseSettings* user_;
};
TestServer* TroubleTest::server_ = nullptr;
DatabaseSettings* TroubleTest::user_ = nullptr;

TEST_F(TroubleTest, AServerThatGoesAndComesBack) {
  RowsRig rig(Options());
  EXPECT_EQ(rig.rows().health().word, RowsWord::kConnecting);
  ASSERT_TRUE(rig.UntilState(kNamed, RowState::kNamed)) << rig.rows().health().problem;
  EXPECT_EQ(rig.rows().health(), (RowsHealth{RowsWord::kConnected, "", ""}));
  server_->Stop();
  ASSERT_TRUE(rig.UntilWord(RowsWord::kUnreachable));
  EXPECT_EQ(rig.LookUp(kNamed), RowState::kUnknown);
  rig.Forget();
  server_->Start();
  ASSERT_TRUE(rig.UntilWord(RowsWord::kConnected));
  // What happened meanwhile is to be asked for.
  EXPECT_TRUE(rig.UntilHint(RowHintKind::kChanged, ""));
  EXPECT_EQ(rig.LookUp(kNamed), RowState::kNamed);
}

// A power failure leaves MyISAM tables that were being written to damaged.
TEST_F(TroubleTest, ATableIsDamagedAndMended) {
  RowsRig rig(Options());
  ASSERT_TRUE(rig.UntilState(kNamed, RowState::kNamed)) << rig.rows().health().problem;
  server_->ExecuteIn("opendental", "UPDATE patient SET LName='Smyth' WHERE PatNum=15");
  server_->Kill();
  ASSERT_TRUE(rig.UntilWord(RowsWord::kUnreachable)) << rig.rows().health().problem;
  server_->Start();
  ASSERT_TRUE(rig.Until([&] {
    return rig.rows().health().problem.find("REPAIR TABLE") != std::string::npos;
  })) << rig.rows().health().problem;
  EXPECT_EQ(rig.LookUp(kNamed), RowState::kUnknown);
  server_->ExecuteIn("opendental", "REPAIR TABLE patient, document, securitylog, preference");
  ASSERT_TRUE(rig.UntilWord(RowsWord::kConnected)) << rig.rows().health().problem;
  EXPECT_EQ(rig.LookUp(kNamed), RowState::kNamed);
}

TEST_F(TroubleTest, NobodyListens) {
  DatabaseSettings settings = *user_;
  settings.port = 1;
  RowsRig rig(Options(settings));
  ASSERT_TRUE(rig.UntilWord(RowsWord::kUnreachable));
  EXPECT_THAT(rig.rows().health().problem, HasSubstr("is the server running"));
  EXPECT_EQ(rig.LookUp(kNamed), RowState::kUnknown);
}

TEST_F(TroubleTest, ATableIsLocked) {
  RowsRig rig(Options());
  ASSERT_TRUE(rig.UntilState(kNamed, RowState::kNamed)) << rig.rows().health().problem;
  auto locker = Locker("LOCK TABLES document WRITE");
  ASSERT_TRUE(rig.UntilWord(RowsWord::kSlow));
  EXPECT_THAT(rig.rows().health().problem, HasSubstr("a table is locked"));
  EXPECT_EQ(rig.LookUp(kNamed), RowState::kUnknown);
  rig.Forget();
  locker.reset();
  ASSERT_TRUE(rig.UntilHint(RowHintKind::kChanged, ""));
  EXPECT_EQ(rig.rows().health(), (RowsHealth{RowsWord::kConnected, "", ""}));
  EXPECT_EQ(rig.LookUp(kNamed), RowState::kNamed);
}

TEST_F(TroubleTest, TheMachineHangs) {
  RowsRig rig(Options());
  ASSERT_TRUE(rig.UntilState(kNamed, RowState::kNamed)) << rig.rows().health().problem;
  server_->Freeze();
  EXPECT_TRUE(rig.UntilWord(RowsWord::kSlow));
  EXPECT_EQ(rig.LookUp(kNamed), RowState::kUnknown);
  server_->Resume();
  ASSERT_TRUE(rig.UntilWord(RowsWord::kConnected));
  EXPECT_EQ(rig.LookUp(kNamed), RowState::kNamed);
}

TEST_F(TroubleTest, AWrongPasswordADatabaseThatIsNoneAFileOpenToAll) {
  DatabaseSettings settings = *user_;
  settings.password_file = server_->dir() + "/other-password";
  std::ofstream(settings.password_file) << "wrong";
  std::filesystem::permissions(settings.password_file, std::filesystem::perms::owner_read);
  RowsRig wrong(Options(settings));
  ASSERT_TRUE(wrong.UntilWord(RowsWord::kRefused));
  EXPECT_THAT(wrong.rows().health().problem, HasSubstr("check the user, the password file"));

  std::filesystem::permissions(settings.password_file, std::filesystem::perms::others_read,
                               std::filesystem::perm_options::add);
  wrong.Restart();
  ASSERT_TRUE(wrong.UntilWord(RowsWord::kRefused));
  EXPECT_THAT(wrong.rows().health().problem, HasSubstr("chmod 600"));

  settings = *user_;
  settings.database = "opendentall";
  RowsRig none(Options(settings));
  ASSERT_TRUE(none.UntilWord(RowsWord::kRefused));
  EXPECT_THAT(none.rows().health().problem, HasSubstr("check the database's name"));
}

TEST_F(TroubleTest, ARightIsTakenAwayAndGivenBack) {
  RowsRig rig(Options());
  ASSERT_TRUE(rig.UntilState(kNamed, RowState::kNamed)) << rig.rows().health().problem;
  const std::string column = "SELECT (RawBase64) ON opendental.document";
  server_->Execute("REVOKE " + column + " FROM 'atozsync'@'127.0.0.1'");
  ASSERT_TRUE(rig.UntilWord(RowsWord::kForbidden));
  const std::string problem = rig.rows().health().problem;
  EXPECT_THAT(problem, HasSubstr("RawBase64"));
  EXPECT_THAT(problem, HasSubstr("document"));
  EXPECT_THAT(problem, HasSubstr("opendental-grants.sql"));
  EXPECT_EQ(rig.LookUp(kNamed), RowState::kUnknown);
  server_->Execute("GRANT " + column + " TO 'atozsync'@'127.0.0.1'");
  ASSERT_TRUE(rig.UntilWord(RowsWord::kConnected));
  EXPECT_EQ(rig.LookUp(kNamed), RowState::kNamed);
}

// Taking any one right of look-ups away is noticed when connecting, and named.
TEST_F(TroubleTest, EveryMissingRightIsNamed) {
  for (const auto& [table, columns] :
       std::vector<std::pair<std::string, std::string>>{{"patient", "ImageFolder"},
                                                        {"document", "Note"},
                                                        {"eobattach", "RawBase64"},
                                                        {"ehramendment", "FileName"},
                                                        {"securitylog", "PermType"},
                                                        {"preference", "ValueString"}}) {
    const std::string right = "SELECT (" + columns + ") ON opendental." + table;
    server_->Execute("REVOKE " + right + " FROM 'atozsync'@'127.0.0.1'");
    RowsRig rig(Options());
    EXPECT_TRUE(rig.UntilWord(RowsWord::kForbidden)) << right;
    EXPECT_THAT(rig.rows().health().problem, HasSubstr(table));
    EXPECT_THAT(rig.rows().health().problem, HasSubstr(columns));
    server_->Execute("GRANT " + right + " TO 'atozsync'@'127.0.0.1'");
  }
}

TEST_F(TroubleTest, TheUserOfTheGrantsReadsNothingElseAndChangesNothing) {
  auto connection = DatabaseConnection::Open(*user_);
  ASSERT_TRUE(connection.ok()) << connection.status().ToString();
  for (const char* sql :
       {"SELECT Birthdate FROM patient", "SELECT LogText FROM securitylog",
        "SELECT * FROM document", "SELECT Subject FROM emailmessage", "DELETE FROM document",
        "SELECT 1 FROM mysql.user", "UPDATE document SET FileName='x'", "CREATE TABLE t (a int)",
        "STOP SLAVE"}) {
    EXPECT_FALSE((*connection)->Run("SET SESSION TRANSACTION READ WRITE").ok() &&
                 (*connection)->Run(sql).ok())
        << sql;
  }
}

TEST_F(TroubleTest, TablesThatAreNotThere) {
  server_->Execute("CREATE DATABASE IF NOT EXISTS other");
  DatabaseSettings settings = server_->settings();
  settings.database = "other";
  RowsRig rig(Options(settings));
  ASSERT_TRUE(rig.UntilWord(RowsWord::kNoRows));
  EXPECT_THAT(rig.rows().health().problem, HasSubstr("not those of Open Dental"));
}

TEST_F(TroubleTest, WithoutAppointmentsTheRestGoesOn) {
  server_->ExecuteIn("opendental", "RENAME TABLE appointment TO appointment_away");
  RowsRig rig(Options());
  EXPECT_TRUE(rig.Until(
      [&] { return rig.rows().health().problem.find("appointment") != std::string::npos; }));
  EXPECT_EQ(rig.rows().health().word, RowsWord::kConnected);
  server_->ExecuteIn("opendental", "RENAME TABLE appointment_away TO appointment");
}

TEST_F(TroubleTest, TooManyQuestionsAreAnsweredUnknown) {
  RowsRig rig(Options());
  ASSERT_TRUE(rig.UntilState(kNamed, RowState::kNamed)) << rig.rows().health().problem;
  size_t answered = 0;
  size_t unknown = 0;
  const size_t asked = MariaRows::kQuestionsMax + 10;
  for (size_t i = 0; i < asked; ++i) {
    rig.rows().LookUp({RelPath::Trusted(kNamed)}, [&](std::vector<RowState> states) {
      ++answered;
      unknown += states == std::vector<RowState>{RowState::kUnknown};
    });
  }
  EXPECT_EQ(answered, 0u) << "inside the call";
  ASSERT_TRUE(rig.Until([&] { return answered == asked; }));
  EXPECT_GE(unknown, 9u);
  EXPECT_LE(unknown, 10u);
}

TEST_F(TroubleTest, DestroyedWhileAskedItSaysNothingMore) {
  UvExecutor executor(1);
  auto rows = std::make_unique<MariaRows>(executor, Options());
  bool said = false;
  rows->Start([&](RowHint) { said = true; });
  rows->LookUp({RelPath::Trusted(kNamed)}, [&](std::vector<RowState>) { said = true; });
  rows.reset();
  executor.DropJobs();
  executor.PostAfter(20, [&] { executor.Stop(); });
  executor.Run();
  EXPECT_FALSE(said);
}

}  // namespace
}  // namespace atozsync
