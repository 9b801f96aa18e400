// The running agent with a real database server: what `status` and `held` say, and what a person
// decides.
#include <gtest/gtest.h>
#include <signal.h>
#include <sqlite3.h>
#include <unistd.h>

#include "agent/json_reports.h"
#include "tests/unit/agent/agent_process.h"
#include "tests/unit/agent/practice_rig.h"
#include "tests/unit/agent/run_command.h"

namespace atozsync {
namespace {

class AgentDatabaseTest : public PracticeTest {
 protected:
  // A replica `name` in a folder of its own, with the practice's database or without.
  void MakeReplica(const std::string& name, bool with_database) {
    std::filesystem::create_directories(dir_.File(name));
    ASSERT_EQ(
        Command(name, "init --listen 127.0.0.1:0 --name " + name + " --root " + dir_.File(name))
            .code,
        0);
    if (with_database) SetDatabase(name, "gate_wait = \"1h\"\n");
  }
  void SetDatabase(const std::string& name, const std::string& more) {
    const std::string file = name + "-state/atozsync.toml";
    const std::string without = dir_.Read(file).substr(0, dir_.Read(file).find("\n[database]"));
    dir_.Write(file, without + (more.empty()
                                    ? ""
                                    : "\n[database]\nurl = \"" + Url() + "\"\npassword_file = \"" +
                                          dir_.File("password") + "\"\n" + more));
  }
  Outcome Command(const std::string& name, const std::string& arguments) {
    return RunCommand(dir_, arguments + " --state " + dir_.File(name + "-state"));
  }
  void Join(const std::string& name, const std::string& inviter) {
    Outcome invited;
    ASSERT_TRUE(WaitFor([&] { return (invited = Command(inviter, "invite")).code == 0; }));
    Outcome joined = Command(name, "join " + invited.out.substr(0, invited.out.find('\n')));
    ASSERT_EQ(joined.code, 0) << joined.err;
  }
  Json Status(const std::string& name) {
    return ParseJson(Command(name, "status --json").out).value_or(Json::object());
  }
  bool UntilDatabaseIs(const std::string& name, const std::string& word) {
    return WaitFor([&] { return TextAt(Status(name).value("database", Json()), "state") == word; });
  }
  bool UntilHeld(const std::string& name, const char* kind, uint64_t count) {
    return WaitFor([&] { return NumberAt(Status(name).value("held", Json()), kind) == count; });
  }
  // The agent has seen a row for so many files: only then does the row's going mean anything.
  bool UntilRowsSeen(const std::string& name, int count) {
    return WaitFor([&] {
      // The agent keeps others out of its index: a copy is asked, anew when it was made in between.
      for (const char* part : {"index.db", "index.db-wal"}) {
        std::error_code missing;
        std::filesystem::copy_file(dir_.File(name + "-state/" + part), dir_.File(part),
                                   std::filesystem::copy_options::overwrite_existing, missing);
      }
      sqlite3* index = nullptr;
      sqlite3_stmt* query = nullptr;
      int seen = -1;
      ::sqlite3_open(dir_.File("index.db").c_str(), &index);
      const char* sql = "SELECT COUNT(*) FROM gate WHERE row_seen = 1";
      if (::sqlite3_prepare_v2(index, sql, -1, &query, nullptr) == SQLITE_OK &&
          ::sqlite3_step(query) == SQLITE_ROW) {
        seen = ::sqlite3_column_int(query, 0);
      }
      ::sqlite3_finalize(query);
      ::sqlite3_close(index);
      std::filesystem::remove(dir_.File("index.db-wal"));
      return seen == count;
    });
  }
  bool UntilThere(const std::string& file) {
    return WaitFor([&] { return std::filesystem::exists(dir_.File(file)); });
  }
};

TEST_F(AgentDatabaseTest, StatusFollowsTheServer) {
  MakeReplica("here", true);
  AgentProcess agent(dir_.File("here-state"));
  ASSERT_TRUE(UntilDatabaseIs("here", "connected"));
  EXPECT_NE(Command("here", "status").out.find("Database: connected\n"), std::string::npos);
  Server().Stop();
  EXPECT_TRUE(UntilDatabaseIs("here", "unreachable")) << "though nobody asks about a file";
  EXPECT_NE(Command("here", "status").out.find("Database: unreachable – "), std::string::npos);
  Server().Start();
  EXPECT_TRUE(UntilDatabaseIs("here", "connected"));
  Server().ExecuteIn("opendental",
                     "UPDATE preference SET ValueString='SERVER9' WHERE "
                     "PrefName='UpdateInProgressOnComputerName'");
  EXPECT_TRUE(WaitFor([&] {
    return TextAt(Status("here").value("database", Json()), "frozen").find("SERVER9") !=
           std::string::npos;
  }));
}

TEST_F(AgentDatabaseTest, AChangedSectionTakesEffectWhenTheConfigurationIsReadAgain) {
  MakeReplica("here", false);
  AgentProcess agent(dir_.File("here-state"));
  ASSERT_TRUE(WaitFor([&] { return Status("here").value("state", "") == "idle"; }));
  EXPECT_TRUE(Status("here")["database"].is_null());
  SetDatabase("here", "vanish_wait = \"1s\"\n");
  agent.Reload();
  EXPECT_TRUE(UntilDatabaseIs("here", "connected"));
  SetDatabase("here", "");
  agent.Reload();
  EXPECT_TRUE(WaitFor([&] { return Status("here").value("database", Json(1)).is_null(); }));
}

TEST_F(AgentDatabaseTest, AFileWithoutARowIsHeldUntilAPersonReleasesIt) {
  MakeReplica("far", false);
  MakeReplica("here", true);
  AgentProcess far(dir_.File("far-state"));
  AgentProcess here(dir_.File("here-state"));
  ASSERT_TRUE(UntilDatabaseIs("here", "connected"));
  Join("here", "far");

  std::filesystem::create_directories(dir_.File("far/S/SmithJohn15"));
  dir_.Write("far/S/SmithJohn15/dropped.jpg", "a");
  dir_.Write("far/S/SmithJohn15/SmithJohn389.jpg", "b");
  EXPECT_TRUE(UntilThere("here/S/SmithJohn15/SmithJohn389.jpg")) << "a row names it";
  ASSERT_TRUE(UntilHeld("here", "row", 1));
  EXPECT_FALSE(std::filesystem::exists(dir_.File("here/S/SmithJohn15/dropped.jpg")));
  std::string status = Command("here", "status").out;
  EXPECT_NE(status.find("S/SmithJohn15/dropped.jpg: waits for its row since "), std::string::npos)
      << status;
  Outcome held = Command("here", "held");
  EXPECT_EQ(held.code, 0) << "it goes on by itself after an hour: nobody is needed";
  EXPECT_NE(held.out.find("S/SmithJohn15/dropped.jpg"), std::string::npos) << held.out;
  std::optional<Json> list = ParseJson(Command("here", "held list --json").out);
  ASSERT_TRUE(list.has_value() && list->size() == 1) << held.out;
  const std::string id = TextAt((*list)[0], "id");

  Outcome reverted = Command("here", "held revert " + id);
  EXPECT_EQ(reverted.code, 2);
  EXPECT_NE(reverted.err.find("waits for its row"), std::string::npos) << reverted.err;
  EXPECT_EQ(Command("here", "held release S/SmithJohn15/none.jpg").code, 2);
  EXPECT_EQ(Command("here", "held release " + id).code, 0);
  EXPECT_TRUE(UntilThere("here/S/SmithJohn15/dropped.jpg"));
  EXPECT_TRUE(UntilHeld("here", "row", 0));
  EXPECT_EQ(Command("here", "held").out, "Nothing is held.\n");

  dir_.Write("far/S/SmithJohn15/another.jpg", "c");
  ASSERT_TRUE(UntilHeld("here", "row", 1));
  EXPECT_EQ(Command("here", "held release .").code, 0) << "a folder stands for all in it";
  EXPECT_TRUE(UntilThere("here/S/SmithJohn15/another.jpg"));
}

TEST_F(AgentDatabaseTest, AFileWhoseRowDoesNotComeAppearsAfterTheTimeThatIsConfigured) {
  MakeReplica("far", false);
  MakeReplica("here", true);
  SetDatabase("here", "gate_wait = \"300ms\"\n");
  AgentProcess far(dir_.File("far-state"));
  AgentProcess here(dir_.File("here-state"));
  ASSERT_TRUE(UntilDatabaseIs("here", "connected"));
  Join("here", "far");
  std::filesystem::create_directories(dir_.File("far/S/SmithJohn15"));
  dir_.Write("far/S/SmithJohn15/dropped.jpg", "a");
  EXPECT_TRUE(UntilThere("here/S/SmithJohn15/dropped.jpg"));
}

TEST_F(AgentDatabaseTest, BehindTheBrakeFilesStayUntilAPersonDecides) {
  constexpr int kFiles = 130;
  constexpr int kTakenOut = 100;  // before the brake holds
  MakeReplica("here", true);
  std::filesystem::create_directories(dir_.File("here/S/SmithJohn15"));
  std::string rows;
  for (int i = 0; i < kFiles; ++i) {
    const std::string name = "many" + std::to_string(i) + ".jpg";
    dir_.Write("here/S/SmithJohn15/" + name, name);
    rows += (i == 0 ? "" : ",") + std::string("(15,'") + name + "','','','','',NOW(),136)";
  }
  Server().ExecuteIn("opendental",
                     "DELETE FROM document WHERE FileName LIKE 'many%';"
                     "INSERT INTO document (PatNum,FileName,Note,RawBase64,Thumbnail,"
                     "OcrResponseData,DateCreated,DocCategory) VALUES " +
                         rows);
  AgentProcess agent(dir_.File("here-state"));
  ASSERT_TRUE(UntilDatabaseIs("here", "connected"));
  ASSERT_TRUE(WaitFor([&] { return NumberAt(Status("here"), "files") == kFiles; }));
  ASSERT_TRUE(UntilRowsSeen("here", kFiles));
  Server().ExecuteIn("opendental",
                     "DELETE FROM document WHERE FileName LIKE 'many%';"
                     "INSERT INTO securitylog (PermType,PatNum,LogText) VALUES (44,15,'')");
  ASSERT_TRUE(UntilHeld("here", "brake", kFiles - kTakenOut));
  EXPECT_NE(Command("here", "status").out.find("STOPPED BY THE BRAKE: 30 files"),
            std::string::npos);
  EXPECT_EQ(Command("here", "held").code, 1) << "a person has to decide";
  EXPECT_EQ(Command("here", "held revert S/SmithJohn15").code, 0);
  EXPECT_TRUE(UntilHeld("here", "brake", 0));
  EXPECT_EQ(Command("here", "held").out, "Nothing is held.\n");
  EXPECT_EQ(NumberAt(Status("here"), "files"), static_cast<uint64_t>(kFiles - kTakenOut))
      << "they stay";
}

}  // namespace
}  // namespace atozsync
