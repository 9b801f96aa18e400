// Attacks on sessions and connections: what is said in the wrong order, too often, or never read.
#include <gtest/gtest.h>

#include <limits>

#include "protocol/frame.h"
#include "tests/fuzz/hostile/hostile_world.h"

namespace atozsync {
namespace {

constexpr uint64_t kMax = std::numeric_limits<uint64_t>::max();

void ExpectUnharmed(HostileWorld& world) {
  world.Finish();
  EXPECT_TRUE(world.problems().empty()) << world.Describe();
}

TEST(HostileSession, AMemberThatBehavesIsServed) {
  HostileWorld world(1);
  ASSERT_TRUE(world.Connect());
  world.peer().Announce({world.peer().FileRow("S/Smith12/new.jpg", "from a member")});
  ASSERT_TRUE(world.RunUntilIdle());
  EXPECT_EQ(world.Read("S/Smith12/new.jpg"), "from a member");
  ExpectUnharmed(world);
}

TEST(HostileSession, AsksForRowsBehindTheEnd) {
  HostileWorld world(2);
  ASSERT_TRUE(world.Connect());
  for (Sequence after : {Sequence{1'000'000}, Sequence{kMax}, Sequence{kMax - 1}}) {
    world.peer().Send(protocol::ListRequest{after});
    world.RunFor(1'000);
  }
  world.Write("later.txt", "made later");
  world.RunFor(1'000);
  EXPECT_TRUE(world.peer().known().rows.contains(RelPath::Trusted("later.txt")))
      << "the stream goes on from its end";
  ExpectUnharmed(world);
}

TEST(HostileSession, AcknowledgesWhatWasNeverSent) {
  HostileWorld world(3);
  ASSERT_TRUE(world.Connect());
  for (Sequence sequence : {Sequence{kMax}, Sequence{1}, Sequence{kMax - 1}}) {
    world.peer().Send(protocol::IndexAck{sequence});
  }
  world.Delete("top.txt");
  world.RunFor(30'000);
  EXPECT_EQ(world.index().totals().tombstones, 1u) << "a deletion nobody else has is not forgotten";
  ExpectUnharmed(world);
}

TEST(HostileSession, SilentStrangerIsShownOut) {
  HostileWorld world(4);
  ReplicaId id;
  id.bytes.fill(9);
  world.network().AddNode("stranger", id);
  {
    HostilePeer stranger(world.scheduler(), world.network(), "stranger", "victim", id,
                         world.victim().id());
    world.RunFor(500);
    for (int i = 0; i < 3; ++i) {
      stranger.Dial();
      world.RunFor(200);
      stranger.SetReading(false);  // answers no Ping either
    }
    world.RunFor(60'000);
    EXPECT_EQ(world.network().connections(), 4u) << "three of the stranger's, one of the member";
    stranger.SetReading(true);
    world.RunFor(1'000);
    EXPECT_FALSE(stranger.connected());
  }
  ExpectUnharmed(world);
}

}  // namespace
}  // namespace atozsync
