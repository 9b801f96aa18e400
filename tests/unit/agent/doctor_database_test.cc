// What `doctor` says of a real database server.
#include <gtest/gtest.h>

#include <algorithm>

#include "agent/doctor/database_checks.h"
#include "agent/doctor/grants.h"
#include "agent/doctor/rights.h"
#include "tests/unit/agent/practice_rig.h"
#include "tests/unit/agent/run_command.h"

namespace atozsync {
namespace {

constexpr const char* kUser = "'atozsync'@'127.0.0.1'";

class DoctorDatabaseTest : public PracticeTest {
 protected:
  // The rights that the file gives, and no others.
  void GiveRights() {
    std::string sql = std::string("REVOKE ALL PRIVILEGES, GRANT OPTION FROM ") + kUser;
    for (const GrantLine& line : GrantsOfFile(kGrantsSql)) sql += ";" + line.sql;
    Server().ExecuteIn("opendental", sql);
  }
  Config ConfigOfPractice() {
    Config config;
    config.root = dir_.File("images");
    config.database = {Url(), dir_.File("password")};
    return config;
  }
  Diagnoses Check() { return CheckDatabase(ConfigOfPractice(), {{"SERVER1"}, {}}); }
  static Diagnosis Of(const Diagnoses& diagnoses, const std::string& check) {
    for (const Diagnosis& diagnosis : diagnoses) {
      if (diagnosis.check == check) return diagnosis;
    }
    ADD_FAILURE() << "nothing about " << check << "\n" << DiagnosesText(diagnoses);
    return {};
  }
};

TEST_F(DoctorDatabaseTest, WithTheRightsOfTheFileAllIsWell) {
  GiveRights();
  Diagnoses diagnoses = Check();
  EXPECT_FALSE(NeedsPerson(diagnoses)) << DiagnosesText(diagnoses);
  for (const char* check : {"database", "database clock", "database rights", "replication",
                            "server id", "data path", "other servers", "workstations"}) {
    EXPECT_EQ(Of(diagnoses, check).grade, Grade::kOk);
  }
}

TEST_F(DoctorDatabaseTest, AServerWhoseClockIsWrong) {
  GiveRights();
  for (const auto& [ahead_s, grade, words] :
       {std::tuple(30, Grade::kWarning, "seconds ahead of"),
        std::tuple(-30, Grade::kWarning, "seconds behind"),
        std::tuple(86400 * 3, Grade::kProblem, "days ahead of")}) {
    Server().Execute("SET GLOBAL init_connect='SET timestamp=UNIX_TIMESTAMP()+(" +
                     std::to_string(ahead_s) + ")'");
    Diagnosis found = Of(Check(), "database clock");
    EXPECT_EQ(found.grade, grade) << found.text;
    EXPECT_NE(found.text.find(words), std::string::npos) << found.text;
    EXPECT_NE(found.advice.find("time server"), std::string::npos) << found.advice;
  }
  Server().Execute("SET GLOBAL init_connect=''");
}

TEST_F(DoctorDatabaseTest, AMissingRightIsNamedByTheLineThatGivesIt) {
  GiveRights();
  Server().Execute(std::string("REVOKE SELECT (FileName) ON opendental.document FROM ") + kUser);
  Diagnosis found = Of(Check(), "database rights");
  EXPECT_EQ(found.grade, Grade::kProblem) << found.text;
  EXPECT_NE(found.advice.find("GRANT SELECT ("), std::string::npos) << found.advice;
  EXPECT_NE(found.advice.find("document"), std::string::npos) << found.advice;
  EXPECT_EQ(std::count(found.advice.begin(), found.advice.end(), '\n'), 1)
      << "one line, and the words before it\n"
      << found.advice;
}

TEST_F(DoctorDatabaseTest, WhatOnlyTheReportReadsIsNotNeeded) {
  GiveRights();
  Server().Execute(
      std::string("REVOKE SELECT (EmailMessageNum, PatNum, BodyText) ON opendental.emailmessage "
                  "FROM ") +
      kUser);
  Diagnosis found = Of(Check(), "database rights");
  EXPECT_EQ(found.grade, Grade::kWarning) << found.text;
  EXPECT_NE(found.advice.find("emailmessage"), std::string::npos) << found.advice;
}

TEST_F(DoctorDatabaseTest, TheStatementsThatItNamesMendIt) {
  Server().Execute(std::string("REVOKE ALL PRIVILEGES, GRANT OPTION FROM ") + kUser +
                   ";GRANT SELECT (PatNum) ON opendental.patient TO " + kUser);
  auto settings = ParseDatabaseUrl(Url());
  ASSERT_TRUE(settings.ok());
  settings->password_file = dir_.File("password");
  auto connection = DatabaseConnection::Open(*settings);
  ASSERT_TRUE(connection.ok()) << connection.status().ToString();
  Result<RightsFound> rights = FindRights(**connection, "opendental");
  ASSERT_TRUE(rights.ok()) << rights.status().ToString();
  EXPECT_GT(rights->missing.size(), 5u);
  std::string sql;
  for (const std::string& line : rights->missing) sql += line + "\n";
  for (const std::string& line : rights->for_report) sql += line + "\n";
  for (const std::string& line : rights->for_review) sql += line + "\n";
  EXPECT_NE(sql.find(std::string(" TO ") + kUser + ";"), std::string::npos) << sql;
  Server().Execute(sql);
  EXPECT_EQ(Of(Check(), "database rights").grade, Grade::kOk);
}

TEST_F(DoctorDatabaseTest, ReplicationThatCannotBeWatchedIsAMissingRight) {
  GiveRights();
  Server().Execute(std::string("REVOKE SLAVE MONITOR ON *.* FROM ") + kUser);
  Diagnosis found = Of(Check(), "database rights");
  EXPECT_EQ(found.grade, Grade::kProblem) << found.text;
  EXPECT_NE(found.advice.find("SLAVE MONITOR"), std::string::npos) << found.advice;
}

TEST_F(DoctorDatabaseTest, TooManyRightsAreAWarning) {
  Server().Execute(std::string("GRANT ALL PRIVILEGES ON *.* TO ") + kUser + " WITH GRANT OPTION");
  Diagnosis found = Of(Check(), "database rights");
  EXPECT_EQ(found.grade, Grade::kWarning) << found.text;
  EXPECT_NE(found.text.find("ALL PRIVILEGES on *.*"), std::string::npos) << found.text;
  EXPECT_NE(found.text.find("GRANT OPTION"), std::string::npos) << found.text;
  Server().Execute(std::string("REVOKE ALL PRIVILEGES, GRANT OPTION FROM ") + kUser);
  GiveRights();
  Server().Execute(std::string("GRANT INSERT, DELETE ON opendental.document TO ") + kUser);
  found = Of(Check(), "database rights");
  EXPECT_EQ(found.grade, Grade::kWarning) << found.text;
  EXPECT_NE(found.text.find("DELETE on opendental.document"), std::string::npos) << found.text;
}

TEST_F(DoctorDatabaseTest, SettingsThatDoNotFitAreFound) {
  GiveRights();
  std::filesystem::create_directories(dir_.File("elsewhere/A"));
  Server().ExecuteIn("opendental", "UPDATE replicationserver SET AtoZpath='" +
                                       dir_.File("elsewhere") +
                                       "' WHERE ServerId=2;"
                                       "INSERT INTO computerpref (ComputerName,AtoZpath) VALUES "
                                       "('FRONT','\\\\\\\\SERVER2\\\\Images');"
                                       "UPDATE preference SET ValueString='SERVER9' WHERE "
                                       "PrefName='UpdateInProgressOnComputerName'");
  Diagnoses diagnoses = Check();
  EXPECT_EQ(Of(diagnoses, "data path").grade, Grade::kProblem);
  EXPECT_EQ(Of(diagnoses, "workstations").grade, Grade::kWarning);
  EXPECT_NE(Of(diagnoses, "workstations").text.find("FRONT"), std::string::npos);
  EXPECT_EQ(Of(diagnoses, "replication").grade, Grade::kProblem);
  EXPECT_NE(Of(diagnoses, "replication").text.find("SERVER9"), std::string::npos);
  Server().ExecuteIn("opendental",
                     "UPDATE preference SET ValueString='3' WHERE PrefName='AtoZfolderUsed'");
  EXPECT_NE(Of(Check(), "data path").text.find("SFTP"), std::string::npos);
}

TEST_F(DoctorDatabaseTest, ADatabaseThatRefusesIsAProblem) {
  dir_.Write("password", "another\n");
  Diagnoses diagnoses = Check();
  ASSERT_EQ(diagnoses.size(), 1u);
  EXPECT_EQ(diagnoses[0].grade, Grade::kProblem);
  EXPECT_NE(diagnoses[0].text.find("password file"), std::string::npos) << diagnoses[0].text;
}

TEST_F(DoctorDatabaseTest, TheCommandSaysItAll) {
  GiveRights();
  const std::string state = " --state " + dir_.File("state");
  dir_.Write("FreeDentalConfig.xml",
             "<ConnectionSettings><DatabaseConnection><ComputerName>127.0.0.1:" +
                 std::to_string(Server().port()) +
                 "</ComputerName><Database>opendental</Database></DatabaseConnection>"
                 "</ConnectionSettings>");
  ASSERT_EQ(RunCommand(dir_, "init --listen 127.0.0.1:22999 --from-open-dental " +
                                 dir_.File("FreeDentalConfig.xml") + " --password-file " +
                                 dir_.File("password") + state)
                .code,
            0);
  Outcome outcome = RunCommand(dir_, "doctor --json" + state);
  std::optional<Json> report = ParseJson(outcome.out);
  ASSERT_TRUE(report.has_value()) << outcome.out << outcome.err;
  // An address on loopback, which no other machine reaches, is the one thing wrong here.
  EXPECT_EQ(outcome.code, 1) << outcome.out;
  for (const Json& check : (*report)["checks"]) {
    const bool expected = check["check"] == "address" || check["check"] == "watching" ||
                          check["check"] == "space" || check["check"] == "folder";
    EXPECT_TRUE(expected || check["result"] == "ok") << check;
  }
  outcome = RunCommand(dir_, "doctor" + state);
  EXPECT_NE(outcome.out.find("OK       database rights: "), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.out.find("warning  address: "), std::string::npos) << outcome.out;
}

}  // namespace
}  // namespace atozsync
