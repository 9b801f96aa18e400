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

}  // namespace
}  // namespace atozsync
