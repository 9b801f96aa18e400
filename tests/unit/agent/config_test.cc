#include "agent/config.h"

#include <gtest/gtest.h>

#include "agent/config_edit.h"

namespace atozsync {
namespace {

const char* const kId = "AAAAAAA-AAAAAAA-AAAAAAA-AAAAAAA-AAAAAAA-AAAAAAA-AAAAAAA-AAA";

ReplicaId IdOf(uint8_t last) {
  ReplicaId id;
  id.bytes[31] = last;
  return id;
}

// Line 1 and 2 are a good [replica]; what is given begins at line 4.
std::string After(const std::string& more) {
  return "[replica]\nname = \"a\"\nroot = \"/srv/a\"\n" + more;
}

const std::string kDatabase = "[database]\nurl = \"mariadb://a@127.0.0.1:3306/opendental\"\n";

const std::string kSchedule = "[[network.schedule]]\n";

struct Wrong {
  const char* what;
  std::string text;
  const char* place;  // file, line and key
};

class WrongConfig : public testing::TestWithParam<Wrong> {};

TEST_P(WrongConfig, IsRefusedWithFileLineAndKey) {
  Result<Config> config = ParseConfig(GetParam().text, "f.toml");
  ASSERT_FALSE(config.ok());
  EXPECT_EQ(config.error().code, Errc::kInvalid);
  EXPECT_EQ(config.error().context.rfind(GetParam().place, 0), 0u) << config.error().context;
}

INSTANTIATE_TEST_SUITE_P(
    All, WrongConfig,
    testing::Values(
        Wrong{"NotToml", "[replica\n", "f.toml:1:"},
        Wrong{"NoReplica", "[network]\n", "f.toml:1: [replica] root:"},
        Wrong{"NoRoot", "[replica]\nname = \"a\"\n", "f.toml:1: [replica] root:"},
        Wrong{"RelativeRoot", "[replica]\nname = \"a\"\nroot = \"a\"\n",
              "f.toml:3: [replica] root:"},
        Wrong{"EmptyName", "[replica]\nname = \"\"\nroot = \"/a\"\n", "f.toml:"},
        Wrong{"NameWithNewline", "[replica]\nname = \"a\\nb\"\nroot = \"/a\"\n",
              "f.toml:2: [replica] name:"},
        Wrong{"UnknownKey", "[replica]\nname = \"a\"\nroot = \"/a\"\nrooot = 1\n",
              "f.toml:4: [replica] rooot: unknown key"},
        Wrong{"UnknownSection", After("[netwrok]\n"), "f.toml:4: [netwrok]: unknown section"},
        Wrong{"PeersInOneLine", "peer = [{id = \"" + std::string(kId) + "\"}]\n" + After(""),
              "f.toml:1: peer:"},
        Wrong{"DatabaseNoUrl", After("[database]\n"), "f.toml:4: [database] url: is missing"},
        Wrong{"DatabaseUrlIsNumber", After("[database]\nurl = 1\n"), "f.toml:5: [database] url:"},
        Wrong{"DatabaseUrlIsNone", After("[database]\nurl = \"opendental\"\n"),
              "f.toml:5: [database] url:"},
        Wrong{"DatabaseUrlHoldsPassword",
              After("[database]\nurl = \"mariadb://a:secret@127.0.0.1/opendental\"\n"),
              "f.toml:5: [database] url:"},
        Wrong{"DatabaseUnknownKey", After(kDatabase + "password = \"x\"\n"),
              "f.toml:6: [database] password: unknown key"},
        Wrong{"DatabasePasswordFileRelative", After(kDatabase + "password_file = \"x\"\n"),
              "f.toml:6: [database] password_file:"},
        Wrong{"DatabaseGateWaitNoUnit", After(kDatabase + "gate_wait = \"5\"\n"),
              "f.toml:6: [database] gate_wait:"},
        Wrong{"DatabaseGateWaitTooLong", After(kDatabase + "gate_wait = \"31 days\"\n"),
              "f.toml:6: [database] gate_wait:"},
        Wrong{"DatabaseGateWaitOfNoTable", After(kDatabase + "gate_wait_of = \"5m\"\n"),
              "f.toml:6: [database] gate_wait_of:"},
        Wrong{"DatabaseGateWaitOfUnknownFolder",
              After(kDatabase + "[database.gate_wait_of]\nEOBs = \"5m\"\nForms = \"5m\"\n"),
              "f.toml:8: [database.gate_wait_of] Forms: no folder"},
        Wrong{"DatabaseGateWaitOfLowerCase",
              After(kDatabase + "[database.gate_wait_of]\ns = \"5m\"\n"),
              "f.toml:7: [database.gate_wait_of] s: no folder"},
        Wrong{"DatabaseGateWaitOfNoUnit", After(kDatabase + "[database.gate_wait_of]\nS = \"5\"\n"),
              "f.toml:7: [database.gate_wait_of] S:"},
        Wrong{"DatabaseVanishWaitTooShort", After(kDatabase + "vanish_wait = \"1ms\"\n"),
              "f.toml:6: [database] vanish_wait:"},
        Wrong{"DashboardNotOnLoopback", After("[dashboard]\nlisten = \"10.0.0.1:22068\"\n"),
              "f.toml:5: [dashboard] listen:"},
        Wrong{"SectionIsNoTable", After("") + "[network]\n[[network.listen]]\n", "f.toml:5:"},
        Wrong{"ListenIsText", After("[network]\nlisten = \"10.0.0.1:1\"\n"),
              "f.toml:5: [network] listen:"},
        Wrong{"ListenHoldsNumber", After("[network]\nlisten = [\n1]\n"),
              "f.toml:6: [network] listen:"},
        Wrong{"ListenPublic", After("[network]\nlisten = [\"8.8.8.8:22067\"]\n"),
              "f.toml:5: [network] listen:"},
        Wrong{"ListenWildcard", After("[network]\nlisten = [\"0.0.0.0:22067\"]\n"),
              "f.toml:5: [network] listen:"},
        Wrong{"ListenNoPort", After("[network]\nlisten = [\"10.0.0.1\"]\n"),
              "f.toml:5: [network] listen:"},
        Wrong{"UploadLimitNoUnit", After("[network]\nupload_limit = \"20\"\n"),
              "f.toml:5: [network] upload_limit: '20' is not a speed"},
        Wrong{"UploadLimitIsNumber", After("[network]\nupload_limit = 20\n"),
              "f.toml:5: [network] upload_limit: must be text"},
        Wrong{"UploadLimitTooLow", After("[network]\nupload_limit = \"1 kbit/s\"\n"),
              "f.toml:5: [network] upload_limit: '1 kbit/s' must lie between"},
        Wrong{"ScheduleOneBracket", After("[network.schedule]\nfrom = \"08:00\"\n"),
              "f.toml:4: [network] schedule: must be written as [[network.schedule]]"},
        Wrong{"ScheduleNoLimit", After(kSchedule), "f.toml:4: [[network.schedule]] upload_limit:"},
        Wrong{"ScheduleUnknownKey", After(kSchedule + "day = \"mon\"\n"),
              "f.toml:5: [[network.schedule]] day: unknown key"},
        Wrong{"ScheduleNoDay", After(kSchedule + "days = []\n"),
              "f.toml:5: [[network.schedule]] days: is empty"},
        Wrong{"ScheduleWrongDay", After(kSchedule + "days = [\"monday\"]\n"),
              "f.toml:5: [[network.schedule]] days: 'monday' is no day"},
        Wrong{"ScheduleWrongTime", After(kSchedule + "from = \"8:00\"\n"),
              "f.toml:5: [[network.schedule]] from: '8:00' is no time"},
        Wrong{"ScheduleAfterMidnight", After(kSchedule + "to = \"24:01\"\n"),
              "f.toml:5: [[network.schedule]] to: '24:01' is no time"},
        Wrong{"ScheduleNeverBegins", After(kSchedule + "from = \"24:00\"\n"),
              "f.toml:5: [[network.schedule]] from: must be before"},
        Wrong{"ScheduleNoTime", After(kSchedule + "from = \"08:00\"\nto = \"08:00\"\n"),
              "f.toml:6: [[network.schedule]] to: is the same as from"},
        Wrong{"ScheduleWrongLimit", After(kSchedule + "upload_limit = \"fast\"\n"),
              "f.toml:5: [[network.schedule]] upload_limit: 'fast' is not a speed"},
        Wrong{"FlagIsText", After("[network]\nallow_public = \"yes\"\n"),
              "f.toml:5: [network] allow_public:"},
        Wrong{"KeepDaysIsText", After("[versions]\nkeep_days = \"90\"\n"),
              "f.toml:5: [versions] keep_days:"},
        Wrong{"KeepDaysZero", After("[versions]\nkeep_days = 0\n"),
              "f.toml:5: [versions] keep_days:"},
        Wrong{"IntervalNoUnit", After("[scan]\ninterval = \"5\"\n"), "f.toml:5: [scan] interval:"},
        Wrong{"IntervalTooShort", After("[scan]\ninterval = \"1ms\"\n"),
              "f.toml:5: [scan] interval:"},
        Wrong{"SettleNegative", After("[scan]\nsettle = \"-1s\"\n"), "f.toml:5: [scan] settle:"},
        Wrong{"LogLevel", After("[log]\nlevel = \"loud\"\n"), "f.toml:5: [log] level:"},
        Wrong{"LogFileRelative", After("[log]\nfile = \"x.log\"\n"), "f.toml:5: [log] file:"},
        Wrong{"PeerOneBracket", After("[peer]\nid = \"x\"\n"), "f.toml:4: peer:"},
        Wrong{"PeerNoId", After("[[peer]]\nname = \"b\"\n"), "f.toml:4: [[peer]] id:"},
        Wrong{"PeerBadId", After("[[peer]]\nname = \"b\"\nid = \"AB\"\n"),
              "f.toml:6: [[peer]] id:"},
        Wrong{"PeerBadAddress",
              After(std::string("[[peer]]\nid = \"") + kId + "\"\naddresses = [\"x\"]\n"),
              "f.toml:6: [[peer]] addresses:"},
        Wrong{
            "PeerTwice",
            After(std::string("[[peer]]\nid = \"") + kId + "\"\n[[peer]]\nid = \"" + kId + "\"\n"),
            "f.toml:7: [[peer]] id: stands in two"},
        Wrong{"PeerUnknownKey", After("[[peer]]\nadress = 1\n"),
              "f.toml:5: [[peer]] adress: unknown key"}),
    [](const testing::TestParamInfo<Wrong>& param) { return param.param.what; });

TEST(ConfigTest, ReadsEveryKey) {
  Result<Config> config = ParseConfig(
      "[replica]\nname = \"main-office\"\nroot = \"/srv/A\"\nignore = [\"*.bak\"]\n"
      "[network]\nlisten = [\"10.8.0.1:22067\", \"8.8.8.8:1\"]\nallow_public = true\n"
      "upload_limit = \"unlimited\"\n"
      "[versions]\nkeep_days = 30\n[scan]\ninterval = \"10 min\"\nsettle = \"250ms\"\n"
      "[brake]\nshare = \"2.5%\"\nwindow = \"2h\"\nfiles = 7\n"
      "[log]\nfile = \"/var/log/a\"\nlevel = \"debug\"\nredact = true\n"
      "[database]\nurl = \"mariadb://a@127.0.0.1:3307/od\"\npassword_file = \"/etc/p\"\n"
      "gate_wait = \"4h\"\nvanish_wait = \"20s\"\n"
      "[database.gate_wait_of]\n\"EOBs\" = \"10m\"\nS = \"2h\"\n\"É\" = \"3h\"\n"
      "[[peer]]\nname = \"north\"\nid = \"" +
          IdOf(7).ToString() + "\"\naddresses = [\"10.8.0.2:22067\"]\n",
      "f");
  ASSERT_TRUE(config.ok()) << config.error().context;
  EXPECT_EQ(config->name, "main-office");
  EXPECT_EQ(config->root, "/srv/A");
  EXPECT_EQ(config->ignore, std::vector<std::string>{"*.bak"});
  EXPECT_EQ(config->listen.size(), 2u);
  EXPECT_EQ(config->keep_versions_ms, int64_t{30} * 24 * 3'600'000);
  EXPECT_EQ(config->rescan_interval_ms, 600'000);
  EXPECT_EQ(config->settle_ms, 250);
  EXPECT_EQ(config->brake, (BrakeOptions{250, 7, 7'200'000}));
  EXPECT_EQ(config->log, (LogConfig{"/var/log/a", LogLevel::kDebug, true}));
  EXPECT_EQ(config->database,
            (DatabaseConfig{"mariadb://a@127.0.0.1:3307/od",
                            "/etc/p",
                            4 * 3'600'000,
                            20'000,
                            {{"EOBs", 600'000}, {"S", 7'200'000}, {"É", 10'800'000}}}));
  EXPECT_EQ(config->peers, (std::vector<PeerConfig>{{IdOf(7), "north", {"10.8.0.2:22067"}}}));
}

TEST(ConfigTest, TheShareOfTheBrake) {
  const std::pair<const char*, uint32_t> kGood[] = {
      {"off", 0}, {"5%", 500}, {"5 %", 500}, {"0.01%", 1}, {"12.5%", 1250}, {"100%", 10'000}};
  for (const auto& [text, share] : kGood) {
    Result<Config> config = ParseConfig(
        "[replica]\nname = \"a\"\nroot = \"/a\"\n[brake]\nshare = \"" + std::string(text) + "\"\n",
        "f");
    ASSERT_TRUE(config.ok()) << config.error().context;
    EXPECT_EQ(config->brake.share, share) << text;
  }
  for (const char* text : {"", "5", "%", "0%", "0.00%", "100.01%", "-1%", "5.%", "1.234%", "a%",
                           "1e1%", "5%%", ".5%", "99999%"}) {
    Result<Config> config = ParseConfig(
        "[replica]\nname = \"a\"\nroot = \"/a\"\n[brake]\nshare = \"" + std::string(text) + "\"\n",
        "f");
    ASSERT_FALSE(config.ok()) << text;
    EXPECT_NE(config.error().context.find("f:5: [brake] share"), std::string::npos)
        << config.error().context;
  }
}

TEST(ConfigTest, TheFileThatInitWritesIsReadBack) {
  std::string text =
      NewConfigText("an \"odd\" name", "/srv/A to Z\\x", {"127.0.0.1:0"}, false, "127.0.0.1:22068");
  Result<Config> config = ParseConfig(text, "f");
  ASSERT_TRUE(config.ok()) << config.error().context;
  EXPECT_EQ(config->name, "an \"odd\" name");
  EXPECT_EQ(config->root, "/srv/A to Z\\x");
  EXPECT_EQ(config->listen, std::vector<std::string>{"127.0.0.1:0"});
  EXPECT_EQ(config->dashboard.listen, "127.0.0.1:22068");
  Config defaults;
  EXPECT_EQ(config->keep_versions_ms, defaults.keep_versions_ms);
  EXPECT_EQ(config->rescan_interval_ms, defaults.rescan_interval_ms);
  EXPECT_EQ(config->settle_ms, defaults.settle_ms);
  EXPECT_EQ(config->brake, defaults.brake);
  EXPECT_FALSE(config->database.configured()) << "the section is there as a comment only";
}

TEST(ConfigTest, TheCommentedDatabaseSectionIsRightOnceTheMarksAreGone) {
  std::string text = NewConfigText("a", "/a", {}, false);
  const size_t section = text.find("\n#[database]");
  for (const char* line : {"#[database]", "#url", "#password_file", "#gate_wait", "#vanish_wait"}) {
    size_t at = text.find(std::string("\n") + line, section);
    ASSERT_NE(at, std::string::npos) << line;
    text.erase(at + 1, 1);
  }
  Result<Config> config = ParseConfig(text, "f");
  ASSERT_TRUE(config.ok()) << config.error().context;
  EXPECT_EQ(config->database, (DatabaseConfig{"mariadb://atozsync@127.0.0.1:3306/opendental",
                                              "/etc/atozsync/db-password"}));
}

TEST(ConfigTest, DashboardAndAlertAreRightOnceTheMarksAreGone) {
  std::string text = NewConfigText("a", "/a", {}, false);
  size_t section = 0;
  for (const char* line : {"#[dashboard]", "#listen", "#canary", "#metrics", "#[alert]", "#command",
                           "#url", "#silent", "#details"}) {
    section = text.find(std::string("\n") + line, section);
    ASSERT_NE(section, std::string::npos) << line;
    text.erase(section + 1, 1);
  }
  Result<Config> config = ParseConfig(text, "f");
  ASSERT_TRUE(config.ok()) << config.error().context;
  EXPECT_EQ(config->dashboard, (DashboardConfig{"127.0.0.1:22068"}));
  EXPECT_EQ(config->alert,
            (AlertConfig{{"/usr/bin/logger", "-t", "atozsync"}, "http://10.8.0.9:8080/alerts"}));
}

TEST(ConfigTest, AlertsGoToThisMachineOrInsideTheVpn) {
  for (const char* url : {"http://127.0.0.1/", "http://10.8.0.9:8080/a?b=c", "http://[fd00::2]/x",
                          "http://localhost:80"}) {
    EXPECT_TRUE(ParseAlertUrl(url).ok()) << url;
  }
  EXPECT_EQ(ParseAlertUrl("http://[fd00::2]:8080/x")->host, "fd00::2");
  EXPECT_EQ(ParseAlertUrl("http://127.0.0.1")->path, "/");
  for (const char* url :
       {"", "http://", "http:///x", "http://8.8.8.8/", "http://example.com/", "https://127.0.0.1/",
        "ftp://127.0.0.1/", "http://a@127.0.0.1/", "http://127.0.0.1:0/", "http://127.0.0.1:x/",
        "http://0.0.0.0/", "http://127.0.0.1/ x", "http://127.0.0.1/\r\nX: y", "127.0.0.1"}) {
    EXPECT_FALSE(ParseAlertUrl(url).ok()) << url;
  }
}

TEST(ConfigTest, ADatabaseThatIsKnownAtInitIsWrittenDown) {
  for (const char* file : {"", "/etc/p w"}) {
    DatabaseConfig database{"mariadb://u@127.0.0.1:3306/opendental", file};
    Result<Config> config = ParseConfig(NewConfigText("a", "/a", {}, false, "", database), "f");
    ASSERT_TRUE(config.ok()) << config.error().context;
    EXPECT_EQ(config->database, database);
  }
}

TEST(ConfigEditTest, APeerComesAndGoesWithoutTouchingTheRest) {
  std::string before = NewConfigText("a", "/a", {}, false) + "# my note\n";
  std::string with = WithPeer(before, {IdOf(1), "b", {"10.0.0.2:1", "10.0.0.3:1"}});
  Result<Config> config = ParseConfig(with, "f");
  ASSERT_TRUE(config.ok()) << config.error().context;
  ASSERT_EQ(config->peers.size(), 1u);
  EXPECT_EQ(config->peers[0].addresses.size(), 2u);
  Result<std::string> without = WithoutPeer(with, IdOf(1));
  ASSERT_TRUE(without.ok());
  EXPECT_EQ(*without, before);
}

TEST(ConfigEditTest, RemovingOneLeavesOtherBlocksAndTheirComments) {
  std::string text = After("");
  text = WithPeer(text, {IdOf(1), "b", {"10.0.0.2:1"}}) + "# about c\n";
  text = WithPeer(text, {IdOf(2), "c", {"10.0.0.3:1"}});
  // Written by hand over several lines, with what looks like a header inside.
  text += "\n[[peer]]\nid = \"" + IdOf(3).ToString() +
          "\"\naddresses = [\n  \"10.0.0.4:1\",\n]\n# end\n";
  Result<std::string> without = WithoutPeer(text, IdOf(1));
  ASSERT_TRUE(without.ok());
  EXPECT_NE(without->find("# about c"), std::string::npos);
  without = WithoutPeer(*without, IdOf(3));
  ASSERT_TRUE(without.ok());
  Result<Config> config = ParseConfig(*without, "f");
  ASSERT_TRUE(config.ok()) << config.error().context;
  ASSERT_EQ(config->peers.size(), 1u);
  EXPECT_EQ(config->peers[0].name, "c");
  EXPECT_NE(without->find("# end"), std::string::npos);
  EXPECT_EQ(*WithoutPeer(*without, IdOf(9)), *without);
}

}  // namespace
}  // namespace atozsync
