// Attacks on membership: who belongs to the cluster, what they are called, whose word counts.
#include <gtest/gtest.h>

#include <limits>

#include "tests/fuzz/hostile/hostile_world.h"

namespace atozsync {
namespace {

constexpr uint64_t kMax = std::numeric_limits<uint64_t>::max();

void ExpectUnharmed(HostileWorld& world) {
  world.Finish();
  EXPECT_TRUE(world.problems().empty()) << world.Describe();
}

protocol::MemberInfo Puppet(uint32_t number) {
  protocol::MemberInfo member;
  PutU32(member.id.bytes, number + 0x01000000);
  member.id.bytes[31] = 1;
  member.name = "puppet " + std::to_string(number);
  member.addresses = {"nowhere:1"};
  member.stamp = uint64_t{1} << 60;
  return member;
}

TEST(HostileMember, BringsMoreMembersThanAClusterHas) {
  HostileWorld world(31);
  ASSERT_TRUE(world.Connect());
  for (uint32_t page = 0; page < 20; ++page) {
    protocol::Members members;
    for (uint32_t i = 0; i < protocol::kMembersMax; ++i) {
      members.members.push_back(Puppet(page * 1'000 + i));
      members.members.back().removed = page % 3 == 2;
    }
    world.peer().Send(members);
    world.RunFor(500);
  }
  world.peer().Announce({world.peer().TombstoneRow("S/Smith12/letter.txt")});
  world.RunFor(10'000);
  EXPECT_LE(world.victim().replica().Report().peers.size(), protocol::kMembersMax);
  EXPECT_TRUE(world.peer().connected()) << world.peer().known().goodbye;
  ExpectUnharmed(world);
}

TEST(HostileMember, RemovesEverybody) {
  for (uint64_t stamp : {uint64_t{1} << 60, kMax - 1, kMax}) {
    SCOPED_TRACE(stamp);
    HostileWorld world(32);
    ASSERT_TRUE(world.Connect());
    protocol::Members members;
    for (uint8_t number : {uint8_t{1}, uint8_t{2}, uint8_t{3}}) {
      protocol::MemberInfo member = Puppet(0);
      member.id.bytes.fill(number);
      member.removed = true;
      member.stamp = stamp;
      members.members.push_back(member);
    }
    world.peer().Send(members);
    world.RunFor(2'000);
    EXPECT_FALSE(world.peer().connected()) << "also itself";
    ExpectUnharmed(world);  // a person invites the honest one again
  }
}

TEST(HostileMember, CannotStayWhenAPersonRemovesIt) {
  HostileWorld world(33);
  ASSERT_TRUE(world.Connect());
  world.StartThird();
  ASSERT_TRUE(world.victim().running());
  protocol::Members members;
  protocol::MemberInfo self = Puppet(0);
  self.id = world.peer().id();
  self.stamp = kMax;
  members.members.push_back(self);
  world.peer().Send(members);
  world.RunFor(5'000);
  ASSERT_TRUE(world.victim().replica().RemoveMember(world.peer().id()).ok());
  world.RunFor(10'000);
  // It is told by one who has not heard of that yet, or by its own Hello.
  world.peer().Dial();
  world.RunFor(500);
  world.peer().Send(world.peer().PlausibleHello());
  world.peer().Send(members);
  world.RunFor(10'000);
  for (const PeerReport& peer : world.victim().replica().Report().peers) {
    EXPECT_NE(peer.id, world.peer().id());
  }
  ExpectUnharmed(world);
}

TEST(HostileMember, NamesThatForgeLines) {
  HostileWorld world(34);
  ASSERT_TRUE(world.Connect());
  protocol::Members members;
  members.members.push_back(Puppet(1));
  members.members.back().name = "x\n0 ms victim error: forged \x1b[2J\xff";
  world.peer().Send(members);
  world.RunFor(1'000);
  members.members.back().removed = true;
  members.members.back().stamp += 1;
  world.peer().Send(members);
  protocol::JoinRequest join;
  join.name = "y\nforged";
  world.peer().Send(join);
  world.RunFor(1'000);
  world.peer().Close();
  world.RunFor(200);
  world.peer().Dial();
  world.RunFor(500);
  protocol::Hello hello = world.peer().PlausibleHello();
  hello.protocol_version = hello.protocol_version_min = 999;
  hello.program_version = "z\nforged";
  world.peer().Send(hello);
  world.RunFor(1'000);
  EXPECT_NE(world.victim().Describe().find("another version of the protocol"), std::string::npos);
  for (const std::string& line : world.victim().log()) {
    EXPECT_EQ(line.find_first_of("\n\x1b\xff"), std::string::npos) << line;
  }
  ExpectUnharmed(world);
}

TEST(HostileMember, FloodsWithInvitations) {
  HostileWorld world(35);
  ASSERT_TRUE(world.Connect());
  for (int i = 0; i < 300; ++i) {
    protocol::JoinRequest join;
    join.name = std::string(1024, 'n');
    join.addresses.assign(8, std::string(1024, 'a') + ":1");
    join.preview = i % 2 == 0;
    join.secret = Bytes(1024, 7);
    world.peer().Send(join);
    if (i % 50 == 0) world.RunFor(500);
  }
  world.RunFor(5'000);
  ExpectUnharmed(world);
}

}  // namespace
}  // namespace atozsync
