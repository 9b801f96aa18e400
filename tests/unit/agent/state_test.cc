#include <gtest/gtest.h>
#include <sys/stat.h>

#include "agent/config.h"
#include "agent/duration.h"
#include "agent/format.h"
#include "agent/logging.h"
#include "agent/membership.h"
#include "agent/state_dir.h"
#include "sync/os/system_files.h"
#include "tests/unit/agent/test_dir.h"

namespace atozsync {
namespace {

using protocol::MemberInfo;

unsigned ModeOf(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 ? info.st_mode & 0777u : 0u;
}

MemberInfo Member(uint8_t number, const std::string& name, bool removed = false) {
  MemberInfo member;
  member.id.bytes[0] = number;
  member.name = name;
  member.addresses = {"10.0.0." + std::to_string(number) + ":22067"};
  member.removed = removed;
  member.stamp = number;
  return member;
}

TEST(StateDirTest, IsForItsOwnerOnly) {
  TestDir dir;
  StateDir state(dir.File("a/b"));
  ASSERT_TRUE(state.Create().ok());
  EXPECT_EQ(ModeOf(state.path()), 0700u);
  ASSERT_TRUE(state.WriteClusterKey(Bytes(StateDir::kClusterKeyBytes, 1)).ok());
  EXPECT_EQ(ModeOf(state.ClusterKeyFile()), 0600u);
  EXPECT_TRUE(state.ReadClusterKey().ok());
  dir.Write("a/b/cluster.key", "short");
  EXPECT_TRUE(state.ReadClusterKey().Is(Errc::kCorrupt));
}

TEST(StateDirTest, OneAgentAtATime) {
  TestDir dir;
  StateDir state(dir.path());
  {
    Result<StateLock> first = StateLock::Acquire(state);
    ASSERT_TRUE(first.ok());
    EXPECT_TRUE(StateLock::Acquire(state).Is(Errc::kBusy));
  }
  EXPECT_TRUE(StateLock::Acquire(state).ok());
}

TEST(StateDirTest, ADamagedIndexIsSetAsideWithItsJournal) {
  TestDir dir;
  StateDir state(dir.path());
  EXPECT_EQ(*state.SetIndexAside("corrupt", 0), "");
  for (int round = 0; round < 2; ++round) {
    dir.Write("index.db", "x");
    dir.Write("index.db-wal", "y");
    Result<std::string> aside = state.SetIndexAside("corrupt", 0);
    ASSERT_TRUE(aside.ok());
    EXPECT_TRUE(PathExists(*aside));
    EXPECT_TRUE(PathExists(*aside + "-wal"));
    EXPECT_FALSE(PathExists(state.IndexFile()));
    EXPECT_FALSE(PathExists(state.IndexFile() + "-wal"));
  }
  EXPECT_TRUE(PathExists(state.IndexFile() + ".corrupt-19700101T000000Z"));
  EXPECT_TRUE(PathExists(state.IndexFile() + ".corrupt-19700101T000000Z-2"));
}

TEST(StateDirTest, SettingAsideNeverLeavesAnIndexWithoutItsJournal) {
  TestDir dir;
  StateDir state(dir.path());
  dir.Write("index.db", "x");
  dir.Write("index.db-wal", "y");
  // The renaming of the journal fails: something is in its way.
  ASSERT_TRUE(MakePrivateDir(state.IndexFile() + ".corrupt-19700101T000000Z-wal/in-the-way").ok());
  EXPECT_FALSE(state.SetIndexAside("corrupt", 0).ok());
  EXPECT_TRUE(PathExists(state.IndexFile() + "-wal"));
  EXPECT_FALSE(PathExists(state.IndexFile())) << "without the journal's commits it is rolled back";
}

class MembershipTest : public testing::Test {
 protected:
  void SetUp() override { dir_.Write("atozsync.toml", NewConfigText("me", "/srv", {}, false)); }
  std::vector<PeerConfig> Peers() {
    Result<Config> config = LoadConfig(state_.ConfigFile());
    EXPECT_TRUE(config.ok());
    return config.ok() ? config->peers : std::vector<PeerConfig>{};
  }
  TestDir dir_;
  StateDir state_{dir_.path()};
  ReplicaId self_ = Member(9, "").id;
};

TEST_F(MembershipTest, MembersBecomePeersButNotOneself) {
  ASSERT_TRUE(StoreMembers(state_, self_, {Member(1, "b"), Member(9, "me"), Member(2, "b")}).ok());
  std::vector<PeerConfig> peers = Peers();
  ASSERT_EQ(peers.size(), 2u);
  EXPECT_EQ(peers[0].name, "b");
  EXPECT_EQ(peers[1].name, "b-2") << "two members with one name";
  EXPECT_EQ(ModeOf(state_.ConfigFile()), 0600u);
}

TEST_F(MembershipTest, WhatAPersonWroteStays) {
  ASSERT_TRUE(StoreMembers(state_, self_, {Member(1, "b")}).ok());
  MemberInfo renamed = Member(1, "other");
  renamed.addresses = {"10.9.9.9:1"};
  ASSERT_TRUE(StoreMembers(state_, self_, {renamed}).ok());
  EXPECT_EQ(Peers()[0].name, "b");
  EXPECT_EQ(Peers()[0].addresses[0], "10.0.0.1:22067");
}

TEST_F(MembershipTest, RemovedOnesAreRememberedAndCanComeBack) {
  ASSERT_TRUE(StoreMembers(state_, self_, {Member(1, "b"), Member(2, "c")}).ok());
  ASSERT_TRUE(StoreMembers(state_, self_, {Member(1, "b", true), Member(2, "c")}).ok());
  ASSERT_EQ(Peers().size(), 1u);
  EXPECT_EQ(Peers()[0].name, "c");
  Result<std::vector<MemberInfo>> removed = LoadRemovedMembers(state_);
  ASSERT_TRUE(removed.ok());
  EXPECT_EQ(*removed, (std::vector<MemberInfo>{Member(1, "b", true)}));
  ASSERT_TRUE(StoreMembers(state_, self_, {Member(1, "b"), Member(2, "c")}).ok());
  EXPECT_EQ(Peers().size(), 2u);
  EXPECT_TRUE(LoadRemovedMembers(state_)->empty());
}

TEST_F(MembershipTest, AWrongConfigurationIsNotOverwritten) {
  dir_.Write("atozsync.toml", "[replica\n");
  EXPECT_FALSE(StoreMembers(state_, self_, {Member(1, "b")}).ok());
  EXPECT_EQ(dir_.Read("atozsync.toml"), "[replica\n");
}

TEST(DurationTest, IsReadAsPeopleWriteIt) {
  EXPECT_EQ(*ParseDuration("90s"), 90'000);
  EXPECT_EQ(*ParseDuration("1h"), 3'600'000);
  EXPECT_EQ(*ParseDuration("10 min"), 600'000);
  EXPECT_EQ(*ParseDuration("30 days"), int64_t{30} * 86'400'000);
  for (const char* wrong :
       {"", "h", "5", "-1s", "-0s", "1 fortnight", "99999999999999999999s", "1e9d", "9999999d"}) {
    EXPECT_TRUE(ParseDuration(wrong).Is(Errc::kInvalid)) << wrong;
  }
}

TEST(FormatTest, Times) {
  EXPECT_EQ(UtcTime(1'795'428'000'123), "2026-11-23T10:00:00Z");
  EXPECT_EQ(UtcTimeOfNs(-1), "1969-12-31T23:59:59.999999999Z");
  EXPECT_EQ(HumanBytes(999), "999 bytes");
  EXPECT_EQ(HumanBytes(3'812'345'678), "3.8 GB");
}

TEST(LoggerTest, TheLogIsPrivateAndANameCannotForgeALine) {
  TestDir dir;
  Result<std::unique_ptr<Logger>> logger = Logger::Open({}, dir.File("log/a.log"));
  ASSERT_TRUE(logger.ok()) << logger.error().context;
  (*logger)->Log(LogLevel::kInfo, "S/SmithJohn1/a.jpg\nforged");
  (*logger)->Log(LogLevel::kDebug, "not shown");
  EXPECT_EQ(ModeOf(dir.File("log/a.log")), 0600u);
  std::string text = dir.Read("log/a.log");
  EXPECT_NE(text.find("S/SmithJohn1/a.jpg\\x0aforged\n"), std::string::npos) << text;
  EXPECT_EQ(text.find("not shown"), std::string::npos);
}

TEST(LoggerTest, RedactionLeavesNamesOut) {
  EXPECT_EQ(Redacted("staging S/SmithJohn1/x ray.jpg: No space left"), "staging […] space left");
  EXPECT_EQ(Redacted("Stopping"), "Stopping");
  TestDir dir;
  Result<std::unique_ptr<Logger>> logger =
      Logger::Open({"", LogLevel::kInfo, true}, dir.File("log/a.log"));
  ASSERT_TRUE(logger.ok());
  (*logger)->Log(LogLevel::kInfo, "staging S/SmithJohn1/x.jpg: refused");
  EXPECT_EQ(dir.Read("log/a.log").find("Smith"), std::string::npos);
}

}  // namespace
}  // namespace atozsync
