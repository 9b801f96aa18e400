#include <gtest/gtest.h>
#include <sys/stat.h>

#include "agent/doctor/clock_checks.h"
#include "agent/doctor/database_checks.h"
#include "agent/doctor/machine_checks.h"
#include "agent/doctor/rights.h"
#include "tests/unit/agent/test_dir.h"

namespace atozsync {
namespace {

bool Says(const Diagnosis& diagnosis, const std::string& words) {
  return (diagnosis.text + "\n" + diagnosis.advice).find(words) != std::string::npos;
}

#define EXPECT_DIAGNOSIS(diagnosis, expected_grade, words)                                       \
  do {                                                                                           \
    const Diagnosis found_here = (diagnosis);                                                    \
    EXPECT_EQ(found_here.grade, expected_grade) << found_here.text << "\n" << found_here.advice; \
    EXPECT_TRUE(Says(found_here, words)) << found_here.text << "\n" << found_here.advice;        \
    EXPECT_EQ(found_here.advice.empty(), found_here.grade == Grade::kOk);                        \
  } while (false)

TEST(DiagnosisTest, OneLineEachAndWhatToDo) {
  Diagnoses diagnoses = {
      {Grade::kOk, "folder", "is there", ""},
      {Grade::kProblem, "database rights", "2 rights are missing", "GRANT a;\nGRANT b;"},
      {Grade::kWarning, "space", "little", "make room"}};
  EXPECT_EQ(DiagnosesText(diagnoses),
            "OK       folder: is there\n"
            "problem  database rights: 2 rights are missing\n"
            "         → GRANT a;\n"
            "         → GRANT b;\n"
            "warning  space: little\n"
            "         → make room\n"
            "1 problem, 1 warning\n");
  Json json = DiagnosesJson(diagnoses);
  EXPECT_EQ(json["problems"], 1);
  EXPECT_EQ(json["warnings"], 1);
  EXPECT_EQ(
      json["checks"][0],
      (Json{{"check", "folder"}, {"result", "ok"}, {"text", "is there"}, {"advice", nullptr}}));
  EXPECT_EQ(json["checks"][1]["result"], "problem");
  EXPECT_TRUE(NeedsPerson(diagnoses));
  diagnoses.resize(1);
  EXPECT_FALSE(NeedsPerson(diagnoses));
}

TEST(DoctorMachineTest, TheFolderIsThereMarkedAndOpen) {
  TestDir dir;
  EXPECT_DIAGNOSIS(CheckFolder(dir.File("none")), Grade::kProblem, "not there");
  std::filesystem::create_directories(dir.File("root/.atozsync"));
  EXPECT_DIAGNOSIS(CheckFolder(dir.File("root")), Grade::kProblem, "no mark");
  dir.Write("root/.atozsync/root-id", "x");
  EXPECT_DIAGNOSIS(CheckFolder(dir.File("root")), Grade::kOk, "can be written to");
}

TEST(DoctorMachineTest, RoomOnTheVolume) {
  constexpr uint64_t kGiB = uint64_t{1} << 30;
  EXPECT_DIAGNOSIS(JudgeSpace("/r", kGiB / 8, 2 * kGiB), Grade::kProblem, "make room");
  EXPECT_DIAGNOSIS(JudgeSpace("/r", 4 * kGiB, 100 * kGiB), Grade::kWarning, "4.3 GB of 107.4 GB");
  EXPECT_DIAGNOSIS(JudgeSpace("/r", 6 * kGiB, 100 * kGiB), Grade::kOk, "free");
  TestDir dir;
  EXPECT_EQ(CheckSpace(dir.path()).check, "space");
  EXPECT_DIAGNOSIS(CheckSpace(dir.File("none")), Grade::kProblem, dir.File("none"));
}

TEST(DoctorMachineTest, TheStateDirectoryIsClosedToOthers) {
  TestDir dir;
  StateDir state(dir.File("state"));
  ASSERT_TRUE(state.Create().ok());
  dir.Write("state/cluster.key", "x");
  ::chmod(dir.File("state/cluster.key").c_str(), 0600);
  EXPECT_DIAGNOSIS(CheckStateDir(state), Grade::kOk, "closed");
  ::chmod(dir.File("state/cluster.key").c_str(), 0640);
  EXPECT_DIAGNOSIS(CheckStateDir(state), Grade::kProblem,
                   "chmod 600 " + dir.File("state/cluster.key"));
  ::chmod(dir.File("state").c_str(), 0755);
  EXPECT_DIAGNOSIS(CheckStateDir(state), Grade::kProblem, "chmod 700 " + dir.File("state"));
}

TEST(DoctorMachineTest, EnoughWatchesForTheFolder) {
  EXPECT_DIAGNOSIS(JudgeWatches(9'000, 8'192), Grade::kProblem, "max_user_watches=65536");
  EXPECT_DIAGNOSIS(JudgeWatches(8'000, 8'192), Grade::kWarning, "8000 directories");
  EXPECT_DIAGNOSIS(JudgeWatches(100'000, 50'000), Grade::kProblem, "max_user_watches=202000");
  EXPECT_DIAGNOSIS(JudgeWatches(1'000, 65'536), Grade::kOk, "65536 watches");
}

TEST(DoctorMachineTest, DirectoriesAreCountedWhenNoAgentDid) {
  TestDir dir;
  std::filesystem::create_directories(dir.File("A/x/y"));
  std::filesystem::create_directory_symlink(dir.path(), dir.File("A/loop"));
  dir.Write("A/file", "");
  std::optional<Diagnosis> counted = CheckWatches(dir.path(), std::nullopt);
  ASSERT_TRUE(counted.has_value()) << "Linux has such a limit";
  EXPECT_TRUE(Says(*counted, "4 directories to watch")) << counted->text;
  EXPECT_TRUE(Says(*CheckWatches(dir.path(), 77), "77 directories"));
}

TEST(DoctorMachineTest, AddressesToListenOn) {
  Config config;
  EXPECT_DIAGNOSIS(CheckListening(config).at(0), Grade::kWarning, "listens nowhere");
  const std::pair<const char*, const char*> cases[] = {{"127.0.0.1:22067", "this machine only"},
                                                       {"0.0.0.0:22067", "open to the outside"}};
  for (const auto& [address, words] : cases) {
    config.listen = {address};
    EXPECT_DIAGNOSIS(CheckListening(config).at(0), Grade::kWarning, words);
  }
  // For documentation only (RFC 5737): no machine has it.
  config.listen = {"192.0.2.1:22067", "127.0.0.1:22067"};
  Diagnoses diagnoses = CheckListening(config);
  ASSERT_EQ(diagnoses.size(), 2u);
  EXPECT_DIAGNOSIS(diagnoses[0], Grade::kProblem, "no address of this machine");
}

PracticeFacts Facts() {
  PracticeFacts facts;
  facts.folder_used = "1";
  facts.failed_at = "0";
  facts.server_id = 2;
  facts.servers = {{"main", 1, ""}, {"north", 2, ""}};
  return facts;
}

TEST(DoctorPracticeTest, ServerIds) {
  PracticeFacts facts = Facts();
  EXPECT_DIAGNOSIS(JudgeServerId(facts), Grade::kOk, "server 2, 'north'");
  facts.server_id = 9;
  EXPECT_DIAGNOSIS(JudgeServerId(facts), Grade::kWarning, "9 is none");
  facts.server_id = 0;
  EXPECT_DIAGNOSIS(JudgeServerId(facts), Grade::kProblem, "my.ini");
  facts.servers.clear();
  EXPECT_DIAGNOSIS(JudgeServerId(facts), Grade::kOk, "no replication servers");
  facts = Facts();
  facts.servers[0].server_id = 2;
  EXPECT_DIAGNOSIS(JudgeServerId(facts), Grade::kProblem, "2 rows");
}

TEST(DoctorPracticeTest, Replication) {
  PracticeFacts facts = Facts();
  EXPECT_DIAGNOSIS(JudgeReplication(facts, "", ""), Grade::kOk, "nothing has stopped");
  EXPECT_DIAGNOSIS(JudgeReplication(facts, "replication has stopped", "a right is missing"),
                   Grade::kProblem, "replication has stopped");
  EXPECT_EQ(JudgeReplication(facts, "", "a right is missing").grade, Grade::kWarning);
  facts.failed_at = "1";
  EXPECT_DIAGNOSIS(JudgeReplication(facts, "", ""), Grade::kWarning, "server_id 1");
}

TEST(DoctorPracticeTest, OpenDentalUsesTheSameFolder) {
  TestDir dir;
  std::filesystem::create_directories(dir.File("root/A"));
  std::filesystem::create_directories(dir.File("other/A"));
  std::filesystem::create_symlink(dir.File("root"), dir.File("link"));
  PracticeFacts facts = Facts();
  facts.doc_path = dir.File("none") + ";" + dir.File("link");
  facts.computers = {{"HERE", dir.File("other")}};
  const ThisMachine machine = {{"HERE"}, {}};
  EXPECT_DIAGNOSIS(JudgeRoot(facts, machine, dir.File("root")), Grade::kOk, "Data Paths");
  facts.servers[1].image_path = dir.File("other");
  EXPECT_DIAGNOSIS(JudgeRoot(facts, machine, dir.File("root")), Grade::kProblem, dir.File("other"));
  facts.servers[1].image_path = "\\\\FAR\\OpenDentImages";
  EXPECT_DIAGNOSIS(JudgeRoot(facts, machine, dir.File("root")), Grade::kWarning, "OpenDentImages");
  facts.servers[1].image_path = "\\\\here\\OpenDentImages";
  EXPECT_DIAGNOSIS(JudgeRoot(facts, machine, dir.File("root")), Grade::kOk,
                   "a share of this machine");
}

TEST(DoctorPracticeTest, ServersThatUseOneFolder) {
  const ThisMachine machine = {{"NORTH"}, {}};
  PracticeFacts facts = Facts();
  facts.servers[0].image_path = "D:\\OpenDentImages";
  facts.servers[1].image_path = "D:\\OpenDentImages;\\\\NORTH\\Images";
  EXPECT_DIAGNOSIS(JudgeServers(facts, machine), Grade::kOk, "no two");
  facts.servers[0].image_path = "//north/Other";
  EXPECT_DIAGNOSIS(JudgeServers(facts, machine), Grade::kWarning, "main uses //north/Other");
  facts.servers[0].image_path = "\\\\far\\x\\";
  facts.servers[1].image_path = "\\\\FAR\\X";
  Diagnosis both = JudgeServers(facts, machine);
  EXPECT_DIAGNOSIS(both, Grade::kWarning, "main uses");
  EXPECT_TRUE(Says(both, "north uses")) << both.text;
}

TEST(DoctorPracticeTest, WorkstationsThatWriteElsewhere) {
  TestDir dir;
  std::filesystem::create_directory(dir.File("root"));
  const ThisMachine machine = {{"SERVER1"}, {{"Images", dir.File("root")}}};
  PracticeFacts facts = Facts();
  facts.computers = {{"SERVER1", dir.File("root")},
                     {"FRONT", "\\\\server1\\images"},
                     {"DESK", "\\\\server1\\unknown"}};
  EXPECT_DIAGNOSIS(JudgeWorkstations(facts, machine, dir.File("root")), Grade::kOk, "none");
  for (int i = 0; i < 25; ++i) {
    facts.computers.push_back({"PC" + std::to_string(i), "\\\\SERVER2\\Images"});
  }
  Diagnosis found = JudgeWorkstations(facts, machine, dir.File("root"));
  EXPECT_DIAGNOSIS(found, Grade::kWarning, "25 workstations have");
  EXPECT_TRUE(Says(found, "PC0 (\\\\SERVER2\\Images)") || Says(found, "PC0 (\\SERVER2"))
      << found.text;
  EXPECT_TRUE(Says(found, "and 5 more")) << found.text;
  EXPECT_FALSE(Says(found, "FRONT")) << found.text;
}

TEST(DoctorDatabaseTest, RightsAndTheLackOfADatabase) {
  EXPECT_DIAGNOSIS(JudgeRights({}), Grade::kOk, "nothing else");
  EXPECT_DIAGNOSIS(JudgeRights({{"GRANT a;", "GRANT b;"}, {"GRANT c;"}, {"SUPER on *.*"}}),
                   Grade::kProblem, "GRANT a;\nGRANT b;");
  EXPECT_DIAGNOSIS(JudgeRights({{}, {"GRANT c;"}, {"SUPER on *.*"}}), Grade::kWarning, "SUPER");
  EXPECT_DIAGNOSIS(JudgeRights({{}, {"GRANT c;"}, {}}), Grade::kWarning, "GRANT c;");
  EXPECT_DIAGNOSIS(JudgeRights({{}, {}, {}, {"GRANT d;"}}), Grade::kOk, "GRANT d;");
  Config config;
  EXPECT_DIAGNOSIS(CheckDatabase(config, {}).at(0), Grade::kWarning, "none is configured");
  TestDir dir;
  config.database.url = "mariadb://a@localhost/od?socket=" + dir.File("none");
  Diagnoses diagnoses = CheckDatabase(config, {});
  ASSERT_EQ(diagnoses.size(), 1u);
  EXPECT_EQ(diagnoses[0].grade, Grade::kProblem);
}

TEST(ClockChecksTest, TwoSecondsAreNothingAndAMinuteIsTooMuch) {
  const auto judge = [](int64_t ahead_ms) {
    return JudgeClock("peer clock", "the replica north", ahead_ms);
  };
  EXPECT_DIAGNOSIS(judge(2'000), Grade::kOk, "agree");
  EXPECT_DIAGNOSIS(judge(-2'000), Grade::kOk, "agree");
  EXPECT_DIAGNOSIS(judge(2'001), Grade::kWarning,
                   "that of the replica north is 2 seconds ahead of");
  EXPECT_DIAGNOSIS(judge(-60'000), Grade::kWarning, "60 seconds behind");
  EXPECT_DIAGNOSIS(judge(60'001), Grade::kProblem, "time server");
  EXPECT_DIAGNOSIS(judge(-7'500'000), Grade::kProblem, "2 hours behind");
  EXPECT_DIAGNOSIS(judge(1'000'000'000'000), Grade::kProblem, "11574 days ahead");
}

TEST(ClockChecksTest, OnlyConnectedReplicasHaveAClockToLookAt) {
  const Json status = {{"peers",
                        {{{"name", "north"}, {"clock_ahead_ms", 5'000}},
                         {{"name", "van"}, {"clock_ahead_ms", nullptr}},
                         {{"name", "of an older version"}},
                         {{"name", "south"}, {"clock_ahead_ms", -100}}}}};
  const Diagnoses found = CheckPeerClocks(status);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_DIAGNOSIS(found[0], Grade::kWarning, "north is 5 seconds ahead");
  EXPECT_DIAGNOSIS(found[1], Grade::kOk, "south");
  EXPECT_TRUE(CheckPeerClocks(Json::object()).empty());
}

}  // namespace
}  // namespace atozsync
